// Lets so many log lines of a kind through each second, and counts those left out: what anybody on the network can
// cause must not fill the disk.
#ifndef LMP_SERVER_OBSERVE_LINE_LIMIT_H_
#define LMP_SERVER_OBSERVE_LINE_LIMIT_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace lmp::server {

// Thread-safe.
class LineLimit final {
 public:
  explicit LineLimit(int lines_a_second) : most_(lines_a_second) {}

  // How many were left out since the last one that was let through; nothing if this one is to be left out as well.
  std::optional<int64_t> Take(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    if (now < second_ || now - second_ >= absl::Seconds(1)) {
      second_ = now;
      lines_ = 0;
    }
    if (lines_ == most_) {
      ++left_out_;
      return std::nullopt;
    }
    ++lines_;
    return std::exchange(left_out_, 0);
  }

 private:
  const int most_;
  absl::Mutex mutex_;
  absl::Time second_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // when it began
  int lines_ ABSL_GUARDED_BY(mutex_) = 0;                             // in it
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_OBSERVE_LINE_LIMIT_H_
