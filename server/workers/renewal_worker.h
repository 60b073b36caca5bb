// Stores what time did: renewals, scheduled changes and ends that are due. Nobody waits for it: every reader and writer
// computes the same (server/domain/subscription/due.h). Safe with any number of servers on one database: each customer
// is brought up to date under its lock, and whoever comes second finds nothing to do.
#ifndef LMP_SERVER_WORKERS_RENEWAL_WORKER_H_
#define LMP_SERVER_WORKERS_RENEWAL_WORKER_H_

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/engine/write_engine.h"
#include "server/workers/periodic_task.h"
#include "storage/mysql/database.h"

namespace lmp::server {

class RenewalWorker final {
 public:
  RenewalWorker(storage::Database& database, engine::WriteEngine& writes, std::function<absl::Time()> clock)
      : database_(database), writes_(writes), clock_(std::move(clock)) {}

  // Runs every `period` until Stop(), but for when `may_run` says no.
  void Start(absl::Duration period, std::function<bool()> may_run);
  void AskToStop() { periodic_.AskToStop(); }
  void Stop() { periodic_.Stop(); }

  // One pass: customers that have something due now, a page at a time, until there are none. Returns how many were
  // brought up to date. One for whom that fails is named in the log and passed over. Errors: UNAVAILABLE; what a whole
  // page fails with.
  absl::StatusOr<int> RunOnce();

 private:
  storage::Database& database_;
  engine::WriteEngine& writes_;
  const std::function<absl::Time()> clock_;
  PeriodicTask periodic_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_RENEWAL_WORKER_H_
