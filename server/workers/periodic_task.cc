#include "server/workers/periodic_task.h"

#include <utility>

#include "server/observe/log.h"

namespace lmp::server {

void PeriodicTask::Start(absl::Duration period, const PassMessages& texts, std::function<bool()> may_run,
                         std::function<absl::StatusOr<int64_t>()> pass) {
  thread_ = std::thread([this, period, texts, may_run = std::move(may_run), pass = std::move(pass)] {
    while (!stopping_.HasBeenNotified()) {
      const absl::StatusOr<int64_t> done = may_run() ? pass() : 0;
      if (!done.ok()) {
        Log(Severity::kWarning, texts.failed, {{"error", done.status().message()}});
      } else if (*done > 0) {
        Log(Severity::kInfo, texts.done, {{texts.rows, *done}});
      }
      stopping_.WaitForNotificationWithTimeout(period);
    }
  });
}

void PeriodicTask::AskToStop() {
  if (!stopping_.HasBeenNotified()) stopping_.Notify();
}

void PeriodicTask::Stop() {
  AskToStop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace lmp::server
