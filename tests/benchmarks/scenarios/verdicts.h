// The table of design/performance.md: what was demanded, and whether it was met.
#ifndef LMP_TESTS_BENCHMARKS_SCENARIOS_VERDICTS_H_
#define LMP_TESTS_BENCHMARKS_SCENARIOS_VERDICTS_H_

#include <vector>

#include "tests/benchmarks/report/results.h"

namespace lmp::bench {

// On what was measured; `judged` is the number of callers that the table judges by.
std::vector<Verdict> Judge(const Results& results, int judged);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SCENARIOS_VERDICTS_H_
