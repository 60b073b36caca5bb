#include "server/workers/request_expiry.h"

#include <utility>

#include "storage/idempotency.h"

namespace lmp::server {
namespace {

constexpr RetentionTask kDelete = {.step = storage::DeleteRequests,
                                   .at_once = 500,  // a transaction of some milliseconds
                                   .pause = [](absl::Duration) { return absl::Milliseconds(20); },
                                   .texts = {.done = "old request ids deleted",
                                             .failed = "old request ids could not be deleted: it will be tried again",
                                             .rows = "requests"}};

}  // namespace

RequestExpiry::RequestExpiry(storage::Database& database, absl::Duration keep, std::function<absl::Time()> clock)
    : RetentionWorker(kDelete, database, keep, std::move(clock)) {}

}  // namespace lmp::server
