#include "server/wire/license.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/license/license_check.h"
#include "server/domain/license/license_verbs.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/rpcs/list.h"
#include "server/rpcs/mutation.h"
#include "server/rpcs/of_customer.h"
#include "server/rpcs/query.h"
#include "server/wire/mutation_request.h"

namespace lmp::rpcs {
namespace {

using Changes = wire::IndexedField::Changes;

absl::Status RespondLicense(const model::World& world, const model::RowKey& key, const domain::Env& env,
                            v1::License* response) {
  RETURN_IF_ERROR(domain::FindCustomer(world, env.caller, key.first).status());
  const model::License* license = Find(world.licenses, key.first, key.second);
  if (license == nullptr) {
    return domain::NotFound(domain::reason::kLicenseNotFound, domain::LicenseName(key.first, key.second));
  }
  wire::ToProto(*license, {world, env.today}, response);
  return absl::OkStatus();
}

model::Footprint FootprintOfLicense(const model::RowKey& key) { return {.lone_licenses = {key}}; }

model::Footprint FootprintOfCheck(const model::RowKey& key) { return {.license_checks = {key}}; }

absl::Status RespondCheck(const model::World& world, const model::RowKey& key, const domain::Env& env,
                          v1::CheckLicenseResponse* response) {
  RETURN_IF_ERROR(domain::FindCustomer(world, env.caller, key.first).status());
  wire::RenderLicenseCheck(domain::CheckLicense(world, key.first, key.second, env.today), env.now, response);
  return absl::OkStatus();
}

model::Footprint FootprintOfChecks(const std::vector<model::RowKey>& keys) { return {.license_checks = keys}; }

// Each license is looked at once, and each pair judged once, however often it is asked for.
absl::Status RespondChecks(const model::World& world, const std::vector<model::RowKey>& keys, const domain::Env& env,
                           v1::BatchCheckLicensesResponse* response) {
  std::map<model::RowKey, std::vector<const model::License*>> wanted;
  for (const model::RowKey& key : keys) wanted[key];
  std::set<std::string> customers;
  for (const auto& [key, licenses] : wanted) customers.insert(key.first);
  for (const std::string& id : customers) {
    for (const auto& [key, license] : Range(world.licenses, id)) {
      if (const auto pair = wanted.find({id, license.product_id}); pair != wanted.end())
        pair->second.push_back(&license);
    }
  }
  std::map<model::RowKey, int> answered;  // the place of the first answer
  for (const model::RowKey& key : keys) {
    v1::CheckLicenseResponse* answer = response->add_responses();
    const auto [first, added] = answered.emplace(key, response->responses_size() - 1);
    if (!added) {
      *answer = response->responses(first->second);
    } else if (domain::FindCustomer(world, env.caller, key.first).ok()) {
      wire::RenderLicenseCheck(domain::CheckLicense(world, wanted.at(key), env.today), env.now, answer);
    } else {
      answer->set_reason(v1::CheckLicenseResponse::CUSTOMER_UNKNOWN);
      wire::ToProto(env.now, answer->mutable_read_time());
    }
  }
  return absl::OkStatus();
}

Listing<v1::ListLicensesRequest, v1::ListLicensesResponse, model::License, v1::License> Licenses() {
  return {.find = {{"product", "product_id", "products"}},  // products on other levels of the family are other products
          .orders = {{"expiration_date", "expiration_date", "", Changes::kWithTime}},
          .check = CheckCustomer<v1::ListLicensesRequest>,
          .select = SelectOfCustomer};
}

}  // namespace

std::vector<Rpc> LicenseRpcs() {
  return {
      QueryRpc{.name = "GetLicense",
               .needs = Permission::kReadLicenses,
               .parse = wire::ParseGetLicense,
               .footprint = FootprintOfLicense,
               .respond = RespondLicense},
      ListRpc{.name = "ListLicenses", .needs = Permission::kReadLicenses, .list = Licenses()},
      QueryRpc{.name = "CheckLicense",
               .needs = Permission::kCheckLicenses,
               .lane = Lane::kChecks,
               .parse = wire::ParseCheckLicense,
               .footprint = FootprintOfCheck,
               .respond = RespondCheck},
      QueryRpc{.name = "BatchCheckLicenses",
               .needs = Permission::kCheckLicenses,
               .lane = Lane::kChecks,
               .parse = wire::ParseBatchCheckLicenses,
               .footprint = FootprintOfChecks,
               .respond = RespondChecks},
      MutationRpc{.name = "ActivateLicense",
                  .event = event::kLicenseActivated,
                  .needs = Permission::kActivateLicenses,
                  .parse = wire::ParseNamed<v1::ActivateLicenseRequest, domain::ActivateLicenseCommand>,
                  .decide = domain::ActivateLicense,
                  .render = wire::RenderLicense},
      MutationRpc{.name = "DeleteUnbundledLicense",
                  .event = event::kLicenseDeleted,
                  .needs = Permission::kManageLicenses,
                  .parse = wire::ParseNamed<v1::DeleteUnbundledLicenseRequest, domain::DeleteUnbundledLicenseCommand>,
                  .decide = domain::DeleteUnbundledLicense,
                  .render = wire::RenderLicense},
      MutationRpc{.name = "ReportUsage",
                  .event = event::kUsageReported,
                  .needs = Permission::kReportUsage,
                  .parse = wire::ParseReportUsage,
                  .decide = domain::ReportUsage,
                  .render = wire::RenderLicense},
  };
}

}  // namespace lmp::rpcs
