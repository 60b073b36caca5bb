// The two tables of events. What happens goes to `events`; what is old is moved to `events_archive`, in order of ids:
// so every event of the archive has a smaller id than every one that is not in it.
#ifndef LMP_STORAGE_EVENT_ARCHIVE_H_
#define LMP_STORAGE_EVENT_ARCHIVE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

inline constexpr char kEvents[] = "events";
inline constexpr char kEventArchive[] = "events_archive";

// Inside a transaction (READ COMMITTED): moves at most `limit` events to the archive, the oldest by id, as long as they
// are of before `before`; never the newest event there is. Returns how many: 0 also if somebody else moved them
// meanwhile. Keeps no writer waiting; who archives at the same time waits for the commit. Errors: those of the
// connection; ABORTED if an event with a smaller id came in just now: then roll back, and try again later.
absl::StatusOr<int64_t> ArchiveEvents(Connection& connection, absl::Time before, int limit);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EVENT_ARCHIVE_H_
