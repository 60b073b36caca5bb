// What is measured, round by round: each round runs every form once, so that a slow minute of the machine hits them
// all.
#ifndef LMP_TESTS_BENCHMARKS_SCENARIOS_SCENARIOS_H_
#define LMP_TESTS_BENCHMARKS_SCENARIOS_SCENARIOS_H_

#include <vector>

#include "absl/status/status.h"
#include "tests/benchmarks/servers/testbed.h"

namespace lmp::bench {

inline constexpr int kOneCustomerCallers = 200;
inline constexpr int kCrowd = 1000;  // callers while memory is measured

// CheckLicense, its ceilings and its direct form, GetLicense and ListLicenses at every number of callers.
absl::Status MeasureReads(Testbed& testbed);
// AssignServicePlan and its direct forms at 1 and at the judged number of callers; all calls on one customer.
absl::Status MeasureWrites(Testbed& testbed);

struct ProcessFigures {
  std::vector<double> start_seconds;  // on a migrated database that runs
  std::vector<double> idle_mb;
  double start_with_database_seconds = 0;  // on a new one, embedded
  double loaded_mb = 0;                    // 1000 concurrent calls, the most ever
};
absl::StatusOr<ProcessFigures> MeasureProcess(Testbed& testbed);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SCENARIOS_SCENARIOS_H_
