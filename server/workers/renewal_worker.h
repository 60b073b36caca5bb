// Stores what is due: renewals, scheduled changes, what the history tells of coming ends, and ends. Nobody waits for
// the worker: every reader and writer computes the same (server/domain/subscription/due.h). But as long as much is due,
// pages of lists have much to compute, so a day is stored as soon as it begins. Any number of servers may run it on one
// database: each customer is brought up to date under its lock, and a worker that comes second finds nothing to do.
#ifndef LMP_SERVER_WORKERS_RENEWAL_WORKER_H_
#define LMP_SERVER_WORKERS_RENEWAL_WORKER_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/engine/write_engine.h"
#include "server/workers/periodic_task.h"
#include "storage/due_customers.h"
#include "storage/mysql/database.h"

namespace lmp::server {

class RenewalWorker final {
 public:
  RenewalWorker(storage::Database& database, engine::WriteEngine& writes, std::function<absl::Time()> clock)
      : database_(database), writes_(writes), clock_(std::move(clock)) {}

  // Runs every `period`, and when a day begins, until Stop(), except when `may_run` returns false.
  void Start(absl::Duration period, std::function<bool()> may_run);
  void AskToStop() { periodic_.AskToStop(); }
  void Stop() { periodic_.Stop(); }
  PeriodicTask::Stats stats() const { return periodic_.stats(); }

  // Makes one pass: takes the customers to whom something is due now, a page at a time, until there are none. The first
  // pass of a day looks also for those whose marks may hide it (ListDoubtfulCustomers). Returns how many were brought
  // up to date. A customer for whom that fails is named in the log and passed over. Errors: UNAVAILABLE; any error that
  // makes a whole page fail.
  absl::StatusOr<int> RunOnce();

  // How long until the next day (UTC) begins; a tenth of a second at least, even if the clock stands still.
  static absl::Duration UntilNextDay(absl::Time now);

 private:
  // Returns the page of customers after this id.
  using ListPage = std::function<absl::StatusOr<storage::CustomerPage>(storage::Connection&, const std::string&)>;
  absl::StatusOr<int> BringUpToDate(const ListPage& list);

  storage::Database& database_;
  engine::WriteEngine& writes_;
  const std::function<absl::Time()> clock_;
  std::optional<model::Date> looked_;  // on this day for marks that hide something
  PeriodicTask periodic_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_RENEWAL_WORKER_H_
