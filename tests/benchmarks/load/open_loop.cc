#include "tests/benchmarks/load/open_loop.h"

#include <sys/prctl.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "absl/time/clock.h"
#include "tests/benchmarks/report/tally.h"

namespace lmp::bench {

OpenRun RunOpen(const Schedule& schedule, const Work& work) {
  prctl(PR_SET_TIMERSLACK, 1000);  // ns: else sleeps end up to 50 us late
  OpenRun run;
  run.windows.resize(static_cast<size_t>(schedule.windows));
  std::atomic<int> in_flight{0};
  const auto calls = static_cast<int64_t>(std::ceil(schedule.rate * absl::ToDoubleSeconds(schedule.time)));
  Tally tally;
  size_t window = 0;
  const auto enter = [&](size_t now) {
    for (; window < now; ++window) {
      if (schedule.window_end) schedule.window_end(static_cast<int>(window));
    }
  };
  for (int64_t number = 0; number < calls; ++number) {
    const double offset_ns = static_cast<double>(number) * 1e9 / schedule.rate;
    const auto due = tally.start() + std::chrono::nanoseconds(std::llround(offset_ns));
    std::this_thread::sleep_until(due);
    enter(static_cast<size_t>(number * schedule.windows / calls));
    if (in_flight.load(std::memory_order_relaxed) >= kMostInFlight) {
      ++run.dropped;
      continue;
    }
    in_flight.fetch_add(1, std::memory_order_relaxed);
    work(number, static_cast<size_t>(number), [&, due, &latencies = run.windows[window]](const grpc::Status& status) {
      latencies.Record(MicrosSince(due));
      if (!status.ok()) tally.Fail(status.error_message());
      in_flight.fetch_sub(1, std::memory_order_release);
    });
  }
  while (in_flight.load(std::memory_order_acquire) > 0) absl::SleepFor(absl::Microseconds(200));
  enter(run.windows.size());
  Histogram all;
  for (const Histogram& part : run.windows) all.Add(part);
  run.total = tally.Finish(std::move(all));
  return run;
}

}  // namespace lmp::bench
