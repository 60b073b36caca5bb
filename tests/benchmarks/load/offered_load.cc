#include "tests/benchmarks/load/offered_load.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "storage/status_macros.h"
#include "tests/benchmarks/load/mixed.h"
#include "tests/benchmarks/load/open_loop.h"
#include "tests/benchmarks/load/workloads.h"

namespace lmp::bench {
namespace {

constexpr double kShares[] = {0.25, 0.5, 0.75, 0.9};
constexpr int kCapacityCalls = 5000;  // that have customers of their own

struct Load {
  const char* flag;
  const char* name;
  // With data for so many calls.
  std::function<absl::StatusOr<Work>(Testbed& testbed, double calls)> make;
};

const Load kLoads[] = {
    {"check", kCheck,
     [](Testbed& testbed, double) -> absl::StatusOr<Work> {
       ASSIGN_OR_RETURN(const Licensed licensed, MakeLicensed(testbed, testbed.options().check_customers));
       return CheckWork(testbed.service(), licensed.customers);
     }},
    {"get", kGet,
     [](Testbed& testbed, double) -> absl::StatusOr<Work> {
       ASSIGN_OR_RETURN(const Licensed licensed, MakeLicensed(testbed, testbed.options().check_customers));
       return GetWork(testbed.service(), licensed.licenses);
     }},
    {"assign", kAssign,
     [](Testbed& testbed, double calls) -> absl::StatusOr<Work> {
       ASSIGN_OR_RETURN(std::vector<std::string> ids, testbed.customers().Make(static_cast<int>(std::ceil(calls))));
       return AssignWork(testbed.service(), std::move(ids));
     }},
    {"mixed", kMixed, MakeMixed},
};

absl::StatusOr<double> Capacity(Testbed& testbed, const Load& load) {
  const Options& options = testbed.options();
  const std::pair<std::string, int> key(load.name, options.judged());
  if (testbed.measurements().count(key) == 0) {
    ASSIGN_OR_RETURN(const Work work, load.make(testbed, kCapacityCalls));
    const Limit limit{.time = absl::Seconds(options.seconds)};
    const auto run = [&] { return RunClosed(options.judged(), limit, work); };
    RETURN_IF_ERROR(testbed.Measure(load.name, options.judged(), run));
  }
  return SpreadOf(Field(testbed.measurements().at(key), &Sample::rate)).median;
}

absl::StatusOr<Offered> MeasureRate(Testbed& testbed, const Load& load, double rate) {
  const double seconds = testbed.options().open_seconds;
  ASSIGN_OR_RETURN(const Work work, load.make(testbed, rate * seconds));
  const OpenRun run = RunOpen({.rate = rate, .time = absl::Seconds(seconds)}, work);
  RETURN_IF_ERROR(FirstError(run.total));
  const Histogram& latencies = run.total.latencies;
  return Offered{.name = load.name,
                 .rate = rate,
                 .achieved = static_cast<double>(run.total.calls) / run.total.seconds,
                 .p50_us = latencies.Percentile(0.5),
                 .p90_us = latencies.Percentile(0.9),
                 .p99_us = latencies.Percentile(0.99),
                 .p999_us = latencies.Percentile(0.999),
                 .max_us = latencies.Percentile(1),
                 .dropped = run.dropped};
}

}  // namespace

absl::StatusOr<std::vector<Offered>> MeasureOffered(Testbed& testbed) {
  const Options& options = testbed.options();
  std::vector<Offered> all;
  for (const Load& load : kLoads) {
    if (std::find(options.loads.begin(), options.loads.end(), load.flag) == options.loads.end()) continue;
    for (const double rate : options.rates) {
      ASSIGN_OR_RETURN(all.emplace_back(), MeasureRate(testbed, load, rate));
    }
    if (!options.rates.empty()) continue;
    ASSIGN_OR_RETURN(const double capacity, Capacity(testbed, load));
    for (const double share : kShares) {
      ASSIGN_OR_RETURN(all.emplace_back(), MeasureRate(testbed, load, share * capacity));
      all.back().share = share;
    }
  }
  return all;
}

}  // namespace lmp::bench
