#include "server/engine/locked_for.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/pool_rows.h"

namespace lmp::engine {
namespace {

using Pools = std::set<model::RowKey>;

Pools Both(const Pools& one, const Pools& other) {
  Pools both;
  std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::inserter(both, both.end()));
  return both;
}

Pools LockedPoolsFor(const model::Footprint& footprint, const Pools& locked, const model::World& world,
                     const std::vector<std::string>& sharers) {
  const Pools drawn_on = storage::PoolsDrawnOn(world, footprint);
  Pools own = Both(drawn_on, locked);
  if (sharers.empty()) return own;
  for (const model::RowKey& pool : Both(storage::PoolsDrawnOn(world, {.customers = sharers}), locked)) {
    const auto of_partner = drawn_on.lower_bound({pool.first, ""});
    const bool shares = of_partner != drawn_on.end() && of_partner->first == pool.first;
    // Whoever acts on a partner or a product has time pass for all that hang on it.
    if (shares || !footprint.affected.empty()) own.insert(pool);
  }
  return own;
}

}  // namespace

std::set<std::string> LockedAmong(const std::vector<std::string>& ids, const std::set<std::string>& locked) {
  std::set<std::string> in;
  std::copy_if(ids.begin(), ids.end(), std::inserter(in, in.end()),
               [&](const std::string& id) { return locked.contains(id); });
  return in;
}

storage::LockedRows LockedFor(const model::Footprint& footprint, const storage::LockedRows& locked,
                              const model::World& world, const std::vector<std::string>& sharers) {
  if (locked.empty()) return {};
  storage::LockedRows own;
  own.customers = LockedAmong(footprint.customers, locked.customers);
  own.registration_keys = LockedAmong(footprint.registration_keys, locked.registration_keys);
  own.catalog = locked.catalog && footprint.changes_catalog;
  if (!locked.pools.empty()) own.pools = LockedPoolsFor(footprint, locked.pools, world, sharers);
  for (const model::UniqueLookup& lookup : footprint.unique) {
    for (const auto& [unique, owner] : world.unique_holders) {
      const bool asked = unique.column == lookup.column && unique.value == lookup.value;
      if (asked && locked.customers.contains(owner)) own.customers.insert(owner);
    }
  }
  return own;
}

std::set<std::string> DrawingOnLocked(const std::vector<std::string>& customers, const storage::LockedRows& locked,
                                      const model::World& world) {
  std::set<std::string> drawing;
  if (locked.pools.empty()) return drawing;
  for (const std::string& id : customers) {
    if (!Both(storage::PoolsDrawnOn(world, {.customers = {id}}), locked.pools).empty()) drawing.insert(id);
  }
  return drawing;
}

}  // namespace lmp::engine
