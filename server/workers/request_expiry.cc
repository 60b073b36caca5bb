#include "server/workers/request_expiry.h"

#include <string>

#include "absl/time/clock.h"
#include "server/log.h"
#include "storage/requests.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr int kAtOnce = 500;  // a transaction of some milliseconds
constexpr absl::Duration kPause = absl::Milliseconds(20);
constexpr absl::Duration kTimeout = absl::Seconds(30);

}  // namespace

void RequestExpiry::Start(absl::Duration period) {
  periodic_.Start(period, [this] {
    const absl::StatusOr<int64_t> deleted = RunOnce();
    if (!deleted.ok()) {
      Log(Severity::kWarning, "old request ids could not be deleted: it will be tried again",
          {{"error", std::string(deleted.status().message())}});
    } else if (*deleted > 0) {
      Log(Severity::kInfo, "old request ids deleted", {{"requests", *deleted}});
    }
  });
}

absl::StatusOr<int64_t> RequestExpiry::RunOnce() {
  const absl::Time before = clock_() - keep_;
  int64_t total = 0;
  while (!periodic_.stopping()) {
    int64_t deleted = 0;
    RETURN_IF_ERROR(database_.Transact(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(deleted, storage::DeleteRequests(connection, before, kAtOnce));
      return absl::OkStatus();
    }));
    total += deleted;
    if (deleted < kAtOnce) break;
    absl::SleepFor(kPause);
  }
  return total;
}

}  // namespace lmp::server
