#include "server/services/license_reads.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/license_check.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/registration_key.h"
#include "server/wire/fields.h"
#include "server/wire/read_options.h"
#include "server/wire/responses.h"
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
    fields.Duration(prefix + "max_staleness", request.requests(i).max_staleness(), wire::kLongestStaleness);
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

}  // namespace lmp::server
