#include "server/services/license_reads.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/license_check.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/registration_key.h"
#include "server/engine/catch_up.h"
#include "server/wire/fields.h"
#include "server/wire/page_token.h"
#include "server/wire/responses.h"
#include "storage/columns.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::server {

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

namespace {

// The customer that a list of children is about, set in the options; "customers/-" sets none. An unknown one is an error
// and not an empty page.
template <class Request>
absl::Status SetParent(storage::Connection& connection, storage::CatalogueCache& cache, const Request& request,
                       const domain::Env& env, storage::PageOptions& options) {
  wire::Fields fields;
  options.parent_id = fields.ParentOrAll("parent", request.parent(), "customers");
  RETURN_IF_ERROR(fields.status());
  if (options.parent_id.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const model::World world, storage::LoadCustomerRow(connection, options.parent_id, cache));
  return FindCustomer(world, env.caller, options.parent_id).status();
}

}  // namespace

absl::Status ListSubscriptions(storage::Connection& connection, storage::CatalogueCache& cache,
                               const v1::ListSubscriptionsRequest& request, storage::PageOptions options,
                               const domain::Env& env, v1::ListSubscriptionsResponse* response) {
  RETURN_IF_ERROR(SetParent(connection, cache, request, env, options));
  ASSIGN_OR_RETURN(storage::Page page, storage::ListSubscriptions(connection, options, cache));
  RETURN_IF_ERROR(engine::CatchUp(connection, cache, env.now, page.world));
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
  ASSIGN_OR_RETURN(storage::Page page, storage::ListLicenses(connection, options, cache));
  RETURN_IF_ERROR(engine::CatchUp(connection, cache, env.now, page.world));
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

constexpr int kMaxBatchChecks = 1000;

absl::StatusOr<std::vector<model::RowKey>> ParseBatchCheckLicenses(const v1::BatchCheckLicensesRequest& request) {
  wire::Fields fields;
  std::vector<model::RowKey> keys;
  if (request.requests_size() < 1 || request.requests_size() > kMaxBatchChecks) {
    fields.Fail("requests", absl::StrCat("must be 1 to ", kMaxBatchChecks));
  }
  for (int i = 0; i < request.requests_size() && i < kMaxBatchChecks; ++i) {
    const std::string prefix = absl::StrCat("requests[", i, "].");
    keys.emplace_back(fields.Name(prefix + "customer", request.requests(i).customer(), "customers"),
                      fields.Name(prefix + "product", request.requests(i).product(), "products"));
  }
  RETURN_IF_ERROR(fields.status());
  return keys;
}

model::Footprint FootprintOfChecks(const std::vector<model::RowKey>& keys) { return {.license_checks = keys}; }

absl::Status AnswerBatchCheckLicenses(const model::World& world, const std::vector<model::RowKey>& keys,
                                      const domain::Env& env, v1::BatchCheckLicensesResponse* response) {
  for (const model::RowKey& key : keys) {
    v1::CheckLicenseResponse* answer = response->add_responses();
    if (AnswerCheckLicense(world, key, env, answer).ok()) continue;
    answer->set_reason(v1::CheckLicenseResponse::CUSTOMER_UNKNOWN);
    wire::ToProto(env.now, answer->mutable_read_time());
  }
  return absl::OkStatus();
}

absl::Status ListScheduledChanges(storage::Connection& connection, storage::CatalogueCache& cache,
                                  const v1::ListScheduledChangesRequest& request, storage::PageOptions options,
                                  const domain::Env& env, v1::ListScheduledChangesResponse* response) {
  wire::Fields fields;
  const model::RowKey parent = fields.ChildOrAll("parent", request.parent(), "customers", "subscriptions");
  RETURN_IF_ERROR(fields.status());
  ASSIGN_OR_RETURN(model::World world, storage::LoadScheduledChanges(connection, parent.first, cache));
  RETURN_IF_ERROR(domain::FindCustomer(world, env.caller, parent.first).status());
  RETURN_IF_ERROR(engine::CatchUp(connection, cache, env.now, world));
  std::map<model::RowKey, const model::ScheduledChange*> ordered;  // by day, then id
  for (const auto& [key, change] : world.scheduled_changes) {
    if (!parent.second.empty() && change.subscription_id != parent.second) continue;
    if (!request.show_all() && change.state != model::ChangeState::kPending) continue;
    ordered[{storage::FormatDate(change.effective_date), change.change_id}] = &change;
  }
  storage::Page page;
  for (auto it = ordered.upper_bound(options.after); it != ordered.end(); ++it) {
    page.more = static_cast<int>(page.keys.size()) == options.limit;
    if (page.more) break;
    page.keys.push_back(it->first);
    wire::ToProto(*it->second, {world, env.today}, response->add_scheduled_changes());
  }
  response->set_next_page_token(wire::NextPageToken(request, page));
  return absl::OkStatus();
}

absl::StatusOr<model::RowKey> ParseGetLicensePool(const v1::GetLicensePoolRequest& request) {
  return wire::ParseChildName("name", request.name(), "partners", "licensePools");
}

model::Footprint FootprintOfPool(const model::RowKey& key) { return {.pools = {key}}; }

absl::Status AnswerGetLicensePool(const model::World& world, const model::RowKey& key, const domain::Env& env,
                                  v1::LicensePool* response) {
  RETURN_IF_ERROR(domain::FindPartner(world, env.caller, key.first).status());
  const model::LicensePool* pool = Find(world.pools, key.first, key.second);
  if (pool == nullptr) return domain::NotFound(domain::reason::kPoolNotFound, domain::PoolName(key.first, key.second));
  wire::ToProto(*pool, {world, env.today}, response);
  return absl::OkStatus();
}

absl::Status ListLicensePools(storage::Connection& connection, storage::CatalogueCache& cache,
                              const v1::ListLicensePoolsRequest& request, storage::PageOptions options,
                              const domain::Env& env, v1::ListLicensePoolsResponse* response) {
  wire::Fields fields;
  options.parent_id = fields.ParentOrAll("parent", request.parent(), "partners");
  RETURN_IF_ERROR(fields.status());
  if (!options.parent_id.empty()) {
    ASSIGN_OR_RETURN(const model::World world, storage::LoadWorld(connection, {.partners = {options.parent_id}},
                                                                  storage::Locking::kNone, cache));
    RETURN_IF_ERROR(domain::FindPartner(world, env.caller, options.parent_id).status());
  }
  ASSIGN_OR_RETURN(const storage::Page page, storage::ListLicensePools(connection, options));
  for (const auto& key : page.keys) {
    wire::ToProto(*Find(page.world.pools, key.first, key.second), {page.world, env.today}, response->add_license_pools());
  }
  response->set_next_page_token(wire::NextPageToken(request, page));
  return absl::OkStatus();
}

absl::StatusOr<std::string> ParseGetRegistrationKey(const v1::GetRegistrationKeyRequest& request) {
  return wire::ParseName("name", request.name(), "registrationKeys");
}

model::Footprint FootprintOfRegistrationKey(const std::string& id) { return {.registration_keys = {id}}; }

absl::Status AnswerGetRegistrationKey(const model::World& world, const std::string& id, const domain::Env& env,
                                      v1::RegistrationKey* response) {
  ASSIGN_OR_RETURN(const model::RegistrationKey* key, domain::FindRegistrationKey(world, env.caller, id));
  wire::ToProto(*key, {world, env.today}, response);
  return absl::OkStatus();
}

absl::Status ListRegistrationKeys(storage::Connection& connection, storage::CatalogueCache& cache,
                                  const v1::ListRegistrationKeysRequest& request, storage::PageOptions options,
                                  const domain::Env& env, v1::ListRegistrationKeysResponse* response) {
  wire::Fields fields;
  options.service_plan_id = fields.OptionalName("service_plan", request.service_plan(), "servicePlans");
  RETURN_IF_ERROR(fields.status());
  if (!options.service_plan_id.empty()) {
    ASSIGN_OR_RETURN(const model::World world, storage::LoadWorld(connection, {.service_plans = {options.service_plan_id}},
                                                                  storage::Locking::kNone, cache));
    RETURN_IF_ERROR(domain::FindServicePlan(world, env.caller, options.service_plan_id).status());
  }
  ASSIGN_OR_RETURN(const storage::Page page, storage::ListRegistrationKeys(connection, options, cache));
  for (const auto& [id, none] : page.keys) {
    wire::ToProto(*Find(page.world.registration_keys, id), {page.world, env.today}, response->add_registration_keys());
  }
  response->set_next_page_token(wire::NextPageToken(request, page));
  return absl::OkStatus();
}

}  // namespace lmp::server
