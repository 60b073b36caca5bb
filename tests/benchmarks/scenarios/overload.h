// B13: what becomes of a service to which fifty times as many calls come as it can answer.
#ifndef LMP_TESTS_BENCHMARKS_SCENARIOS_OVERLOAD_H_
#define LMP_TESTS_BENCHMARKS_SCENARIOS_OVERLOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/benchmarks/servers/testbed.h"

namespace lmp::bench {

// What was seen in one second (or one tenth of the shortest phase). Latencies count from when a call was made: the
// generator shares the cores, and comes late itself.
struct OverloadWindow {
  double second = 0;  // at its end, from the beginning
  int64_t made = 0;   // calls, of which:
  int64_t admitted = 0;
  int64_t refused = 0;  // with RESOURCE_EXHAUSTED and RetryInfo
  int64_t failed = 0;   // in any other way
  double admitted_p99_us = 0;
  double refused_p99_us = 0;
  double health_ms = 0;  // the longest that a health check took; -1 if one failed
  double server_mb = 0;
};

struct Overload {
  double capacity = 0;         // calls/s, closed loop
  double usual_rate = 0;       // calls/s before and after the flood
  double made_rate = 0;        // calls/s that the generator made in the flood
  double usual_p99_us = 0;     // while the judged number of callers make as many calls as can be answered
  double admitted_p99_us = 0;  // of the flood
  double admitted_rate = 0;
  double refused_p50_us = 0, refused_p99_us = 0;
  int64_t failed = 0;
  std::string first_failure;
  double longest_health_ms = 0;
  int64_t failed_health = 0;
  double mb_early = 0, mb_most = 0;  // at the end of the flood's first second, and ever
  double recovered_seconds = 0;  // from the flood's end until calls are again as they were; -1: not within five seconds
  std::vector<OverloadWindow> windows;
};

// AssignServicePlan on a server that takes one call at a time, from a slow database, so that fifty times as many can be
// made on the same machine: for some seconds at half of the capacity, then the flood, then as before.
absl::StatusOr<Overload> MeasureOverload(const Options& options);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SCENARIOS_OVERLOAD_H_
