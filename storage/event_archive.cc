#include "storage/event_archive.h"

#include <string>

#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kOldest[] = "SELECT event_id, event_time FROM events ORDER BY event_id LIMIT ?";
constexpr char kLock[] = "SELECT event_id FROM events WHERE event_id <= ? FOR UPDATE";
// Copies whole rows. The tables have the same columns, so no column can be forgotten.
constexpr char kCopy[] = "INSERT INTO events_archive SELECT * FROM events WHERE event_id <= ?";
constexpr char kDelete[] = "DELETE FROM events WHERE event_id <= ?";

// The last of the oldest events that are old enough; 0 if there is none. It takes no locks.
absl::StatusOr<int64_t> LastToMove(Connection& connection, absl::Time before, int limit) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kOldest, {int64_t{limit} + 1}));
  int64_t last = 0, newer = 0;
  while (rows->Next()) {
    // Only events before the one read now are moved: the newest event stays, so that no id is ever given twice.
    last = newer;
    absl::Time time;
    FromColumn(*rows, 1, time);
    newer = rows->Int64(0);
    if (time >= before) break;
  }
  RETURN_IF_ERROR(rows->status());
  return last;
}

}  // namespace

absl::StatusOr<int64_t> ArchiveEvents(Connection& connection, absl::Time before, int limit) {
  ASSIGN_OR_RETURN(const int64_t last, LastToMove(connection, before, limit));
  if (last == 0) return 0;
  // These locks are on rows that no writer touches, and READ COMMITTED has no locks on the gaps between them. Another
  // session that archives waits here, and then finds nothing.
  ASSIGN_OR_RETURN(const auto locked, connection.Query(kLock, {last}));
  int64_t count = 0;
  while (locked->Next()) ++count;
  RETURN_IF_ERROR(locked->status());
  if (count == 0) return 0;
  // An event with an earlier id that is stored between these two statements would be deleted without having been
  // copied.
  ASSIGN_OR_RETURN(const int64_t copied, connection.Update(kCopy, {last}));
  ASSIGN_OR_RETURN(const int64_t deleted, connection.Update(kDelete, {last}));
  if (copied != count || deleted != count)
    return absl::AbortedError("an old event was stored while old events were moved");
  return count;
}

}  // namespace lmp::storage
