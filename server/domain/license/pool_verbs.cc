#include "server/domain/license/pool_verbs.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "server/domain/license/pool.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
absl::StatusOr<model::RowKey> UpdateLicensePool(model::World& world, const UpdateLicensePoolCommand& command,
                                                const Env& env) {
  RETURN_IF_ERROR(FindWritablePartner(world, env.caller, Verb::kUpdateLicensePool, command.partner_id).status());
  const std::string name = PoolName(command.partner_id, command.product_id);
  model::LicensePool* pool = Find(world.pools, command.partner_id, command.product_id);
  if (pool == nullptr) return NotFound(reason::kPoolNotFound, name);
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(pool->stamp), name));
  if (pool->minimum == command.minimum) return KeyOf(*pool);  // the same value is no change, and causes no refill
  pool->minimum = command.minimum;
  if (pool->minimum > 0 && pool->total - pool->assigned < pool->minimum) {
    pool->total = std::min(kMaxPoolUnits, pool->total + RefillUnits(pool->minimum));
  }
  return KeyOf(*pool);
}

absl::StatusOr<model::RowKey> AddLicensePoolUnits(model::World& world, const AddLicensePoolUnitsCommand& command,
                                                  const Env& env) {
  RETURN_IF_ERROR(FindWritablePartner(world, env.caller, Verb::kAddLicensePoolUnits, command.partner_id).status());
  ASSIGN_OR_RETURN(const model::Product* product, FindProduct(world, command.product_id));
  const std::string name = PoolName(command.partner_id, command.product_id);
  if (product->kind == model::ProductKind::kSuite) {
    return InvalidFields({{"name", "names a SUITE: its components have pools, not the suite"}});
  }
  model::LicensePool* existing = Find(world.pools, command.partner_id, command.product_id);
  model::LicensePool pool;
  int64_t assigned = 0;
  if (existing != nullptr) {
    pool = *existing;
    RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(pool.stamp), name));
  } else {
    pool.partner_id = command.partner_id;
    pool.product_id = command.product_id;
    const auto unpooled = world.unpooled_units.find({command.partner_id, command.product_id});
    if (unpooled != world.unpooled_units.end()) assigned = unpooled->second;
  }
  if (pool.total > kMaxPoolUnits - command.units) {
    return InvalidFields({{"units", absl::StrCat("must leave the pool with no more than ", kMaxPoolUnits)}});
  }
  pool.total += command.units;
  if (existing == nullptr && assigned > pool.total) {
    return Precondition(reason::kPoolExhausted, name,
                        absl::StrCat(assigned, " units are assigned already: a new pool needs at least as many"),
                        {{"needed", absl::StrCat(assigned)}});
  }
  if (existing == nullptr) pool.assigned = static_cast<int>(assigned);
  world.pools[KeyOf(pool)] = pool;
  return KeyOf(pool);
}

}  // namespace lmp::domain
