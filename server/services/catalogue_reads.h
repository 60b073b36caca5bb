// Reads of products and plans: parse a request, say which rows it needs, fill the response.
#ifndef LMP_SERVER_SERVICES_CATALOGUE_READS_H_
#define LMP_SERVER_SERVICES_CATALOGUE_READS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/env.h"
#include "server/services/reading.h"
#include "storage/model/world.h"

namespace lmp::server {

absl::StatusOr<std::string> ParseGetProduct(const v1::GetProductRequest& request);
model::Footprint FootprintOfProduct(const std::string& id);
absl::Status AnswerGetProduct(const model::World& world, const std::string& id, const domain::Env& env,
                              v1::Product* response);
absl::StatusOr<std::string> ParseGetServicePlan(const v1::GetServicePlanRequest& request);
model::Footprint FootprintOfServicePlan(const std::string& id);
absl::Status AnswerGetServicePlan(const model::World& world, const std::string& id, const domain::Env& env,
                                  v1::ServicePlan* response);
absl::Status FillAssignable(const Reading& reading, const std::string& customer_id,
                            v1::ListAssignableServicePlansResponse* response);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_CATALOGUE_READS_H_
