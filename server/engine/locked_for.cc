#include "server/engine/locked_for.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/pool_rows.h"

namespace lmp::engine {
namespace {

using Pools = std::set<model::RowKey>;

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

template <class Row>
void AddLocked(const std::vector<std::string>& ids, const storage::LockedRows& locked, storage::LockedRows& own) {
  for (const std::string& id : storage::Among<Row>(ids, locked.rows)) own.rows.insert(storage::NameOf<Row>(id));
}

}  // namespace

std::set<model::RowKey> Both(const std::set<model::RowKey>& one, const std::set<model::RowKey>& other) {
  std::set<model::RowKey> both;
  std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::inserter(both, both.end()));
  return both;
}

storage::LockedRows LockedFor(const model::Footprint& footprint, const storage::LockedRows& locked,
                              const model::World& world, const std::vector<std::string>& sharers) {
  if (locked.empty()) return {};
  storage::LockedRows own;
  AddLocked<model::Customer>(footprint.customers, locked, own);
  AddLocked<model::RegistrationKey>(footprint.registration_keys, locked, own);
  AddLocked<model::ApiKey>(footprint.api_keys, locked, own);
  own.catalog = locked.catalog && footprint.changes_catalog;
  if (!locked.pools.empty()) own.pools = LockedPoolsFor(footprint, locked.pools, world, sharers);
  for (const model::UniqueLookup& lookup : footprint.unique) {
    for (const auto& [unique, owner] : world.unique_holders) {
      const bool asked = unique.column == lookup.column && unique.value == lookup.value;
      if (asked) AddLocked<model::Customer>({owner}, locked, own);
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
