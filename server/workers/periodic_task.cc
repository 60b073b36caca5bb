#include "server/workers/periodic_task.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "server/observe/log.h"

namespace lmp::server {

void PeriodicTask::Start(absl::Duration period, const PassMessages& texts, std::function<bool()> may_run,
                         std::function<absl::StatusOr<int64_t>()> pass, std::function<absl::Duration()> sooner) {
  {
    absl::MutexLock lock(&mutex_);
    stats_ = {.started = true, .period = period, .last_pass = absl::Now()};
  }
  thread_ = std::thread(
      [this, period, texts, may_run = std::move(may_run), pass = std::move(pass), sooner = std::move(sooner)] {
        while (!stopping_.HasBeenNotified()) {
          const bool runs = may_run();
          const absl::StatusOr<int64_t> done = runs ? pass() : 0;
          if (runs) Note(done);
          if (!done.ok()) {
            Log(Severity::kWarning, texts.failed, {{"error", done.status().message()}});
          } else if (*done > 0) {
            Log(Severity::kInfo, texts.done, {{texts.rows, *done}});
          }
          stopping_.WaitForNotificationWithTimeout(sooner ? std::min(period, sooner()) : period);
        }
      });
}

void PeriodicTask::Note(const absl::StatusOr<int64_t>& done) {
  absl::MutexLock lock(&mutex_);
  if (!done.ok()) {
    ++stats_.failures;
    return;
  }
  ++stats_.passes;
  stats_.done += *done;
  stats_.last_pass = absl::Now();
}

PeriodicTask::Stats PeriodicTask::stats() const {
  absl::MutexLock lock(&mutex_);
  return stats_;
}

void PeriodicTask::AskToStop() {
  if (!stopping_.HasBeenNotified()) stopping_.Notify();
}

void PeriodicTask::Stop() {
  AskToStop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace lmp::server
