// Customers that draw on the same pools: what one of them gives back, another may get. So whoever shows a pool, or
// decides what depends on one, first applies what is due to all customers that draw on the partner's pools, in the one
// order of storage/model/due.h, whether or not a worker came before. The same holds for a command that ends a partner
// or a product, or that changes a suite: what would have been due depends on it, and what it affects is counted.
#ifndef LMP_SERVER_ENGINE_SHARED_POOLS_H_
#define LMP_SERVER_ENGINE_SHARED_POOLS_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/catalog_cache.h"
#include "storage/model/due.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::engine {

// For a writer that holds the locks of `world`: returns what is due to other customers and must be applied before its
// decisions. Those customers draw on the pools of a partner of which the world has, or will have, a pool; or the
// command acts on all of them (Footprint::affected). If neither is so, no statement is sent. Errors: those of the
// connection.
absl::StatusOr<std::set<model::Due>> DueBefore(storage::Connection& connection, const model::Footprint& footprint,
                                               const model::World& world, model::Date today);

// For a reader: returns the partners of those of the world's customers for whom a scheduled change is due. Only such a
// change depends on others, as it may find a pool exhausted; renewals and ends do not.
std::set<std::string> PartnersOfDueChanges(const model::World& world, model::Date today);

// For a reader: adds to `world` the customers, whole, that draw on pools of these partners and have something due, and
// the pools that its customers draw on. Returns the ids of the customers added. Without partners no statement is sent.
// Errors: as of AddCustomers.
absl::StatusOr<std::set<std::string>> AddSharers(storage::Connection& connection, storage::CatalogCache& cache,
                                                 const std::set<std::string>& partners, model::Date today,
                                                 model::World& world);

// Adds these customers, whole, to `world`, however many there are. Errors: OVERLOADED if they have too many rows; those
// of the connection.
absl::Status AddCustomers(storage::Connection& connection, storage::CatalogCache& cache,
                          const std::set<std::string>& ids, model::World& world);

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_SHARED_POOLS_H_
