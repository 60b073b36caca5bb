// Subscriptions on the wire: the assignment of a plan, and the verbs.
#ifndef LMP_SERVER_WIRE_SUBSCRIPTION_H_
#define LMP_SERVER_WIRE_SUBSCRIPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/domain/subscription/plan_updates.h"
#include "server/domain/subscription/verbs.h"
#include "server/engine/write_engine.h"
#include "server/wire/fields.h"
#include "server/wire/resource.h"

namespace lmp::wire {

void SetName(Fields& fields, const std::string& name, domain::SubscriptionCommand& command);

absl::StatusOr<model::RowKey> ParseGetSubscription(const v1::GetSubscriptionRequest& request);
absl::StatusOr<domain::AssignServicePlanCommand> ParseAssignServicePlan(const v1::AssignServicePlanRequest& request);
absl::StatusOr<domain::UpdateSubscriptionCommand> ParseUpdateSubscription(const v1::UpdateSubscriptionRequest& request);
absl::StatusOr<domain::ChangeServicePlanCommand> ParseChangeServicePlan(const v1::ChangeServicePlanRequest& request);
absl::StatusOr<domain::RenewSubscriptionCommand> ParseRenewSubscription(const v1::RenewSubscriptionRequest& request);
absl::StatusOr<domain::SuspendSubscriptionCommand> ParseSuspendSubscription(
    const v1::SuspendSubscriptionRequest& request);
absl::StatusOr<domain::UnsuspendSubscriptionCommand> ParseUnsuspendSubscription(
    const v1::UnsuspendSubscriptionRequest& request);
absl::StatusOr<domain::ApplyPlanUpdatesCommand> ParseApplyPlanUpdates(const v1::ApplyPlanUpdatesRequest& request);

void RenderAssignment(const engine::Decision& decided, const domain::AssignServicePlanResult& result,
                      v1::AssignServicePlanResponse* out);
void RenderPlanUpdates(const engine::Decision& decided, const domain::ApplyPlanUpdatesResult& result,
                       v1::ApplyPlanUpdatesResponse* out);
void RenderSubscriptionChange(const engine::Decision& decided, const domain::SubscriptionResult& result,
                              v1::SubscriptionChangeResponse* out);
void ToProto(const model::Subscription& row, const View& view, v1::Subscription* out);  // renders the licenses too

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_SUBSCRIPTION_H_
