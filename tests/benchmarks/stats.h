// What one run of a load gave, and medians over rounds.
#ifndef LMP_TESTS_BENCHMARKS_STATS_H_
#define LMP_TESTS_BENCHMARKS_STATS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lmp::bench {

// One closed-loop run.
struct Run {
  int64_t calls = 0;
  int64_t errors = 0;
  std::string first_error;
  double seconds = 0;
  std::vector<uint32_t> latencies_us;
};

// The numbers that are kept of it. Costs are microseconds of processor time per call.
struct Sample {
  double rate = 0;  // calls a second
  double p50_us = 0;
  double p99_us = 0;
  double server_us = 0;
  double database_us = 0;
  double client_us = 0;
  double statements = 0;  // that reached the database, per call
};

// Samples of all rounds, by what was measured and how many callers there were. Rounds stand in the same order in each.
using Measurements = std::map<std::pair<std::string, int>, std::vector<Sample>>;

struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

Spread SpreadOf(std::vector<double> values);

// The `fraction` (0 to 1) percentile.
double Percentile(std::vector<uint32_t> values, double fraction);

// One field of all rounds.
std::vector<double> Field(const std::vector<Sample>& samples, double Sample::*field);

// a/b round by round: what a slow or busy machine does to both cancels out.
std::vector<double> Ratios(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_STATS_H_
