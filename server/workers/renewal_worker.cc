#include "server/workers/renewal_worker.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "server/domain/event_kinds.h"
#include "server/observe/log.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr int kPageCustomers = 100;
constexpr absl::Duration kPassTimeout = absl::Seconds(60);
constexpr PassMessages kTexts = {.done = "time passed",
                                 .failed = "time passed, but could not be stored: it will be tried again",
                                 .rows = "customers"};

// Applies what is due to each of the customers, until it is `stopping`. Returns their results in the same order.
std::vector<absl::Status> ApplyDue(engine::WriteEngine& writes, const std::vector<std::string>& customers,
                                   const std::function<bool()>& stopping) {
  absl::BlockingCounter pending(static_cast<int>(customers.size()));
  std::vector<absl::Status> results(customers.size());
  for (size_t i = 0; i < customers.size(); ++i) {
    writes.Submit({.caller = {.actor = "system"},
                   .method = "ApplyDue",
                   .event_kind = domain::event::kTimePassed,
                   .deadline = absl::Now() + kPassTimeout,
                   .gone = stopping,
                   .footprint = {.customers = {customers[i]}},
                   // Before each decision the engine brings the customer up to date, so the decision itself does
                   // nothing.
                   .decide = [](model::World&, const domain::Env&) -> absl::StatusOr<engine::ResponseWriter> {
                     return engine::ResponseWriter([](const engine::Decision&) { return std::string(); });
                   },
                   .done =
                       [&pending, &results, i](const absl::StatusOr<engine::Answer>& answer) {
                         results[i] = answer.status();
                         pending.DecrementCount();
                       }});
  }
  pending.Wait();
  return results;
}

}  // namespace

void RenewalWorker::Start(absl::Duration period, std::function<bool()> may_run) {
  periodic_.Start(
      period, kTexts, std::move(may_run), [this] { return RunOnce(); }, [this] { return UntilNextDay(clock_()); });
}

absl::Duration RenewalWorker::UntilNextDay(absl::Time now) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  return std::max(absl::FromCivil(absl::ToCivilDay(now, utc) + 1, utc) - now, absl::Milliseconds(100));
}

absl::StatusOr<int> RenewalWorker::RunOnce() {
  const model::Date day = absl::ToCivilDay(clock_(), absl::UTCTimeZone());
  const auto list_due = [this](storage::Connection& connection, const std::string& after) {
    const model::Date today = absl::ToCivilDay(clock_(), absl::UTCTimeZone());
    return storage::ListDueCustomers(connection, today, after, kPageCustomers);
  };
  ASSIGN_OR_RETURN(const int total, BringUpToDate(list_due));
  if (looked_ == day) return total;
  ASSIGN_OR_RETURN(const int doubtful, BringUpToDate([](storage::Connection& connection, const std::string& after) {
                     return storage::ListDoubtfulCustomers(connection, after, kPageCustomers);
                   }));
  looked_ = day;
  return total + doubtful;
}

absl::StatusOr<int> RenewalWorker::BringUpToDate(const ListPage& list) {
  int total = 0;
  std::string after;
  absl::Status failure;  // of the first page on which no customer succeeded
  while (!periodic_.stopping()) {
    storage::CustomerPage page;
    RETURN_IF_ERROR(database_.Read(absl::Now() + kPassTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(page, list(connection, after));
      return absl::OkStatus();
    }));
    const std::vector<std::string>& customers = page.customers;
    const std::vector<absl::Status> results = ApplyDue(writes_, customers, [this] { return periodic_.stopping(); });
    int done = 0;
    for (size_t i = 0; i < customers.size(); ++i) {
      if (absl::IsUnavailable(results[i])) return results[i];
      if (results[i].ok()) {
        ++done;
      } else {
        Log(Severity::kWarning, "time could not pass for a customer: it is passed over until the next pass",
            {{"customer", customers[i]}, {"error", results[i].message()}});
      }
    }
    // Those who fail may fill whole pages: the customers behind them are not theirs to hold up. But if there was no
    // time for any of a page, there is none for the next one either.
    if (!customers.empty() && done == 0) {
      if (absl::IsDeadlineExceeded(results[0])) return results[0];
      failure.Update(results[0]);
    }
    total += done;
    after = page.last;
    if (after.empty()) break;
  }
  if (total == 0 && !failure.ok()) return failure;
  return total;
}

}  // namespace lmp::server
