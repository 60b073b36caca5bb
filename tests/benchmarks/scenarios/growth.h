// B6: does a call cost the same whatever the size of the database? A server and an embedded database of its own for
// each size, filled (fill.h), and the same calls on all of them, in turns, by one caller.
#ifndef LMP_TESTS_BENCHMARKS_SCENARIOS_GROWTH_H_
#define LMP_TESTS_BENCHMARKS_SCENARIOS_GROWTH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/benchmarks/report/results.h"

namespace lmp::bench {

struct GrowthOptions {
  std::string server_program;
  std::vector<std::string> server_arguments;
  std::vector<int64_t> sizes;  // licenses, ascending
  int rounds = 7;
  int calls = 200;  // of each kind, in each round, on each size
};

// Prints the fills, the sizes of rows, and what each call took at each size; gives the ratios of the largest size to
// the smallest. Errors: those of the fills; of any call.
absl::StatusOr<std::vector<Verdict>> MeasureGrowth(const GrowthOptions& options);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SCENARIOS_GROWTH_H_
