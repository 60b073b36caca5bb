// Customers as they were: at an instant, as a reader saw them then, and over a span of time, change by change.
#ifndef LMP_SERVER_ENGINE_HISTORY_H_
#define LMP_SERVER_ENGINE_HISTORY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/license/usage.h"
#include "storage/catalog_cache.h"
#include "storage/model/event.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::engine {

// What the database tells apart.
inline constexpr absl::Duration kInstant = absl::Microseconds(1);

// The customers with all that is theirs, and their catalog, as a reader saw them at `time` (not one to come): what was
// due by then has happened, whether or not it was noticed since. Scheduled changes of every state; no pools. A customer
// that did not exist yet is not there. Run it in a snapshot. What a reader of `time` must still ask itself is what
// LoadWorld does not tell either: who may see it. Errors: those of the connection; DATA_LOSS for an image that can't be
// read.
absl::StatusOr<model::World> LoadWorldAt(storage::Connection& connection, storage::CatalogCache& cache,
                                         const std::vector<std::string>& customer_ids, absl::Time time);

// What a footprint names, as LoadWorld gives it to a reader, but as it was at `time`. Errors: as above.
absl::StatusOr<model::World> LoadWorldAt(storage::Connection& connection, storage::CatalogCache& cache,
                                         const model::Footprint& footprint, absl::Time time);

// Some customers over a span.
struct Histories {
  model::World before;  // their rows and catalog right before the span
  // By customer: its changes and those of its catalog, in order of the instant from which they count. What was due
  // before the span but not noticed until later may come first.
  std::map<std::string, std::vector<domain::DatedChange>> dated_changes;
};

// Over [start, end), `end` at most right after `now`. What is due by `now` but not stored yet is in it. Run it in a
// snapshot. Errors: as LoadWorldAt.
absl::StatusOr<Histories> LoadHistories(storage::Connection& connection, storage::CatalogCache& cache,
                                        const std::vector<std::string>& customer_ids, absl::Time start, absl::Time end,
                                        absl::Time now);

// What is due to the customers of `world` (their rows as stored) by `now`: done to the world, and as the events that a
// writer would store. Their ids are 0. Errors: those of the connection.
absl::StatusOr<std::vector<model::Event>> CatchUpWithEvents(storage::Connection& connection,
                                                            storage::CatalogCache& cache, absl::Time now,
                                                            model::World& world);

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_HISTORY_H_
