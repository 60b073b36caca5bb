// More calls than can be answered, at a fixed rate, and what became of each.
#ifndef LMP_TESTS_BENCHMARKS_LOAD_FLOOD_H_
#define LMP_TESTS_BENCHMARKS_LOAD_FLOOD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/benchmarks/load/load.h"
#include "tests/benchmarks/report/histogram.h"

namespace lmp::bench {

// Thread-safe: answers come on any thread.
struct FloodTally {
  std::atomic<int64_t> made{0};
  std::atomic<int64_t> failed{0};
  Histogram admitted;  // of those that were answered; from when they were made
  Histogram refused;   // with RESOURCE_EXHAUSTED and the time after which to try again
  absl::Mutex mutex;
  std::string first_failure ABSL_GUARDED_BY(mutex);
};

// Makes calls one after the other, of which `next` is the number of the next one.
class Flood final {
 public:
  explicit Flood(Work work) : work_(std::move(work)) {}
  ~Flood() { AwaitAll(); }

  // Makes calls for so long. If the generator can't keep up, fewer are made; none is made up for. Answers that come
  // later still count.
  std::shared_ptr<FloodTally> Run(double rate, absl::Duration time);
  void AwaitAll() const;

 private:
  const Work work_;
  int64_t next_ = 0;
  std::atomic<int64_t> under_way_{0};
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_LOAD_FLOOD_H_
