// The two tables of events. New events go to `events`; old ones are moved to `events_archive`, in order of their ids.
// So every event in the archive has a smaller id than every event outside of it.
#ifndef LMP_STORAGE_EVENT_ARCHIVE_H_
#define LMP_STORAGE_EVENT_ARCHIVE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

inline constexpr char kEvents[] = "events";
inline constexpr char kEventArchive[] = "events_archive";

// Run it inside a transaction (READ COMMITTED). It moves at most `limit` events to the archive, the oldest by id, as
// long as they are older than `before`, but never the newest event of all. It returns how many; 0 also if somebody else
// moved them meanwhile. It keeps no writer waiting; another session that archives waits for the commit. Errors: those
// of the connection; ABORTED if an event with a smaller id was just stored: then roll back, and try again later.
absl::StatusOr<int64_t> ArchiveEvents(Connection& connection, absl::Time before, int limit);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EVENT_ARCHIVE_H_
