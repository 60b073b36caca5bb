// Service plans on the wire.
#ifndef LMP_SERVER_WIRE_SERVICE_PLAN_H_
#define LMP_SERVER_WIRE_SERVICE_PLAN_H_

#include <string>

#include "absl/status/statusor.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/catalog/catalog_verbs.h"
#include "server/domain/catalog/service_plan.h"
#include "server/domain/env.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/engine/write_engine.h"
#include "server/wire/resource.h"
#include "server/wire/server_context.h"

namespace lmp::wire {

absl::StatusOr<domain::CreateServicePlanCommand> ParseCreateServicePlan(const v1::CreateServicePlanRequest& request,
                                                                        const ServerContext& context);
absl::StatusOr<std::string> ParseGetServicePlan(const v1::GetServicePlanRequest& request);
absl::StatusOr<domain::UpdateServicePlanCommand> ParseUpdateServicePlan(const v1::UpdateServicePlanRequest& request);
absl::StatusOr<domain::ApproveServicePlanCommand> ParseApproveServicePlan(const v1::ApproveServicePlanRequest& request);

void RenderServicePlan(const engine::Decision& decided, const std::string& service_plan_id, v1::ServicePlan* out);
// A line of the drop-down of the assignment form; `refused` is what an assignment of the plan would be answered.
void ToProto(const model::ServicePlan& row, const absl::Status& refused, const View& view,
             v1::AssignableServicePlan* out);
void ToProto(const model::ServicePlan& row, const View& view, v1::ServicePlan* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_SERVICE_PLAN_H_
