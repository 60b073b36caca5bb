// Brings customers to a day: what time did to them since they were last stored.
#ifndef LMP_SERVER_ENGINE_CATCH_UP_H_
#define LMP_SERVER_ENGINE_CATCH_UP_H_

#include <vector>

#include "absl/status/status.h"
#include "storage/catalog_cache.h"
#include "storage/model/due.h"
#include "storage/model/event.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::engine {

// For a writer: applies all that is due to the customers of `world` before `until`, in the order of
// storage/model/due.h, stamps the rows, and returns the events of it, each with the day it was due. They carry `header`
// but for kind and actor: it was nobody's doing.
std::vector<model::Event> ApplyDue(model::World& world, const model::Event& header, const model::Due& until);

// For a reader: the same on the rows in memory, so that it sees what a writer would store. Customers for which
// something is due, and those that share pools with them or draw on the world's, are loaded whole first; rows of
// `world` that they have are replaced, no others are added.
absl::Status CatchUp(storage::Connection& connection, storage::CatalogCache& cache, absl::Time now,
                     model::World& world);

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_CATCH_UP_H_
