// Does something with rows when they get old, a few at a time, so that nobody waits for it. Any number of servers may
// run it, if the task's step allows that.
#ifndef LMP_SERVER_WORKERS_RETENTION_WORKER_H_
#define LMP_SERVER_WORKERS_RETENTION_WORKER_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/workers/periodic_task.h"
#include "storage/mysql/database.h"

namespace lmp::server {

struct RetentionTask {
  // Runs in a transaction: handles at most `limit` rows that are older than `before`, and returns how many it handled.
  absl::StatusOr<int64_t> (*step)(storage::Connection& connection, absl::Time before, int limit);
  int at_once;  // the `limit` of a step
  // The pause after a transaction that took this long; Stop() waits for it.
  absl::Duration (*pause)(absl::Duration took);
  PassMessages texts;
};

// A pause after which a quarter of the time is the task's at most, so that disk and processors are there for callers.
absl::Duration LeaveTheRestToCallers(absl::Duration took);

class RetentionWorker {
 public:
  // A row is old if it is older than `keep`.
  RetentionWorker(const RetentionTask& task, storage::Database& database, absl::Duration keep,
                  std::function<absl::Time()> clock)
      : task_(task), database_(database), keep_(keep), clock_(std::move(clock)) {}

  // Runs at once and then every `period` until Stop(), except when `may_run` returns false.
  void Start(absl::Duration period, std::function<bool()> may_run);
  void AskToStop() { periodic_.AskToStop(); }
  void Stop() { periodic_.Stop(); }
  PeriodicTask::Stats stats() const { return periodic_.stats(); }

  // Runs steps in small transactions with pauses between them, until a step handles fewer rows than its limit. Returns
  // how many rows were handled. Errors: those of the database; what was done before the error stays done.
  absl::StatusOr<int64_t> RunOnce();

 private:
  const RetentionTask task_;
  storage::Database& database_;
  const absl::Duration keep_;
  const std::function<absl::Time()> clock_;
  PeriodicTask periodic_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_RETENTION_WORKER_H_
