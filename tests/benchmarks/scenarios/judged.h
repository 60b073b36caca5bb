// Rows of the table of demands, from figures of rounds.
#ifndef LMP_TESTS_BENCHMARKS_SCENARIOS_JUDGED_H_
#define LMP_TESTS_BENCHMARKS_SCENARIOS_JUDGED_H_

#include <string>
#include <vector>

#include "tests/benchmarks/report/results.h"

namespace lmp::bench {

enum class Bound { kAtLeast, kAtMost };

// `ours` over `theirs`, round by round; the median of these ratios must keep to the limit.
Verdict JudgeRatio(const char* id, std::string work, const std::vector<double>& ours, const std::vector<double>& theirs,
                   const char* unit, Bound bound, double limit);

// The median of the values must be at most `limit`.
Verdict JudgeAtMost(const char* id, std::string work, const std::vector<double>& values, const char* unit,
                    double limit);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SCENARIOS_JUDGED_H_
