#include "tests/benchmarks/scenarios/judged.h"

#include <utility>

#include "absl/strings/str_format.h"

namespace lmp::bench {

Verdict JudgeRatio(const char* id, std::string work, const std::vector<double>& ours, const std::vector<double>& theirs,
                   const char* unit, Bound bound, double limit) {
  const Spread ratio = SpreadOf(Ratios(ours, theirs));
  const bool at_least = bound == Bound::kAtLeast;
  return {.id = id,
          .work = std::move(work),
          .target = absl::StrFormat("%s %.2f", at_least ? ">=" : "<=", limit),
          .measured = absl::StrFormat("%.4g %s / %.4g %s", SpreadOf(ours).median, unit, SpreadOf(theirs).median, unit),
          .ratio = ratio,
          .met = at_least ? ratio.median >= limit : ratio.median <= limit};
}

Verdict JudgeAtMost(const char* id, std::string work, const std::vector<double>& values, const char* unit,
                    double limit) {
  const Spread spread = SpreadOf(values);
  return {.id = id,
          .work = std::move(work),
          .target = absl::StrFormat("<= %.4g %s", limit, unit),
          .measured = absl::StrFormat("%.3g %s", spread.median, unit),
          .ratio = spread,
          .met = spread.median <= limit};
}

}  // namespace lmp::bench
