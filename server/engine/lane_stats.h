// What a lane has done since the start, and what waits in it now; for metrics.
#ifndef LMP_SERVER_ENGINE_LANE_STATS_H_
#define LMP_SERVER_ENGINE_LANE_STATS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace lmp::engine {

struct LaneStats {
  int64_t waiting = 0;        // calls
  int64_t waiting_bytes = 0;  // of their requests
  int64_t run_total = 0;      // calls that were taken from the queue to be run
  int64_t shed_total = 0;     // calls that were refused as the queue was full
  int64_t left_total = 0;     // calls whose caller or deadline had gone before their turn
  int64_t batches_total = 0;  // runs; each takes one call or more
  absl::Duration waited;      // of all calls that were run, from their arrival to their run
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_LANE_STATS_H_
