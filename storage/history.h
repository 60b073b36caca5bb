// Reading the history: pages of events, and rows as they were.
//
// An event counts from an instant. That is the time of its transaction or, for a change that time made by itself, the
// start of the day on which it was due (`effective_date`), however late the change was noticed, because readers saw it
// from that day on (server/engine/catch_up.h). An event never counts from an earlier instant than the event before it:
// a license that is assigned with a start in the past renews at once.
#ifndef LMP_STORAGE_HISTORY_H_
#define LMP_STORAGE_HISTORY_H_

#include <cstdint>
#include <optional>
#include <set>
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

// Selects events: those of one row or, if the table is empty, those of the customer `key1` and of all its rows
// (subscriptions, licenses, scheduled changes, license tokens).
struct EventScope {
  std::string row_table;
  std::string key1, key2;
};

enum class EventOrder { kOldestFirst, kNewestFirst };

struct EventPage {
  std::vector<model::Event> events;
  bool more = false;  // there are events after these
};

// Lists one page, after the event with this id (0: the first page). It reads along an index in either order, so no page
// costs more than the first. Errors: those of the connection.
absl::StatusOr<EventPage> ListEvents(Connection& connection, const EventScope& scope, EventOrder order, int64_t after,
                                     int limit);

// Returns nothing if there is no such event. Errors: those of the connection.
absl::StatusOr<std::optional<model::Event>> LoadEvent(Connection& connection, int64_t event_id);

// The events of one row except those of one kind, which is to be the kind that comes by the thousand: the newest
// `limit` of those that left it at a revision below `before_revision`, newest first. Errors: those of the connection.
absl::StatusOr<std::vector<model::Event>> LoadRowHistory(Connection& connection, const EventScope& row,
                                                         const std::string& without_kind, int before_revision,
                                                         int limit);

// The instant from which an event counts, if the event before it is not considered.
absl::Time CountsFrom(const model::Event& event);

// The id of a customer's first event that counts after `time`; 0 if there is none. Its cost grows with the number of
// events after `time`. Errors: those of the connection.
absl::StatusOr<int64_t> FirstEventAfter(Connection& connection, const std::string& customer_id, absl::Time time);

// The first `limit` of a customer's events from `first_event` on that count before `end`, oldest first, without the
// images before the change. Errors: those of the connection.
absl::StatusOr<std::vector<model::Event>> LoadEventsUntil(Connection& connection, const std::string& customer_id,
                                                          int64_t first_event, absl::Time end, int limit);

// The products that a customer's licenses were of after an event from `first_event` on: the licenses are asked for by
// all events except those of one kind, which is to be the kind that comes by the million. Errors: those of the
// connection.
absl::StatusOr<std::set<std::string>> LoadProductsSince(Connection& connection, const std::string& customer_id,
                                                        int64_t first_event, const std::string& without_kind);

// Sets a customer's rows in `world`, which must have all of them as they are now, back to what they were right before
// the event. Errors: those of the connection; DATA_LOSS for an image that can't be read.
absl::Status RewindCustomer(Connection& connection, const std::string& customer_id, int64_t event_id,
                            model::World& world);

// One row's events after `start` and before `end`, oldest first, without the images before the change. Not for rows of
// a customer, because it looks only at the time of the transaction. Errors: those of the connection.
absl::StatusOr<std::vector<model::Event>> LoadRowEvents(Connection& connection, const EventScope& row, absl::Time start,
                                                        absl::Time end);

// The image of a row at `time`; nothing if the row did not exist. Not for rows of a customer, as above. A pool's events
// count in the order in which they are stored, because whoever writes to a pool first applies what is due. Errors:
// those of the connection.
absl::StatusOr<std::optional<std::string>> LoadImageAt(Connection& connection, const EventScope& row, absl::Time time);

// Sets rows, given as they are now, back to what they were at `time`, with one lookup for each row that changed since;
// rows that did not exist then are removed. For the catalog, pools and registration keys. Errors: as RewindCustomer.
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
