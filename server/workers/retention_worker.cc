#include "server/workers/retention_worker.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr int kPauseFactor = 3;
constexpr absl::Duration kMaxPause = absl::Seconds(1);

}  // namespace

absl::Duration LeaveTheRestToCallers(absl::Duration took) { return std::min(kPauseFactor * took, kMaxPause); }

void RetentionWorker::Start(absl::Duration period, std::function<bool()> may_run) {
  periodic_.Start(period, task_.texts, std::move(may_run), [this] { return RunOnce(); });
}

absl::StatusOr<int64_t> RetentionWorker::RunOnce() {
  const absl::Time before = clock_() - keep_;
  int64_t total = 0;
  while (!periodic_.stopping()) {
    const absl::Time start = absl::Now();
    int64_t count = 0;
    RETURN_IF_ERROR(database_.Transact(start + kTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(count, task_.step(connection, before, task_.at_once));
      return absl::OkStatus();
    }));
    total += count;
    if (count < task_.at_once) break;
    absl::SleepFor(task_.pause(absl::Now() - start));
  }
  return total;
}

}  // namespace lmp::server
