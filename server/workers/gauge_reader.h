// Reads now and then what metrics show of the database as a whole. Each server that shows metrics has one.
#ifndef LMP_SERVER_WORKERS_GAUGE_READER_H_
#define LMP_SERVER_WORKERS_GAUGE_READER_H_

#include <functional>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/workers/periodic_task.h"
#include "storage/gauges.h"
#include "storage/mysql/database.h"

namespace lmp::server {

class GaugeReader final {
 public:
  GaugeReader(storage::Database& database, std::function<absl::Time()> clock)
      : database_(database), clock_(std::move(clock)) {}

  void Start();
  void Stop() { periodic_.Stop(); }

  // What was read last, unless several reads since then failed: old numbers would look like new ones.
  std::optional<storage::Gauges> Latest() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::StatusOr<int64_t> Read() ABSL_LOCKS_EXCLUDED(mutex_);

  storage::Database& database_;
  const std::function<absl::Time()> clock_;  // of business
  mutable absl::Mutex mutex_;
  storage::Gauges gauges_ ABSL_GUARDED_BY(mutex_);
  absl::Time read_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  PeriodicTask periodic_;  // last, as its thread uses the others
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_GAUGE_READER_H_
