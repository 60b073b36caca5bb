#include "server/services/licensing_service.h"

#include <string>

#include "server/domain/license_check.h"
#include "server/domain/lookup.h"
#include "server/domain/plan_assignment.h"
#include "server/domain/product.h"
#include "server/domain/reasons.h"
#include "server/domain/service_plan.h"
#include "server/wire/fields.h"

namespace lmp::server {
namespace {

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
  ASSIGN_OR_RETURN(const model::ServicePlan* plan, FindServicePlan(world, env.caller, id));
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
  ASSIGN_OR_RETURN(const storage::Page page, storage::ListPlansForCustomer(connection, customer_id, cache));
  ASSIGN_OR_RETURN(const model::Customer* customer, FindCustomer(page.world, env.caller, customer_id));
  wire::RenderAssignable({page.world, env.today}, *customer, env, response);
  return absl::OkStatus();
}

// A customer's row of some kind: customers/{first}/…/{second}.
model::Footprint FootprintOfCustomerRow(const model::RowKey& key) { return {.customers = {key.first}}; }

absl::StatusOr<model::RowKey> ParseGetSubscription(const v1::GetSubscriptionRequest& request) {
  return wire::ParseChildName("name", request.name(), "customers", "subscriptions");
}

absl::Status AnswerGetSubscription(const model::World& world, const model::RowKey& key, const domain::Env& env,
                                   v1::Subscription* response) {
  RETURN_IF_ERROR(FindCustomer(world, env.caller, key.first).status());
  const model::Subscription* subscription = Find(world.subscriptions, key.first, key.second);
  if (subscription == nullptr) {
    return domain::NotFound(domain::reason::kSubscriptionNotFound, domain::SubscriptionName(key.first, key.second));
  }
  wire::ToProto(*subscription, {world, env.today}, response);
  return absl::OkStatus();
}

absl::StatusOr<model::RowKey> ParseGetLicense(const v1::GetLicenseRequest& request) {
  return wire::ParseChildName("name", request.name(), "customers", "licenses");
}

absl::Status AnswerGetLicense(const model::World& world, const model::RowKey& key, const domain::Env& env,
                              v1::License* response) {
  RETURN_IF_ERROR(FindCustomer(world, env.caller, key.first).status());
  const model::License* license = Find(world.licenses, key.first, key.second);
  if (license == nullptr) {
    return domain::NotFound(domain::reason::kLicenseNotFound, domain::LicenseName(key.first, key.second));
  }
  wire::ToProto(*license, {world, env.today}, response);
  return absl::OkStatus();
}

// The customer that a list of children is about, set in the options; "customers/-" sets none. An unknown one is an error
// and not an empty page.
template <class Request>
absl::Status SetParent(storage::Connection& connection, storage::CatalogueCache& cache, const Request& request,
                       const domain::Env& env, storage::PageOptions& options) {
  wire::Fields fields;
  options.customer_id = fields.ParentOrAll("parent", request.parent(), "customers");
  RETURN_IF_ERROR(fields.status());
  if (options.customer_id.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const model::World world, storage::LoadCustomerRow(connection, options.customer_id, cache));
  return FindCustomer(world, env.caller, options.customer_id).status();
}

absl::Status ListSubscriptions(storage::Connection& connection, storage::CatalogueCache& cache,
                               const v1::ListSubscriptionsRequest& request, storage::PageOptions options,
                               const domain::Env& env, v1::ListSubscriptionsResponse* response) {
  RETURN_IF_ERROR(SetParent(connection, cache, request, env, options));
  ASSIGN_OR_RETURN(const storage::Page page, storage::ListSubscriptions(connection, options, cache));
  for (const auto& key : page.keys) {
    wire::ToProto(*Find(page.world.subscriptions, key.first, key.second), {page.world, env.today},
                  response->add_subscriptions());
  }
  response->set_next_page_token(wire::NextPageToken(request, page));
  return absl::OkStatus();
}

absl::Status ListLicenses(storage::Connection& connection, storage::CatalogueCache& cache,
                          const v1::ListLicensesRequest& request, storage::PageOptions options, const domain::Env& env,
                          v1::ListLicensesResponse* response) {
  RETURN_IF_ERROR(SetParent(connection, cache, request, env, options));
  ASSIGN_OR_RETURN(const storage::Page page, storage::ListLicenses(connection, options, cache));
  for (const auto& key : page.keys) {
    wire::ToProto(*Find(page.world.licenses, key.first, key.second), {page.world, env.today}, response->add_licenses());
  }
  response->set_next_page_token(wire::NextPageToken(request, page));
  return absl::OkStatus();
}

absl::StatusOr<model::RowKey> ParseCheckLicense(const v1::CheckLicenseRequest& request) {
  wire::Fields fields;
  model::RowKey key(fields.Name("customer", request.customer(), "customers"),
                    fields.Name("product", request.product(), "products"));
  RETURN_IF_ERROR(fields.status());
  return key;
}

model::Footprint FootprintOfCheck(const model::RowKey& key) { return {.license_checks = {key}}; }

absl::Status AnswerCheckLicense(const model::World& world, const model::RowKey& key, const domain::Env& env,
                                v1::CheckLicenseResponse* response) {
  RETURN_IF_ERROR(FindCustomer(world, env.caller, key.first).status());
  wire::Render(domain::CheckLicense(world, key.first, key.second, env.today), env.now, response);
  return absl::OkStatus();
}

}  // namespace

LicensingService::LicensingService(Engines engines) : RpcService("lmp.v1.LicensingService", engines) {
  AddMutation<v1::CreateProductRequest, v1::Product>("CreateProduct", "PRODUCT_CREATED", domain::CreateProduct);
  AddQuery("GetProduct", engines.reads, ParseGetProduct, FootprintOfProduct, AnswerGetProduct);
  AddList("ListProducts", ListProducts);
  AddMutation<v1::UpdateProductRequest, v1::Product>("UpdateProduct", "PRODUCT_UPDATED", domain::UpdateProduct);

  AddMutation<v1::CreateServicePlanRequest, v1::ServicePlan>("CreateServicePlan", "SERVICE_PLAN_CREATED",
                                                             domain::CreateServicePlan);
  AddQuery("GetServicePlan", engines.reads, ParseGetServicePlan, FootprintOfServicePlan, AnswerGetServicePlan);
  AddList("ListServicePlans", ListServicePlans);
  AddMutation<v1::UpdateServicePlanRequest, v1::ServicePlan>("UpdateServicePlan", "SERVICE_PLAN_UPDATED",
                                                             domain::UpdateServicePlan);
  Add<v1::ListAssignableServicePlansRequest>(
      "ListAssignableServicePlans", [this, &cache = engines.cache](Call* call, const auto& request) {
        const auto id = wire::ParseName("customer", request.customer(), "customers");
        if (!id.ok()) return call->Answer(id.status());
        SubmitList<v1::ListAssignableServicePlansResponse>(
            call, [&cache, id = *id](storage::Connection& connection, const domain::Env& env, auto* response) {
              return FillAssignable(connection, cache, id, env, response);
            });
      });

  AddMutation<v1::AssignServicePlanRequest, v1::AssignServicePlanResponse>(
      "AssignServicePlan", "SERVICE_PLAN_ASSIGNED", domain::AssignServicePlan);
  AddQuery("GetSubscription", engines.reads, ParseGetSubscription, FootprintOfCustomerRow, AnswerGetSubscription);
  AddList("ListSubscriptions", ListSubscriptions);

  AddQuery("GetLicense", engines.reads, ParseGetLicense, FootprintOfCustomerRow, AnswerGetLicense);
  AddList("ListLicenses", ListLicenses);
  AddQuery("CheckLicense", engines.checks, ParseCheckLicense, FootprintOfCheck, AnswerCheckLicense);
}

}  // namespace lmp::server
