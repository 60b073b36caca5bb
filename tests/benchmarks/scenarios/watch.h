// The history as it goes on (B8), and answers that are there already (LicenseCache).
#ifndef LMP_TESTS_BENCHMARKS_SCENARIOS_WATCH_H_
#define LMP_TESTS_BENCHMARKS_SCENARIOS_WATCH_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/benchmarks/report/results.h"
#include "tests/benchmarks/servers/testbed.h"

namespace lmp::bench {

inline constexpr char kCheckCache[] = "LicenseCache";

// LicenseCache of the client library beside CheckLicense of the same server, with one caller: the rate of each, their
// ratio, and how long an answer of the cache takes.
absl::StatusOr<std::vector<Verdict>> MeasureCache(Testbed& testbed);

struct WatchLoad {
  int watchers = 50;
  double rate = 1000;  // changes a second
};
// From an event's time, which is taken before its transaction commits, to its arrival at the last of the watchers; what
// the sequencer costs a server that has nothing to do; and what writes lose by it: the same load while the head of the
// history is locked, so that nobody gives numbers.
absl::StatusOr<std::vector<Verdict>> MeasureWatch(Testbed& testbed, const WatchLoad& load);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SCENARIOS_WATCH_H_
