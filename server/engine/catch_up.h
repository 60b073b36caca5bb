// Brings customers up to a day: applies what became due since they were last stored.
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
// storage/model/due.h, and stamps the rows. Returns the events, each with the day on which it was due. They carry the
// fields of `header` except for kind and actor, because no caller did it.
std::vector<model::Event> ApplyDue(model::World& world, const model::Event& header, const model::Due& until);

// For a reader: the same on the rows in memory, so that the reader sees what a writer would store. Customers to whom
// something is due, and those that share pools with them or with customers of `world`, are first loaded whole. Rows of
// `world` that belong to them are replaced. Added are only, of the pairs in `checks`, which are in order, the licenses
// that were not loaded because there was an open one: it may have ended, and not be the one that ends last.
absl::Status CatchUp(storage::Connection& connection, storage::CatalogCache& cache, absl::Time now, model::World& world,
                     const std::vector<model::RowKey>& checks = {});

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_CATCH_UP_H_
