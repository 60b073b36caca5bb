// What a day looks like: 90 % CheckLicense, 8 % reads and lists of a customer, 2 % writes. How fast it can go, and
// whether it stays as it is for minutes at half of that.
#ifndef LMP_TESTS_BENCHMARKS_LOAD_MIXED_H_
#define LMP_TESTS_BENCHMARKS_LOAD_MIXED_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/benchmarks/load/load.h"
#include "tests/benchmarks/servers/testbed.h"

namespace lmp::bench {

// With customers of its own for so many calls; beyond that those assigned first get crossgrades. Writes go to customers
// that no read looks at: what is read stays the same however long the load lasts.
absl::StatusOr<Work> MakeMixed(Testbed& testbed, double calls);

// Closed loop at every number of callers.
absl::Status MeasureMixed(Testbed& testbed);

struct Soak {
  // One tenth of the time, memory at its end.
  struct Window {
    double p50_us = 0;
    double p99_us = 0;
    double p999_us = 0;
    double server_mb = 0;
    double database_mb = 0;
  };
  double minutes = 0;
  double offered = 0;  // calls/s
  double achieved = 0;
  std::vector<Window> windows;
  double p99_first_us = 0;  // of the first three windows together
  double p99_last_us = 0;   // of the last three
  Spread p99_ratio;         // of these two; least and most over the three pairs of windows
  double server_before_mb = 0;
  double database_before_mb = 0;
  int64_t calls = 0;
  int64_t errors = 0;  // failed or dropped
  std::string first_error;
};
// Open loop at half of the closed-loop rate, which must have been measured.
absl::StatusOr<Soak> MeasureSoak(Testbed& testbed);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_LOAD_MIXED_H_
