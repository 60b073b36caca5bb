// The results as four plots on one page: rates and latencies over callers, latency over offered rate, steady state.
#ifndef LMP_TESTS_BENCHMARKS_REPORT_PLOT_H_
#define LMP_TESTS_BENCHMARKS_REPORT_PLOT_H_

#include <string>

#include "absl/status/status.h"
#include "tests/benchmarks/report/results.h"

namespace lmp::bench {

// Writes an SVG with gnuplot. Errors: UNAVAILABLE if there is none or it fails.
absl::Status Plot(const Results& results, const std::string& file);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_REPORT_PLOT_H_
