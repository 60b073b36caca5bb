// The history: one row for each change of a row, written in the transaction of the change.
#ifndef LMP_STORAGE_EVENTS_H_
#define LMP_STORAGE_EVENTS_H_

#include <vector>

#include "absl/status/status.h"
#include "storage/model/change_set.h"
#include "storage/model/event.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// One event for each row that changed for its readers (change_set.h), with its images; `header` gives time, actor,
// reason, request and kind.
std::vector<model::Event> EventsOf(const model::ChangeSet& changes, const model::Event& header);

// Appends them in this order. The transaction must hold the locks of the changed rows, so that events of one row are in
// commit order. Errors: those of the connection.
absl::Status InsertEvents(Connection& connection, const std::vector<model::Event>& events);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EVENTS_H_
