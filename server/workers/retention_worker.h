// What is to be done with rows when they get old: a little at a time, so that nobody waits for it. Safe with any number
// of servers, if the step is.
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
  // In a transaction: does it to at most `limit` rows of before `before`, and returns to how many.
  absl::StatusOr<int64_t> (*step)(storage::Connection& connection, absl::Time before, int limit);
  int at_once;                                   // the limit
  absl::Duration (*pause)(absl::Duration took);  // after a transaction that took so long; Stop() waits for it
  PassMessages texts;
};

class RetentionWorker {
 public:
  // Old is what is older than `keep`.
  RetentionWorker(const RetentionTask& task, storage::Database& database, absl::Duration keep,
                  std::function<absl::Time()> clock)
      : task_(task), database_(database), keep_(keep), clock_(std::move(clock)) {}

  // Runs at once and then every `period` until Stop(), but for when `may_run` says no.
  void Start(absl::Duration period, std::function<bool()> may_run);
  void AskToStop() { periodic_.AskToStop(); }
  void Stop() { periodic_.Stop(); }

  // In small transactions with pauses between them, until fewer are left than one takes. Returns how many there were.
  // Errors: those of the database; what was done by then stays so.
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
