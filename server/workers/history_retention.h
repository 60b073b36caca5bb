// Takes away what is older than the history is to be kept (storage/history_retention.h).
#ifndef LMP_SERVER_WORKERS_HISTORY_RETENTION_H_
#define LMP_SERVER_WORKERS_HISTORY_RETENTION_H_

#include <functional>

#include "server/workers/retention_worker.h"

namespace lmp::server {

// Trials of the last 12 months, the customers that can be undeleted, and reports of use are all younger.
inline constexpr int kMinRetentionDays = 400;

class HistoryRetention final : public RetentionWorker {
 public:
  HistoryRetention(storage::Database& database, absl::Duration keep, std::function<absl::Time()> clock);
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_HISTORY_RETENTION_H_
