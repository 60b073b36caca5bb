#include "server/workers/customer_eraser.h"

#include "absl/time/clock.h"
#include "storage/idempotency.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr int kEventsAtOnce = 200;   // a transaction of some tens of milliseconds
constexpr int kAnswersAtOnce = 500;  // of some milliseconds
constexpr absl::Duration kPause = absl::Milliseconds(20);
constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr PassMessages kTexts = {.done = "events of erased customers erased",
                                 .failed =
                                     "the history of an erased customer could not be erased: it will be tried "
                                     "again",
                                 .rows = "events"};

}  // namespace

void CustomerEraser::Start(absl::Duration period, std::function<bool()> may_run) {
  periodic_.Start(period, kTexts, std::move(may_run), [this] { return RunOnce(); });
}

absl::StatusOr<int64_t> CustomerEraser::RunOnce() {
  int64_t total = 0;
  for (std::optional<std::string> next = ""; !periodic_.stopping();) {
    RETURN_IF_ERROR(database_.Read(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(next, storage::NextErasing(connection, *next));
      return absl::OkStatus();
    }));
    if (!next.has_value()) break;
    ASSIGN_OR_RETURN(const int64_t erased, EraseCustomer(*next));
    total += erased;
  }
  return total;
}

absl::StatusOr<bool> CustomerEraser::Run(const std::string& customer_id, int64_t& total, Part part) {
  storage::ErasedPart done;
  while (!done.done && !periodic_.stopping()) {
    const int64_t after = done.last;
    bool ours = false;
    RETURN_IF_ERROR(database_.Transact(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(const std::optional<absl::Time> deleted, storage::LockErasing(connection, customer_id));
      ours = deleted.has_value();
      if (!ours) return absl::OkStatus();
      ASSIGN_OR_RETURN(done, part(connection, *deleted, after));
      return absl::OkStatus();
    }));
    total += done.erased;
    if (!ours || done.waits) return false;
    if (!done.done) absl::SleepFor(kPause);
  }
  return done.done;
}

// Since the customer was deleted nobody could change it, so that older answers are all there are about it, but for
// those about its keys, which go with their events.
absl::StatusOr<int64_t> CustomerEraser::EraseCustomer(const std::string& customer_id) {
  int64_t total = 0;
  const auto events = [&](storage::Connection& connection, absl::Time, int64_t after) {
    return storage::EraseEvents(connection, customer_id, after, kEventsAtOnce);
  };
  const auto keys = [&](storage::Connection& connection, absl::Time, int64_t) {
    return storage::EraseKeys(connection, customer_id);
  };
  const auto answers = [&](storage::Connection& connection, absl::Time deleted,
                           int64_t) -> absl::StatusOr<storage::ErasedPart> {
    ASSIGN_OR_RETURN(const int64_t count,
                     storage::DeleteRequests(connection, deleted + absl::Microseconds(1), kAnswersAtOnce));
    return storage::ErasedPart{.done = count < kAnswersAtOnce};
  };
  const auto end = [&](storage::Connection& connection, absl::Time, int64_t) -> absl::StatusOr<storage::ErasedPart> {
    RETURN_IF_ERROR(storage::EndErasure(connection, customer_id));
    return storage::ErasedPart{.done = true};
  };
  for (const Part part : {Part(events), Part(keys), Part(answers), Part(end)}) {
    ASSIGN_OR_RETURN(const bool done, Run(customer_id, total, part));
    if (!done) break;
  }
  return total;
}

}  // namespace lmp::server
