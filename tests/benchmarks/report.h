// The table of design/performance.md with what was measured, the runs behind it, and the same as JSON.
#ifndef LMP_TESTS_BENCHMARKS_REPORT_H_
#define LMP_TESTS_BENCHMARKS_REPORT_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tests/benchmarks/scenarios.h"
#include "tests/benchmarks/stats.h"

namespace lmp::bench {

// One demand of the table: a ratio, or an absolute figure.
struct Verdict {
  std::string id;
  std::string work;
  std::string target;
  std::string measured;  // the figures behind the ratio
  Spread ratio;          // or the figure itself
  bool met = false;
};

// Those that were measured.
std::vector<Verdict> Judge(const Measurements& measurements, const ProcessFigures* process, int most_callers);

void PrintRuns(const Measurements& measurements);
void PrintVerdicts(const std::vector<Verdict>& verdicts);
nlohmann::json ToJson(const Measurements& measurements, const std::vector<Verdict>& verdicts);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_REPORT_H_
