// Moves old events out of the table that writers insert into, so that the table and its indexes stay small. Readers see
// no difference (storage/history.h).
#ifndef LMP_SERVER_WORKERS_EVENT_ARCHIVE_H_
#define LMP_SERVER_WORKERS_EVENT_ARCHIVE_H_

#include <functional>

#include "server/workers/retention_worker.h"

namespace lmp::server {

// No event is moved that is younger than this. It is far longer than any transaction takes that may still store an
// event with an id from before.
inline constexpr int kMinArchiveDays = 30;

// A pass ends early if another server is moving events at the same time.
class EventArchive final : public RetentionWorker {
 public:
  EventArchive(storage::Database& database, absl::Duration keep, std::function<absl::Time()> clock);
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_EVENT_ARCHIVE_H_
