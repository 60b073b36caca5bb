// Loads the rows that decisions need, and saves what the decisions changed: one statement per table, however many
// commands there are.
#ifndef LMP_STORAGE_WORLD_STORE_H_
#define LMP_STORAGE_WORLD_STORE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/catalog_cache.h"
#include "storage/locked_rows.h"
#include "storage/model/change_set.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"
#include "storage/pool_rows.h"

namespace lmp::storage {

// Loads everything that the footprint names, with what belongs to it (world.h). A row that does not exist is simply not
// there.
//
// All writers lock in the same order, so that two of them can wait for each other but not in a circle:
//   1. catalogue_version: shared, or exclusive if the footprint changes rows of the catalog that are there
//   2. registration keys, ascending, exclusive
//   3. customers, ids ascending, exclusive; their subscriptions and licenses need no locks of their own: nobody touches
//      them without the customer's lock
//   4. API keys, ids ascending, exclusive
//   5. pools, (partner, product) ascending, exclusive
// A writer that gives `locked` waits for no customer, registration key or API key: those that another session has
// locked are named there and not loaded. Nor does it wait for a pool or for the catalog for longer than a moment. Pools
// that stay locked are named there, and not loaded. Others wait behind whoever wants the catalog exclusively: if it
// can't have it, that is said there, and the world is empty. Whoever only makes new rows of the catalog need not have
// it: nobody depends on what is not there, and of two who make the same one, the second finds the unique key taken.
// Errors: those of the connection.
absl::StatusOr<model::World> LoadWorld(Connection& connection, const model::Footprint& footprint, Locking locking,
                                       CatalogCache& cache, LockedRows* locked = nullptr);

// Writes the rows, parents first. A changed row must still have the revision with which it was loaded (its lock sees to
// that; otherwise LostUpdate). If rows of the catalog became others, its version is counted up; what is new is in
// nobody's cache. On a cluster the row of each customer of the changed rows is written as well (connection.h). Errors:
// those of the connection; ALREADY_EXISTS if a unique value was taken since it was looked up.
absl::Status SaveChanges(Connection& connection, const model::ChangeSet& changes);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_WORLD_STORE_H_
