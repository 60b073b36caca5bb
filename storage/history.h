// Reading the history: pages of events, and rows as they were.
//
// An event counts from an instant: that of its transaction, or, of what time did by itself, the start of the day on
// which it was due (`effective_date`), however late it was noticed: readers saw it from that day on
// (server/engine/catch_up.h). It never counts before the event before it: a license that is assigned with a start in
// the past renews at once.
#ifndef LMP_STORAGE_HISTORY_H_
#define LMP_STORAGE_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/model/event.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"
#include "storage/rows/images.h"
#include "storage/status_macros.h"

namespace lmp::storage {

// Whose events: those of one row, or, with an empty table, of the customer `key1` and all that is its (subscriptions,
// licenses, scheduled changes, license tokens).
struct EventScope {
  std::string row_table;
  std::string key1, key2;
};

enum class EventOrder { kOldestFirst, kNewestFirst };

struct EventPage {
  std::vector<model::Event> events;
  bool more = false;  // there are events after these
};

// One page, after the event with this id (0: the first page). Reads along an index whatever the order: no page costs
// more than the first. Errors: those of the connection.
absl::StatusOr<EventPage> ListEvents(Connection& connection, const EventScope& scope, EventOrder order, int64_t after,
                                     int limit);

// None if there is no such event. Errors: those of the connection.
absl::StatusOr<std::optional<model::Event>> LoadEvent(Connection& connection, int64_t event_id);

// All events of one row but those of a kind, oldest first. For rows that people change: no kind of them comes by the
// thousand, if the one that does is left out. Errors: those of the connection.
absl::StatusOr<std::vector<model::Event>> LoadRowHistory(Connection& connection, const EventScope& row,
                                                         const std::string& without_kind);

// The instant from which an event counts, taken alone.
absl::Time CountsFrom(const model::Event& event);

// The id of a customer's first event that counts after `time`; 0 if there is none. Costs what happened after `time`.
// Errors: those of the connection.
absl::StatusOr<int64_t> FirstEventAfter(Connection& connection, const std::string& customer_id, absl::Time time);

// A customer's events from `first_event` on that count before `end`, oldest first, without their images before.
// Errors: those of the connection.
absl::StatusOr<std::vector<model::Event>> LoadEventsUntil(Connection& connection, const std::string& customer_id,
                                                          int64_t first_event, absl::Time end);

// Puts a customer's rows in `world` (it has all of them as they are now) back to what they were right before the event.
// Errors: those of the connection; DATA_LOSS for an image that can't be read.
absl::Status RewindCustomer(Connection& connection, const std::string& customer_id, int64_t event_id,
                            model::World& world);

// One row's events after `start` and before `end`, oldest first, without their images before. Not for rows of a
// customer: it goes by the time of the transaction alone. Errors: those of the connection.
absl::StatusOr<std::vector<model::Event>> LoadRowEvents(Connection& connection, const EventScope& row, absl::Time start,
                                                        absl::Time end);

// The image of a row at `time`; none if it did not exist. Not for rows of a customer, as above; a pool's events count
// in the order in which they are stored, since whoever writes to it lets time pass first. Errors: those of the
// connection.
absl::StatusOr<std::optional<std::string>> LoadImageAt(Connection& connection, const EventScope& row, absl::Time time);

// Puts rows (as they are now) back to what they were at `time`, one lookup for each that changed since; those that did
// not exist are taken out. For the catalog, pools and registration keys. Errors: as RewindCustomer.
template <class Row>
absl::Status RewindRows(Connection& connection, absl::Time time, model::Rows<Row>& rows) {
  for (auto it = rows.begin(); it != rows.end();) {
    if (it->second.stamp.update_time > time) {
      ASSIGN_OR_RETURN(const auto image,
                       LoadImageAt(connection, {std::string(Row::kTable), it->first.first, it->first.second}, time));
      if (!image.has_value()) {
        it = rows.erase(it);
        continue;
      }
      ASSIGN_OR_RETURN(it->second, RowOf<Row>(*image));
    }
    ++it;
  }
  return absl::OkStatus();
}

}  // namespace lmp::storage

#endif  // LMP_STORAGE_HISTORY_H_
