#include "tests/benchmarks/load/flood.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "tests/benchmarks/report/tally.h"

namespace lmp::bench {
namespace {

constexpr auto kTick = std::chrono::microseconds(500);
constexpr double kLate = 0.01;             // seconds
constexpr int64_t kMostUnderWay = 20'000;  // far more than the service has place for

void Count(FloodTally& tally, const grpc::Status& status, Clock::time_point made) {
  if (status.ok()) return tally.admitted.Record(MicrosSince(made));
  if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED &&
      absl::StrContains(status.error_details(), "google.rpc.RetryInfo")) {
    return tally.refused.Record(MicrosSince(made));
  }
  tally.failed.fetch_add(1, std::memory_order_relaxed);
  absl::MutexLock lock(&tally.mutex);
  if (tally.first_failure.empty()) tally.first_failure = status.error_message();
}

}  // namespace

std::shared_ptr<FloodTally> Flood::Run(double rate, absl::Duration time) {
  auto tally = std::make_shared<FloodTally>();
  const Clock::time_point start = Clock::now();
  const Clock::time_point end = start + absl::ToChronoNanoseconds(time);
  double made_up_to = 0;  // seconds from the start
  for (Clock::time_point now = start; now < end; now = Clock::now()) {
    const double elapsed = std::chrono::duration<double>(now - start).count();
    // What fell due some ticks ago, and is not the next one, is left out.
    made_up_to = std::max(made_up_to, elapsed - std::max(kLate, 2 / rate));
    const auto due = static_cast<int64_t>(std::floor((elapsed - made_up_to) * rate));
    for (int64_t i = 0; i < due && under_way_ < kMostUnderWay; ++i) {
      ++under_way_;
      ++tally->made;
      const int64_t number = next_++;
      work_(number, static_cast<size_t>(number), [this, tally, made = Clock::now()](const grpc::Status& status) {
        Count(*tally, status, made);
        --under_way_;
      });
    }
    made_up_to += static_cast<double>(due) / rate;
    std::this_thread::sleep_for(kTick);
  }
  return tally;
}

void Flood::AwaitAll() const {
  while (under_way_ > 0) absl::SleepFor(absl::Milliseconds(1));
}

}  // namespace lmp::bench
