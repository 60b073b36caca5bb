// Customers that draw on the same pools: what one of them gives back another may get. So whoever shows a pool, or
// decides what depends on one, first lets time pass for all who draw on the partner's pools and have something due, in
// the one order of storage/model/due.h, whether or not a worker came before. So does who ends a partner or a product,
// or changes a suite: on that depends what time would have done, and what hangs on it is counted.
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

// For a writer that holds the locks of `world`: those that come before its decisions, because they draw on pools of a
// partner of which the world has one, or is to have one, or because it acts on them all (Footprint::affected). No
// statement if there is neither. Errors: those of the connection.
absl::StatusOr<std::set<model::Due>> DueBefore(storage::Connection& connection, const model::Footprint& footprint,
                                               const model::World& world, model::Date today);

// For a reader: partners of the world's customers for whom a scheduled change is due. Renewals and ends come whatever
// others do; a change may find a pool exhausted.
std::set<std::string> PartnersOfDueChanges(const model::World& world, model::Date today);

// For a reader: adds to `world` the customers, whole, that draw on pools of these partners and have something due, and
// the pools that its customers draw on. Returns the ids of those added. No statement without partners. Errors: those of
// the connection.
absl::StatusOr<std::set<std::string>> AddSharers(storage::Connection& connection, storage::CatalogCache& cache,
                                                 const std::set<std::string>& partners, model::Date today,
                                                 model::World& world);

// Customers, whole, added to `world`; however many. Errors: those of the connection.
absl::Status AddCustomers(storage::Connection& connection, storage::CatalogCache& cache,
                          const std::set<std::string>& ids, model::World& world);

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_SHARED_POOLS_H_
