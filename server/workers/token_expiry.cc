#include "server/workers/token_expiry.h"

#include "absl/time/clock.h"
#include "storage/status_macros.h"
#include "storage/token_expiry.h"

namespace lmp::server {
namespace {

constexpr int kAtOnce = 500;  // a transaction of some milliseconds
constexpr absl::Duration kPause = absl::Milliseconds(20);
constexpr absl::Duration kTimeout = absl::Seconds(30);
// The clocks of servers differ a little.
constexpr absl::Duration kKeep = absl::Hours(1);
constexpr PassMessages kTexts = {.done = "expired license tokens deleted",
                                 .failed = "expired license tokens could not be deleted: it will be tried again",
                                 .rows = "tokens"};

}  // namespace

void TokenExpiry::Start(absl::Duration period, std::function<bool()> may_run) {
  periodic_.Start(period, kTexts, std::move(may_run), [this] { return RunOnce(); });
}

absl::StatusOr<int64_t> TokenExpiry::RunOnce() {
  const absl::Time before = clock_() - kKeep;
  int64_t total = 0;
  for (model::RowKey after; !periodic_.stopping(); absl::SleepFor(kPause)) {
    storage::ExpiredTokens found;
    RETURN_IF_ERROR(database_.Transact(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(found, storage::DeleteExpiredTokens(connection, before, after, kAtOnce));
      return absl::OkStatus();
    }));
    total += found.deleted;
    after = found.last;
    if (after.first.empty()) break;
  }
  return total;
}

}  // namespace lmp::server
