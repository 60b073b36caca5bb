#include "server/wire/license.h"

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

absl::Status RespondChecks(const model::World& world, const std::vector<model::RowKey>& keys, const domain::Env& env,
                           v1::BatchCheckLicensesResponse* response) {
  for (const model::RowKey& key : keys) {
    v1::CheckLicenseResponse* answer = response->add_responses();
    if (RespondCheck(world, key, env, answer).ok()) continue;
    answer->set_reason(v1::CheckLicenseResponse::CUSTOMER_UNKNOWN);
    wire::ToProto(env.now, answer->mutable_read_time());
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
