#include "server/wire/license_pool.h"

#include <string>
#include <vector>

#include "server/domain/license/pool_verbs.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/rpcs/list.h"
#include "server/rpcs/mutation.h"
#include "server/rpcs/query.h"
#include "server/wire/mutation_request.h"

namespace lmp::rpcs {
namespace {

using Changes = wire::IndexedField::Changes;

model::Footprint FootprintOfPool(const model::RowKey& key) { return {.pools = {key}}; }

absl::Status RespondLicensePool(const model::World& world, const model::RowKey& key, const domain::Env& env,
                                v1::LicensePool* response) {
  RETURN_IF_ERROR(domain::FindPartner(world, env.caller, key.first).status());
  const model::LicensePool* pool = Find(world.pools, key.first, key.second);
  if (pool == nullptr) return domain::NotFound(domain::reason::kPoolNotFound, domain::PoolName(key.first, key.second));
  wire::ToProto(*pool, {world, env.today}, response);
  return absl::OkStatus();
}

std::string ParsePartner(const v1::ListLicensePoolsRequest& request, wire::Fields& fields) {
  return fields.ParentOrAll("parent", request.parent(), "partners");
}

absl::Status CheckPools(const v1::ListLicensePoolsRequest& request) {
  wire::Fields fields;
  ParsePartner(request, fields);
  return fields.status();
}

absl::StatusOr<Selection> SelectPools(const Reading& reading, const v1::ListLicensePoolsRequest& request,
                                      std::optional<absl::Time> read_time) {
  wire::Fields checked;
  const std::string partner_id = ParsePartner(request, checked);
  if (partner_id.empty()) return Selection{};
  ASSIGN_OR_RETURN(const model::World world, LoadAsOf(reading, {.partners = {partner_id}}, read_time));
  RETURN_IF_ERROR(domain::FindPartner(world, reading.env.caller, partner_id).status());
  return Selection{{"partner_id", partner_id}};
}

Listing<v1::ListLicensePoolsRequest, v1::ListLicensePoolsResponse, model::LicensePool, v1::LicensePool> LicensePools() {
  return {.find = {{"product", "product_id", "products", Changes::kNever}}, .check = CheckPools, .select = SelectPools};
}

}  // namespace

std::vector<Rpc> LicensePoolRpcs() {
  return {
      QueryRpc{.name = "GetLicensePool",
               .needs = Permission::kReadPools,
               .lane = Lane::kLists,  // at midnight all that is due to those who draw on it is looked through
               .parse = wire::ParseGetLicensePool,
               .footprint = FootprintOfPool,
               .respond = RespondLicensePool},
      ListRpc{.name = "ListLicensePools", .needs = Permission::kReadPools, .list = LicensePools()},
      MutationRpc{.name = "UpdateLicensePool",
                  .event = event::kLicensePoolUpdated,
                  .needs = Permission::kManagePools,
                  .parse = wire::ParseUpdateLicensePool,
                  .decide = domain::UpdateLicensePool,
                  .render = wire::RenderLicensePool},
      MutationRpc{.name = "AddLicensePoolUnits",
                  .event = event::kLicensePoolUnitsAdded,
                  .needs = Permission::kManagePools,
                  .parse = wire::ParseAddLicensePoolUnits,
                  .decide = domain::AddLicensePoolUnits,
                  .render = wire::RenderLicensePool},
  };
}

}  // namespace lmp::rpcs
