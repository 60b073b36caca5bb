// The results as Markdown tables on standard output and as JSON.
#ifndef LMP_TESTS_BENCHMARKS_REPORT_REPORT_H_
#define LMP_TESTS_BENCHMARKS_REPORT_REPORT_H_

#include <nlohmann/json_fwd.hpp>

#include "tests/benchmarks/report/results.h"

namespace lmp::bench {

void Print(const Results& results);
nlohmann::json ToJson(const Results& results);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_REPORT_REPORT_H_
