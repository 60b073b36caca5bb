// Latencies in buckets that grow with them, as HdrHistogram keeps them (of which Debian has no C++ library):
// percentiles within 0.1 %, in 72 kB however long the run.
#ifndef LMP_TESTS_BENCHMARKS_REPORT_HISTOGRAM_H_
#define LMP_TESTS_BENCHMARKS_REPORT_HISTOGRAM_H_

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace lmp::bench {

// Of microseconds, up to 100 s; longer ones count as that long.
class Histogram final {
 public:
  // From any thread.
  void Record(int64_t micros) {
    std::atomic_ref(counts_[BucketOf(std::clamp<int64_t>(micros, 0, kMost))]).fetch_add(1, std::memory_order_relaxed);
  }

  void Add(const Histogram& other) {
    for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  }

  int64_t count() const {
    int64_t sum = 0;
    for (const uint32_t count : counts_) sum += count;
    return sum;
  }

  // The least latency that at least `fraction` (0 to 1) of all do not exceed, rounded up within its bucket; 0 if there
  // is none. Percentile(1) is the greatest.
  double Percentile(double fraction) const {
    const double wanted = std::ceil(fraction * static_cast<double>(count()));
    int64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (counts_[i] > 0 && static_cast<double>(seen) >= wanted) return static_cast<double>(GreatestIn(i));
    }
    return 0;
  }

 private:
  static constexpr int64_t kMost = 100'000'000;
  // Exact below 2048 us; from there on 1024 buckets for each doubling.
  static constexpr int kBits = 10;
  static constexpr size_t kPerDoubling = size_t{1} << kBits;

  static constexpr size_t BucketOf(int64_t micros) {
    const auto value = static_cast<uint64_t>(micros);
    const auto shift = static_cast<size_t>(std::max(0, static_cast<int>(std::bit_width(value)) - kBits - 1));
    return shift * kPerDoubling + (value >> shift);
  }
  static constexpr uint64_t GreatestIn(size_t bucket) {
    const size_t shift = bucket < 2 * kPerDoubling ? 0 : bucket / kPerDoubling - 1;
    return ((bucket - shift * kPerDoubling + 1) << shift) - 1;
  }

  std::vector<uint32_t> counts_ = std::vector<uint32_t>(BucketOf(kMost) + 1);
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_REPORT_HISTOGRAM_H_
