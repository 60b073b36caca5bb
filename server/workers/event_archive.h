// Moves old events out of the table that writers insert into, so that it, and its indexes, stay small. Readers see no
// difference (storage/history.h). Safe with any number of servers.
#ifndef LMP_SERVER_WORKERS_EVENT_ARCHIVE_H_
#define LMP_SERVER_WORKERS_EVENT_ARCHIVE_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/workers/periodic.h"
#include "storage/database.h"

namespace lmp::server {

// No event is moved before that: far longer than any transaction takes that may still store one with an id from before.
inline constexpr int kLeastArchiveDays = 30;

class EventArchive final {
 public:
  EventArchive(storage::Database& database, absl::Duration keep, std::function<absl::Time()> clock)
      : database_(database), keep_(keep), clock_(std::move(clock)) {}

  void Start(absl::Duration period);
  void Stop() { periodic_.Stop(); }

  // Moves what is older than `keep`, in small transactions with pauses between them. Returns how many; ends early if another
  // server is at it. Errors: those of the database; what was moved by then stays so.
  absl::StatusOr<int64_t> RunOnce();

 private:
  storage::Database& database_;
  const absl::Duration keep_;
  const std::function<absl::Time()> clock_;
  Periodic periodic_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_EVENT_ARCHIVE_H_
