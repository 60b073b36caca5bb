// What one run of a load gave, and medians over rounds.
#ifndef LMP_TESTS_BENCHMARKS_REPORT_STATS_H_
#define LMP_TESTS_BENCHMARKS_REPORT_STATS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/benchmarks/report/histogram.h"

namespace lmp::bench {

struct Run {
  int64_t calls = 0;  // that were answered
  int64_t errors = 0;
  std::string first_error;
  double seconds = 0;
  Histogram latencies;
};

// The numbers that are kept of a closed-loop run. Costs are for each call.
struct Sample {
  double rate = 0;  // calls a second
  double p50_us = 0;
  double p90_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double max_us = 0;
  double server_us = 0;    // processor time of the server under load
  double database_us = 0;  // of the database
  double client_us = 0;    // of the load generator
  double statements = 0;   // that reached the database, each of them one round trip
  double switches = 0;     // context switches of the server's threads
  double server_mb = 0;    // its resident memory after the run
};

// Every field with its name in JSON and its heading in the table.
struct SampleField {
  const char* name;
  const char* heading;
  int decimals;
  double Sample::*value;
};
inline constexpr SampleField kSampleFields[] = {
    {"rate", "calls/s", 0, &Sample::rate},
    {"p50_us", "p50 us", 0, &Sample::p50_us},
    {"p90_us", "p90 us", 0, &Sample::p90_us},
    {"p99_us", "p99 us", 0, &Sample::p99_us},
    {"p999_us", "p99.9 us", 0, &Sample::p999_us},
    {"max_us", "max us", 0, &Sample::max_us},
    {"server_us", "server us", 0, &Sample::server_us},
    {"database_us", "database us", 0, &Sample::database_us},
    {"client_us", "client us", 0, &Sample::client_us},
    {"statements", "statements", 2, &Sample::statements},
    {"switches", "switches", 2, &Sample::switches},
    {"server_mb", "server MB", 0, &Sample::server_mb},
};

// Samples of all rounds, by what was measured and how many callers there were. Rounds stand in the same order in each.
using Measurements = std::map<std::pair<std::string, int>, std::vector<Sample>>;

struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

Spread SpreadOf(std::vector<double> values);

// One field of all rounds.
std::vector<double> Field(const std::vector<Sample>& samples, double Sample::*field);

// a/b round by round: what a slow or busy machine does to both cancels out.
std::vector<double> Ratios(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_REPORT_STATS_H_
