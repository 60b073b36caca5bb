// What a lane has done since the start, and what waits in it now; for metrics.
#ifndef LMP_SERVER_ENGINE_LANE_STATS_H_
#define LMP_SERVER_ENGINE_LANE_STATS_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace lmp::engine {

struct LaneStats {
  // Batches are counted by size: of one call, of up to two, up to four, and so on, and above that.
  static constexpr size_t kSizeClasses = 9;
  static constexpr size_t SizeClass(size_t calls) {
    const auto power = static_cast<size_t>(std::bit_width(calls - 1));
    return power < kSizeClasses ? power : kSizeClasses;
  }

  int64_t waiting = 0;        // calls
  int64_t waiting_bytes = 0;  // of their requests
  int64_t run_total = 0;      // calls that were taken from the queue to be run
  int64_t shed_total = 0;     // calls that were refused as the queue was full
  int64_t left_total = 0;     // calls whose caller or deadline had gone before their turn
  int64_t batches_total = 0;  // runs; each takes one call or more
  absl::Duration waited;      // of all calls that were run, from their arrival to their run
  std::array<int64_t, kSizeClasses + 1> batch_sizes = {};  // batches by their SizeClass
  int64_t statements_total = 0;                            // that the batches sent
  int64_t splits_total = 0;     // batches that failed, after which each of their calls was run alone
  int64_t set_aside_total = 0;  // calls whose rows another session had locked, or were too many for their batch
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_LANE_STATS_H_
