// What it costs to log calls, to count them, and to trace them.
#ifndef LMP_TESTS_BENCHMARKS_SCENARIOS_OBSERVING_H_
#define LMP_TESTS_BENCHMARKS_SCENARIOS_OBSERVING_H_

#include "absl/status/status.h"
#include "tests/benchmarks/servers/testbed.h"

namespace lmp::bench {

// CheckLicense at the judged number of callers on servers that differ only in what they note of calls, in turns; prints
// their rates, and those in parts of the first one's, the median of the rounds.
absl::Status MeasureObserving(Testbed& testbed);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SCENARIOS_OBSERVING_H_
