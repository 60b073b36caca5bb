#include "server/workers/event_archive.h"

#include <algorithm>
#include <string>

#include "absl/time/clock.h"
#include "server/log.h"
#include "storage/event_archive.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr int kAtOnce = 200;  // a transaction of some tens of milliseconds
constexpr int kPauseFactor = 3;  // a quarter of the time at most: the rest of disk and processors is for those who are asked
constexpr absl::Duration kLongestPause = absl::Seconds(1);  // Stop() waits for it
constexpr absl::Duration kTimeout = absl::Seconds(30);

}  // namespace

void EventArchive::Start(absl::Duration period) {
  periodic_.Start(period, [this] {
    const absl::StatusOr<int64_t> moved = RunOnce();
    if (!moved.ok()) {
      Log(Severity::kWarning, "old events could not be moved to the archive: it will be tried again",
          {{"error", std::string(moved.status().message())}});
    } else if (*moved > 0) {
      Log(Severity::kInfo, "old events moved to the archive", {{"events", *moved}});
    }
  });
}

absl::StatusOr<int64_t> EventArchive::RunOnce() {
  const absl::Time before = clock_() - keep_;
  int64_t total = 0;
  while (!periodic_.stopping()) {
    const absl::Time start = absl::Now();
    int64_t moved = 0;
    RETURN_IF_ERROR(database_.Transact(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(moved, storage::ArchiveEvents(connection, before, kAtOnce));
      return absl::OkStatus();
    }));
    total += moved;
    if (moved < kAtOnce) break;
    absl::SleepFor(std::min(kPauseFactor * (absl::Now() - start), kLongestPause));
  }
  return total;
}

}  // namespace lmp::server
