// Open-loop load: calls fall due at a fixed rate whether or not those before are answered, as strangers call. Latency
// counts from the instant a call was due, so that a stalled server is charged for everyone it kept waiting.
#ifndef LMP_TESTS_BENCHMARKS_LOAD_OPEN_LOOP_H_
#define LMP_TESTS_BENCHMARKS_LOAD_OPEN_LOOP_H_

#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "tests/benchmarks/load/load.h"

namespace lmp::bench {

// Calls under way at any time, below the service's own queue limit. One that falls due beyond it is not made and counts
// as dropped: the machine is past its capacity, and what is measured then is the queue.
inline constexpr int kMostInFlight = 4000;

struct Schedule {
  double rate = 0;  // calls a second, evenly spaced
  absl::Duration time;
  int windows = 1;                             // equal parts of the time
  std::function<void(int window)> window_end;  // may be empty
};

struct OpenRun {
  Run total;  // until the last answer
  int64_t dropped = 0;
  std::vector<Histogram> windows;  // by when calls were due
};

OpenRun RunOpen(const Schedule& schedule, const Work& work);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_LOAD_OPEN_LOOP_H_
