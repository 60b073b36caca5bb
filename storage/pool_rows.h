// License pools, as writers and readers load them. Pools are contended: all who draw on one lock it. So a writer waits
// for a moment; only if a pool stays locked, it goes on without it.
#ifndef LMP_STORAGE_POOL_ROWS_H_
#define LMP_STORAGE_POOL_ROWS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/locked_rows.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

enum class Locking {
  kNone,   // for a reader, in a snapshot
  kWrite,  // for a writer: see the order in world_store.h
};

// Adds the pools that the world's customers draw on, or may draw on with the world's plans. LoadWorld uses it for
// writers. With `locked`, those that another session keeps locked are named there instead, as are those of
// `locked->known_pools`, at once. Errors: those of the connection.
absl::Status LoadPools(Connection& connection, Locking locking, model::World& world, LockedRows* locked = nullptr);

// Adds these pools, of (partner, product), as far as they exist. With `locked` as above.
absl::Status LoadPoolsByKey(Connection& connection, const std::vector<model::RowKey>& keys, Locking locking,
                            model::World& world, LockedRows* locked);

// The pools that these customers draw on, or may draw on with these plans: those of their partners, of products that
// the world's rows lead to. Whether they exist is not asked.
std::set<model::RowKey> PoolsDrawnOn(const model::World& world, const model::Footprint& footprint);

// Returns those of the pools that another session has locked now. It locks nothing for longer than it takes. Call it
// outside of a transaction. Errors: those of the connection.
absl::StatusOr<std::set<model::RowKey>> StillLockedPools(Connection& connection, const std::set<model::RowKey>& pools);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_POOL_ROWS_H_
