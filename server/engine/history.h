// Customers as they were: at an instant, as a reader saw them then, and over a span of time, change by change.
#ifndef LMP_SERVER_ENGINE_HISTORY_H_
#define LMP_SERVER_ENGINE_HISTORY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/license/usage.h"
#include "storage/catalog_cache.h"
#include "storage/history_retention.h"
#include "storage/model/event.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::engine {

// The shortest time that the database tells apart.
inline constexpr absl::Duration kInstant = absl::Microseconds(1);

// OUT_OF_RANGE, DATE_OUT_OF_RANGE with the earliest time that can be asked for, about this field of a request.
absl::Status NotKept(const storage::HistoryBase& base, absl::string_view field);
// The same, if not all of the history since `time` is kept. All below fail so, too, about "read_time". Errors: those of
// the connection.
absl::Status CheckKept(storage::Connection& connection, absl::Time time, absl::string_view field);

// Returns the customers with all their rows, and their catalog, as a reader saw them at `time` (which is not in the
// future): what was due by then has happened, whether or not it was noticed later. It has scheduled changes of every
// state, and no pools. A customer that did not exist yet is missing. Run it in a snapshot. As with LoadWorld, the
// reader must still ask who may see the rows. Errors: those of the connection; DATA_LOSS for an image that can't be
// read.
absl::StatusOr<model::World> LoadWorldAt(storage::Connection& connection, storage::CatalogCache& cache,
                                         const std::vector<std::string>& customer_ids, absl::Time time);

// Returns what a footprint names, as LoadWorld gives it to a reader, but as it was at `time`. Errors: as above.
absl::StatusOr<model::World> LoadWorldAt(storage::Connection& connection, storage::CatalogCache& cache,
                                         const model::Footprint& footprint, absl::Time time);

// Some customers over a span of time. Of their changes only what is not stored yet is held: the others are read when
// they are visited.
struct Histories {
  model::World before;  // their rows and catalog right before the span
  absl::Time end;       // of the span
  // By customer: the first event in the span, if there is one, and what was due by then and is not stored yet.
  std::map<std::string, int64_t> first_event;
  std::map<std::string, std::vector<model::Event>> overdue;
  std::vector<domain::DatedChange> of_catalog;  // in order of time

  // Visits a customer's changes and those of its catalog, in order of the instants from which they count. What was due
  // before the span but not noticed until later may come first. Run it in the snapshot in which the rest was loaded.
  // Returns the number of changes. Errors: those of the connection; DATA_LOSS for an image that can't be read.
  absl::StatusOr<int> ForEachChange(storage::Connection& connection, const std::string& customer_id,
                                    absl::FunctionRef<void(const domain::DatedChange&)> visit) const;
};

// Loads the span [start, end), where `end` is at most right after `now`. It includes what is due by `now` but not
// stored yet. Run it in a snapshot. Errors: as LoadWorldAt.
absl::StatusOr<Histories> LoadHistories(storage::Connection& connection, storage::CatalogCache& cache,
                                        const std::vector<std::string>& customer_ids, absl::Time start, absl::Time end,
                                        absl::Time now);

// Applies what is due by `now` to the customers of `world`, which has their rows as stored, and returns the events that
// a writer would store; their ids are 0. Errors: those of the connection.
absl::StatusOr<std::vector<model::Event>> CatchUpWithEvents(storage::Connection& connection,
                                                            storage::CatalogCache& cache, absl::Time now,
                                                            model::World& world);

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_HISTORY_H_
