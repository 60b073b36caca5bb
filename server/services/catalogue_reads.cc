#include "server/services/catalogue_reads.h"

#include "absl/strings/str_cat.h"
#include "server/domain/license_check.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/engine/catch_up.h"
#include "server/wire/fields.h"
#include "server/wire/page_token.h"
#include "server/wire/responses.h"
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

absl::Status ListProducts(storage::Connection& connection, storage::CatalogueCache&,
                          const v1::ListProductsRequest& request, storage::PageOptions options, const domain::Env& env,
                          v1::ListProductsResponse* response) {
  ASSIGN_OR_RETURN(const storage::Page page, storage::ListProducts(connection, options));
  for (const auto& key : page.keys) {
    wire::ToProto(*Find(page.world.catalogue->products, key.first), {page.world, env.today}, response->add_products());
  }
  response->set_next_page_token(wire::NextPageToken(request, page));
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

absl::Status ListServicePlans(storage::Connection& connection, storage::CatalogueCache& cache,
                              const v1::ListServicePlansRequest& request, storage::PageOptions options,
                              const domain::Env& env, v1::ListServicePlansResponse* response) {
  ASSIGN_OR_RETURN(const storage::Page page, storage::ListServicePlans(connection, options, cache));
  for (const auto& key : page.keys) {
    wire::ToProto(*Find(page.world.catalogue->service_plans, key.first), {page.world, env.today},
                  response->add_service_plans());
  }
  response->set_next_page_token(wire::NextPageToken(request, page));
  return absl::OkStatus();
}

absl::Status FillAssignable(storage::Connection& connection, storage::CatalogueCache& cache,
                            const std::string& customer_id, const domain::Env& env,
                            v1::ListAssignableServicePlansResponse* response) {
  ASSIGN_OR_RETURN(storage::Page page, storage::ListPlansForCustomer(connection, customer_id, cache));
  RETURN_IF_ERROR(engine::CatchUp(connection, cache, env.now, page.world));
  ASSIGN_OR_RETURN(const model::Customer* customer, FindCustomer(page.world, env.caller, customer_id));
  wire::RenderAssignable({page.world, env.today}, *customer, env, response);
  return absl::OkStatus();
}

}  // namespace lmp::server
