// Deletes license tokens that have expired, so that their table, and the work of making revocation lists, does not grow
// for ever.
#ifndef LMP_SERVER_WORKERS_TOKEN_EXPIRY_H_
#define LMP_SERVER_WORKERS_TOKEN_EXPIRY_H_

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/workers/periodic_task.h"
#include "storage/mysql/database.h"

namespace lmp::server {

// Any number of servers may run it.
class TokenExpiry final {
 public:
  TokenExpiry(storage::Database& database, std::function<absl::Time()> clock)
      : database_(database), clock_(std::move(clock)) {}

  // Runs at once and then every `period` until Stop(), except when `may_run` returns false.
  void Start(absl::Duration period, std::function<bool()> may_run);
  void AskToStop() { periodic_.AskToStop(); }
  void Stop() { periodic_.Stop(); }
  PeriodicTask::Stats stats() const { return periodic_.stats(); }

  // Looks through all tokens, a part in each transaction; returns how many were deleted. Errors: those of the database.
  absl::StatusOr<int64_t> RunOnce();

 private:
  storage::Database& database_;
  const std::function<absl::Time()> clock_;
  PeriodicTask periodic_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_TOKEN_EXPIRY_H_
