#include "server/domain/license/pool.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"

namespace lmp::domain {
namespace {

// Adds `sign` times the units of the customers' licenses in `world` that are not closed to the pools of their partners.
void Sum(const model::Rows<model::Customer>& customers, const model::World& world, int sign,
         std::map<model::RowKey, int64_t>& units) {
  for (const auto& [key, unused] : customers) {
    const model::Customer* customer = Find(world.customers, key.first);
    if (customer == nullptr) continue;
    for (const auto& [license_key, license] : Range(world.licenses, key.first)) {
      if (!license.closed) units[{customer->partner_id, license.product_id}] += int64_t{sign} * license.units;
    }
  }
}

}  // namespace

int RefillUnits(int minimum) { return (3 * minimum + 1) / 2; }

absl::Status SettlePools(const model::World& before, model::World& after) {
  if (after.pools.empty() && after.unpooled_units.empty()) return absl::OkStatus();
  std::map<model::RowKey, int64_t> delta;
  Sum(after.customers, before, -1, delta);
  Sum(after.customers, after, +1, delta);
  for (const auto& [key, units] : delta) {
    model::LicensePool* pool = Find(after.pools, key.first, key.second);
    if (pool == nullptr) {  // counted for a pool that a later command of the batch may make
      const auto unpooled = after.unpooled_units.find(key);
      if (unpooled != after.unpooled_units.end())
        unpooled->second =
            static_cast<int>(std::min<int64_t>(unpooled->second + units, std::numeric_limits<int>::max()));
      continue;
    }
    if (units == 0) continue;
    const int64_t wanted = pool->assigned + units;
    if (units > 0 && pool->minimum > 0 && pool->total - wanted < pool->minimum) {
      pool->total = std::min(kMaxPoolUnits, pool->total + RefillUnits(pool->minimum));
    }
    if (units > 0 && wanted > pool->total) {
      const std::string name = PoolName(key.first, key.second);
      const int left = std::max(0, pool->total - pool->assigned);
      return Precondition(reason::kPoolExhausted, name,
                          absl::StrCat(name, " has ", left, " units left, ", units, " more are needed"),
                          {{"available", absl::StrCat(left)}, {"needed", absl::StrCat(units)}});
    }
    pool->assigned = static_cast<int>(wanted);  // it fits, because `wanted` is at most the total
  }
  return absl::OkStatus();
}

}  // namespace lmp::domain
