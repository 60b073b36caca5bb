// What the callers of a run add up together.
#ifndef LMP_TESTS_BENCHMARKS_REPORT_TALLY_H_
#define LMP_TESTS_BENCHMARKS_REPORT_TALLY_H_

#include <atomic>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/benchmarks/load/load.h"

namespace lmp::bench {

inline int64_t MicrosSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
}

// Thread-safe.
class Tally final {
 public:
  Clock::time_point start() const { return start_; }

  void Fail(const std::string& error) {
    errors_.fetch_add(1, std::memory_order_relaxed);
    absl::MutexLock lock(&mutex_);
    if (first_error_.empty()) first_error_ = error;
  }

  // Once all calls are over; they took until now.
  Run Finish(Histogram latencies) const {
    Run run{.calls = latencies.count(),
            .errors = errors_.load(),
            .seconds = static_cast<double>(MicrosSince(start_)) / 1e6,
            .latencies = std::move(latencies)};
    absl::MutexLock lock(&mutex_);
    run.first_error = first_error_;
    return run;
  }

 private:
  const Clock::time_point start_ = Clock::now();
  std::atomic<int64_t> errors_{0};
  mutable absl::Mutex mutex_;
  std::string first_error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_REPORT_TALLY_H_
