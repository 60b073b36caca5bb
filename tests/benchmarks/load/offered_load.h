// Latency at rates below the capacity: what somebody sees who does not wait for others.
#ifndef LMP_TESTS_BENCHMARKS_LOAD_OFFERED_LOAD_H_
#define LMP_TESTS_BENCHMARKS_LOAD_OFFERED_LOAD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/benchmarks/servers/testbed.h"

namespace lmp::bench {

// One open-loop run.
struct Offered {
  std::string name;  // as the closed-loop measurement's
  double share = 0;  // of the closed-loop rate; 0 if the rate was given
  double rate = 0;   // calls/s
  double achieved = 0;
  double p50_us = 0;  // from the instant the call was due
  double p90_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double max_us = 0;
  int64_t dropped = 0;  // not made, as too many were under way
};

// CheckLicense, GetLicense, AssignServicePlan and the mixed load ("check", "get", "assign", "mixed": those in
// Options::loads) at Options::rates, or at 25, 50, 75 and 90 % of their closed-loop rate with the judged number of
// callers, which is measured if it was not yet. A failed call is an error.
absl::StatusOr<std::vector<Offered>> MeasureOffered(Testbed& testbed);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_LOAD_OFFERED_LOAD_H_
