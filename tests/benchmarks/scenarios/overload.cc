#include "tests/benchmarks/scenarios/overload.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/health_check.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/load/flood.h"
#include "tests/benchmarks/load/workloads.h"
#include "tests/benchmarks/scenarios/limits.h"

namespace lmp::bench {
namespace {

constexpr double kTimes = 50;
constexpr double kUsual = 0.5;        // of the capacity
constexpr double kPause = 5;          // seconds within which all must be as before
constexpr double kMostOfP99 = 3.0;    // of the usual one
constexpr double kShortestPhase = 6;  // seconds that are told apart second by second
constexpr absl::Duration kHealthPause = absl::Milliseconds(100);
constexpr int kFewestCustomers = 1000, kCustomersPerSecond = 100;  // beyond them, crossgrades
// A slow database: then fifty times what can be answered is what this machine can make, and the cores are nobody's
// bottleneck. It sleeps for so long in each call.
constexpr char kSlow[] = "CREATE TRIGGER slow BEFORE INSERT ON requests FOR EACH ROW DO SLEEP(0.02)";

// Asks the server for its health again and again, as a supervisor does.
class HealthWatch final {
 public:
  explicit HealthWatch(int port) : thread_([this, port] { Run(absl::StrCat("127.0.0.1:", port)); }) {}
  ~HealthWatch() {
    stop_ = true;
    thread_.join();
  }
  // The longest since the last call, in milliseconds; -1 if one failed.
  double TakeLongest() {
    const int64_t longest = longest_us_.exchange(0);
    return failed_.exchange(0) > 0 ? -1 : static_cast<double>(longest) / 1000;
  }

 private:
  void Run(const std::string& target) {
    const server::Config config{.listen = target};
    while (!stop_) {
      const absl::Time start = absl::Now();
      const absl::Status status = server::CheckHealth(config, "");
      if (!status.ok()) ++failed_;
      longest_us_ = std::max(longest_us_.load(), absl::ToInt64Microseconds(absl::Now() - start));
      absl::SleepFor(kHealthPause);
    }
  }

  std::atomic<bool> stop_{false};
  std::atomic<int64_t> longest_us_{0}, failed_{0};
  std::thread thread_;
};

struct Phase {
  std::vector<std::shared_ptr<FloodTally>> tallies;
  size_t first = 0;  // of its windows
};

// The course of the whole, window by window.
class Course final {
 public:
  Course(Testbed& testbed, Work work, Overload& overload)
      : testbed_(testbed), flood_(std::move(work)), health_(testbed.service_port()), overload_(overload) {}

  Phase Run(double rate, double seconds) {
    Phase phase{.first = overload_.windows.size()};
    const double window = std::min(1.0, seconds / kShortestPhase);
    for (double left = seconds; left > window / 2; left -= window) {
      phase.tallies.push_back(flood_.Run(rate, absl::Seconds(window)));
      OverloadWindow& seen = overload_.windows.emplace_back();
      elapsed_ += window;
      seen.second = elapsed_;
      seen.health_ms = health_.TakeLongest();
      seen.server_mb = MemoryMb(testbed_.service_pid(), "VmRSS");
    }
    return phase;
  }

  // Once all are answered: what became of the calls of each window.
  void Complete(const Phase& phase) {
    flood_.AwaitAll();
    for (size_t i = 0; i < phase.tallies.size(); ++i) {
      FloodTally& tally = *phase.tallies[i];
      OverloadWindow& window = overload_.windows[phase.first + i];
      window.made = tally.made;
      window.admitted = tally.admitted.count();
      window.refused = tally.refused.count();
      window.failed = tally.failed;
      window.admitted_p99_us = tally.admitted.Percentile(0.99);
      window.refused_p99_us = tally.refused.Percentile(0.99);
      overload_.failed += window.failed;
      absl::MutexLock lock(&tally.mutex);
      if (overload_.first_failure.empty()) overload_.first_failure = tally.first_failure;
    }
  }

 private:
  Testbed& testbed_;
  Flood flood_;
  HealthWatch health_;
  Overload& overload_;
  double elapsed_ = 0;
};

Histogram SumOf(const Phase& phase, Histogram FloodTally::*field) {
  Histogram sum;
  for (const auto& tally : phase.tallies) sum.Add((*tally).*field);
  return sum;
}

void Summarize(const Phase& flood, const Phase& after, double seconds, Overload& overload) {
  const Histogram admitted = SumOf(flood, &FloodTally::admitted);
  const Histogram refused = SumOf(flood, &FloodTally::refused);
  overload.admitted_p99_us = admitted.Percentile(0.99);
  overload.admitted_rate = static_cast<double>(admitted.count()) / seconds;
  overload.refused_p50_us = refused.Percentile(0.5);
  overload.refused_p99_us = refused.Percentile(0.99);
  int64_t made = 0;
  for (const auto& tally : flood.tallies) made += tally->made;
  overload.made_rate = static_cast<double>(made) / seconds;
  overload.mb_early = overload.windows[flood.first].server_mb;
  for (const OverloadWindow& window : overload.windows) {
    overload.mb_most = std::max(overload.mb_most, window.server_mb);
    overload.longest_health_ms = std::max(overload.longest_health_ms, window.health_ms);
    if (window.health_ms < 0) ++overload.failed_health;
  }
  overload.recovered_seconds = -1;
  const double end = overload.windows[after.first - 1].second;
  for (size_t i = overload.windows.size(); i-- > after.first;) {  // as before from here to the end
    const OverloadWindow& window = overload.windows[i];
    if (window.refused + window.failed > 0 || window.admitted_p99_us > kMostOfP99 * overload.usual_p99_us) break;
    overload.recovered_seconds = overload.windows[i - 1].second - end;
  }
}

}  // namespace

absl::StatusOr<Overload> MeasureOverload(const Options& options) {
  ASSIGN_OR_RETURN(const auto testbed, StartApart(options, {"--time-worker=0", "--write-workers=1", "--max-batch=1",
                                                            "--log-calls=errors"}));
  const int customers = kFewestCustomers + static_cast<int>(options.overload_seconds * kCustomersPerSecond);
  ASSIGN_OR_RETURN(std::vector<std::string> ids, testbed->customers().Make(customers));
  RETURN_IF_ERROR(testbed->side().Execute(kSlow));
  const Work work = AssignWork(testbed->service(), std::move(ids));
  Overload overload;
  const Run closed =
      RunClosed(options.judged(), {.time = absl::Seconds(std::min(3.0, options.overload_seconds / 4))}, work);
  RETURN_IF_ERROR(FirstError(closed));
  overload.usual_p99_us = closed.latencies.Percentile(0.99);
  overload.capacity = static_cast<double>(closed.calls) / closed.seconds;
  overload.usual_rate = kUsual * overload.capacity;
  Course course(*testbed, work, overload);
  const double usual_seconds = std::min(kPause, options.overload_seconds / 2);
  const Phase before = course.Run(overload.usual_rate, usual_seconds);
  const Phase flood = course.Run(kTimes * overload.capacity, options.overload_seconds);
  const Phase after = course.Run(overload.usual_rate, usual_seconds);
  for (const Phase* phase : {&before, &flood, &after}) course.Complete(*phase);
  Summarize(flood, after, options.overload_seconds, overload);
  return overload;
}

}  // namespace lmp::bench
