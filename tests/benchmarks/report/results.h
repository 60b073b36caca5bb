// Everything that one run of lmp-bench found out.
#ifndef LMP_TESTS_BENCHMARKS_REPORT_RESULTS_H_
#define LMP_TESTS_BENCHMARKS_REPORT_RESULTS_H_

#include <optional>
#include <string>
#include <vector>

#include "tests/benchmarks/load/mixed.h"
#include "tests/benchmarks/load/offered_load.h"
#include "tests/benchmarks/report/machine.h"
#include "tests/benchmarks/report/stats.h"
#include "tests/benchmarks/scenarios/overload.h"
#include "tests/benchmarks/scenarios/scenarios.h"

namespace lmp::bench {

// One demand of the table of design/performance.md: a ratio, or an absolute figure.
struct Verdict {
  std::string id;
  std::string work;
  std::string target;
  std::string measured;  // the figures behind the ratio
  Spread ratio;          // or the figure itself
  bool met = false;
};

// Parts that were not measured are empty.
struct Results {
  Machine machine;
  Measurements runs;  // closed loop
  std::vector<Offered> offered;
  std::optional<Soak> soak;
  std::optional<ProcessFigures> process;
  std::optional<Overload> overload;
  std::vector<Verdict> verdicts;
  double seconds = 0;  // that it took
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_REPORT_RESULTS_H_
