// Forgets the answers of old requests, so that their table does not grow for ever. Safe with any number of servers.
#ifndef LMP_SERVER_WORKERS_REQUEST_EXPIRY_H_
#define LMP_SERVER_WORKERS_REQUEST_EXPIRY_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/workers/periodic.h"
#include "storage/database.h"

namespace lmp::server {

// A request_id is kept for this long at least: the contract's promise.
inline constexpr int kLeastRequestDays = 7;

class RequestExpiry final {
 public:
  RequestExpiry(storage::Database& database, absl::Duration keep, std::function<absl::Time()> clock)
      : database_(database), keep_(keep), clock_(std::move(clock)) {}

  void Start(absl::Duration period);
  void Stop() { periodic_.Stop(); }

  // Deletes what is older than `keep`, in small transactions with pauses between them, so that nobody waits for it. Returns
  // how many. Errors: those of the database; what was deleted by then stays so.
  absl::StatusOr<int64_t> RunOnce();

 private:
  storage::Database& database_;
  const absl::Duration keep_;
  const std::function<absl::Time()> clock_;
  Periodic periodic_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_REQUEST_EXPIRY_H_
