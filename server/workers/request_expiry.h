// Deletes the answers of old requests, so that their table does not grow for ever.
#ifndef LMP_SERVER_WORKERS_REQUEST_EXPIRY_H_
#define LMP_SERVER_WORKERS_REQUEST_EXPIRY_H_

#include <functional>

#include "server/workers/retention_worker.h"

namespace lmp::server {

// A request_id is kept at least this long; the contract promises it.
inline constexpr int kMinRequestDays = 7;

class RequestExpiry final : public RetentionWorker {
 public:
  RequestExpiry(storage::Database& database, absl::Duration keep, std::function<absl::Time()> clock);
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_REQUEST_EXPIRY_H_
