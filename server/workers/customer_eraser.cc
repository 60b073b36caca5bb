#include "server/workers/customer_eraser.h"

#include "absl/time/clock.h"
#include "server/observe/log.h"
#include "storage/idempotency.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr int kEventsAtOnce = 200;  // a transaction of some tens of milliseconds
constexpr int kKeysAtOnce = 100;
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
  absl::Status failure;
  for (std::optional<std::string> next = ""; !periodic_.stopping();) {
    RETURN_IF_ERROR(database_.Read(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(next, storage::NextErasing(connection, *next));
      return absl::OkStatus();
    }));
    if (!next.has_value()) break;
    const absl::StatusOr<int64_t> erased = EraseCustomer(*next);
    if (absl::IsUnavailable(erased.status())) return erased.status();
    if (!erased.ok()) {
      Log(Severity::kWarning, "a customer could not be erased: it is passed over until the next pass",
          {{"customer", *next}, {"error", erased.status().message()}});
    }
    failure.Update(erased.status());
    total += erased.value_or(0);
  }
  if (total == 0 && !failure.ok()) return failure;
  return total;
}

absl::StatusOr<bool> CustomerEraser::Run(const std::string& customer_id, int64_t& total, Part part) {
  storage::ErasedPart done;
  while (!done.done && !periodic_.stopping()) {
    const storage::ErasedPart before = done;
    bool ours = false;
    RETURN_IF_ERROR(database_.Transact(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(const std::optional<absl::Time> deleted, storage::LockErasing(connection, customer_id));
      ours = deleted.has_value();
      if (!ours) return absl::OkStatus();
      ASSIGN_OR_RETURN(done, part(connection, *deleted, before));
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
  using storage::ErasedPart;
  const auto events = [&](storage::Connection& connection, absl::Time, const ErasedPart& before) {
    return storage::EraseEvents(connection, customer_id, before.last, kEventsAtOnce);
  };
  const auto api_keys = [&](storage::Connection& connection, absl::Time, const ErasedPart& before) {
    return storage::EraseApiKeys(connection, customer_id, before.last_key, kKeysAtOnce);
  };
  const auto registration_keys = [&](storage::Connection& connection, absl::Time, const ErasedPart& before) {
    return storage::EraseRegistrationKeys(connection, customer_id, before.last_key, kKeysAtOnce);
  };
  const auto answers = [&](storage::Connection& connection, absl::Time deleted,
                           const ErasedPart&) -> absl::StatusOr<ErasedPart> {
    ASSIGN_OR_RETURN(const int64_t count,
                     storage::DeleteRequests(connection, deleted + absl::Microseconds(1), kAnswersAtOnce));
    return ErasedPart{.done = count < kAnswersAtOnce};
  };
  const auto end = [&](storage::Connection& connection, absl::Time, const ErasedPart&) -> absl::StatusOr<ErasedPart> {
    RETURN_IF_ERROR(storage::EndErasure(connection, customer_id));
    return ErasedPart{.done = true};
  };
  for (const Part part : {Part(events), Part(api_keys), Part(registration_keys), Part(answers), Part(end)}) {
    ASSIGN_OR_RETURN(const bool done, Run(customer_id, total, part));
    if (!done) break;
  }
  return total;
}

}  // namespace lmp::server
