// What an engine's batches did, beside what its queue knows; for metrics.
#ifndef LMP_SERVER_ENGINE_RUN_COUNTERS_H_
#define LMP_SERVER_ENGINE_RUN_COUNTERS_H_

#include <atomic>
#include <cstdint>

#include "server/engine/lane_stats.h"

namespace lmp::engine {

// Thread-safe.
class RunCounters final {
 public:
  void Sent(int64_t statements) { statements_.fetch_add(statements, std::memory_order_relaxed); }
  void Split() { splits_.fetch_add(1, std::memory_order_relaxed); }
  void SetAside() { set_aside_.fetch_add(1, std::memory_order_relaxed); }

  LaneStats AddTo(LaneStats stats) const {
    stats.statements_total = statements_.load(std::memory_order_relaxed);
    stats.splits_total = splits_.load(std::memory_order_relaxed);
    stats.set_aside_total = set_aside_.load(std::memory_order_relaxed);
    return stats;
  }

 private:
  std::atomic<int64_t> statements_ = 0;
  std::atomic<int64_t> splits_ = 0;
  std::atomic<int64_t> set_aside_ = 0;
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_RUN_COUNTERS_H_
