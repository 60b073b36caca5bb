#include "server/services/catalogue_reads.h"

#include "absl/strings/str_cat.h"
#include "server/domain/license_check.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/engine/catch_up.h"
#include "server/wire/fields.h"
#include "server/wire/responses.h"
#include "storage/lists.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::server {

absl::StatusOr<std::string> ParseGetProduct(const v1::GetProductRequest& request) {
  return wire::ParseName("name", request.name(), "products");
}

model::Footprint FootprintOfProduct(const std::string& id) { return {.products = {id}}; }

absl::Status AnswerGetProduct(const model::World& world, const std::string& id, const domain::Env& env,
                              v1::Product* response) {
  ASSIGN_OR_RETURN(const model::Product* product, domain::FindProduct(world, id));
  wire::ToProto(*product, {world, env.today}, response);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ParseGetServicePlan(const v1::GetServicePlanRequest& request) {
  return wire::ParseName("name", request.name(), "servicePlans");
}

model::Footprint FootprintOfServicePlan(const std::string& id) { return {.service_plans = {id}}; }

absl::Status AnswerGetServicePlan(const model::World& world, const std::string& id, const domain::Env& env,
                                  v1::ServicePlan* response) {
  ASSIGN_OR_RETURN(const model::ServicePlan* plan, domain::FindServicePlan(world, env.caller, id));
  wire::ToProto(*plan, {world, env.today}, response);
  return absl::OkStatus();
}

absl::Status FillAssignable(const Reading& reading, const std::string& customer_id,
                            v1::ListAssignableServicePlansResponse* response) {
  const domain::Env& env = reading.env;
  ASSIGN_OR_RETURN(model::World world, storage::LoadPlansForCustomer(reading.connection, customer_id, reading.cache));
  RETURN_IF_ERROR(engine::CatchUp(reading.connection, reading.cache, env.now, world));
  ASSIGN_OR_RETURN(const model::Customer* customer, FindCustomer(world, env.caller, customer_id));
  wire::RenderAssignable({world, env.today}, *customer, env, response);
  return absl::OkStatus();
}

}  // namespace lmp::server
