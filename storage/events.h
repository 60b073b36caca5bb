// The history: one event for each change of a row, written in the transaction of the change.
#ifndef LMP_STORAGE_EVENTS_H_
#define LMP_STORAGE_EVENTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/model/change_set.h"
#include "storage/model/event.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// Makes one event, with its images, for each row that changed for its readers (change_set.h). `header` gives the time,
// actor, reason, request and kind. What tells of people gets a salt, and the event of an erasure does not tell of them.
std::vector<model::Event> EventsOf(const model::ChangeSet& changes, const model::Event& header);

// The tables of a customer's rows, and of the customer itself, as SQL's IN has them: "('customers', …)".
const std::string& TablesOfCustomer();
// Whether it is of a row of one of these.
bool IsOfCustomer(const model::Event& event);

// Fills in whose they are, of those where the row itself does not say: by its customer in `world`.
void NamePartners(const model::World& world, std::vector<model::Event>& events);

// Appends them in this order. The transaction must hold the locks of the changed rows, so that events of one row are in
// commit order. Errors: those of the connection.
absl::Status InsertEvents(Connection& connection, const std::vector<model::Event>& events);

// What a query selects of the events that it calls `e`, for ReadEvent; what it selects beside them comes after these.
inline constexpr char kEventColumns[] =
    "e.event_id, e.event_time, e.actor, e.reason, e.request_id, e.kind, e.effective_date, e.row_table, e.key1, e.key2, "
    "e.revision, e.after_image, e.before_image, e.sequence, e.partner_id";
inline constexpr int kEventColumnCount = 15;

// Reads the columns of the row that `rows` is at into the event.
void ReadEvent(ResultSet& rows, model::Event& event);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EVENTS_H_
