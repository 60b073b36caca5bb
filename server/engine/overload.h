// Tells a burst from an overload. A burst is worked off, however long its last call waits. In an overload more calls
// come than can be done, for good: then a long queue only makes all wait, and so only few may wait, and the others are
// told at once. A flood may also be held back before it comes here, by the limit of streams of each connection: then as
// many come as are done, the queue stays as long as it is, and its length alone tells.
#ifndef LMP_SERVER_ENGINE_OVERLOAD_H_
#define LMP_SERVER_ENGINE_OVERLOAD_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace lmp::engine {

// Of one queue. Not thread-safe: the queue's lock protects it.
class OverloadGauge final {
 public:
  // A call came, whether or not it got a place.
  void Arrived() { ++arrived_; }

  // A worker took `taken` calls, and `left` still wait. Looks back once in a window.
  void Took(size_t taken, size_t left, absl::Time now) {
    taken_ += taken;
    least_ = std::min(least_, left);
    if (left == 0) limit_ = kNoLimit;  // the workers have caught up
    const absl::Duration elapsed = now - since_;
    if (elapsed < kWindow) return;
    // If nothing was taken for long, the database stood still: that says nothing about how much comes.
    if (elapsed < kStall) LookBack(elapsed);
    since_ = now;
    arrived_ = taken_ = 0;
    least_ = left;
  }

  // How many calls may wait now.
  size_t limit() const { return limit_; }
  bool overloaded() const { return limit_ != kNoLimit; }

  static constexpr size_t kNoLimit = SIZE_MAX;
  static constexpr absl::Duration kWindow = absl::Milliseconds(250);
  static constexpr int kWindows = 2;  // in a row in which too many come: then it is an overload
  static constexpr absl::Duration kStall = absl::Seconds(1);
  // In an overload as many calls wait as can be done in this time, but at least kFewest: twice what 64 callers make.
  static constexpr absl::Duration kWait = absl::Milliseconds(80);
  static constexpr size_t kFewest = 128;
  // If the queue does not get shorter, and whoever comes waits longer than this, it is an overload, too.
  static constexpr absl::Duration kLongestWait = absl::Seconds(3);

 private:
  void LookBack(absl::Duration elapsed) {
    const auto in_wait = static_cast<size_t>(static_cast<double>(taken_) * absl::FDivDuration(kWait, elapsed));
    const size_t few = std::max(kFewest, in_wait);
    // Callers that wait for their answers before they call again never call more often than they are answered. So their
    // number does not matter, as long as they do not wait for too long, except when they all come at once. That takes
    // its time, too, and may begin in one window and end in the next.
    const bool too_many_come = arrived_ > taken_ + taken_ / 2 + kFewest / 2;
    const bool stays = arrived_ + arrived_ / 4 >= taken_;
    const bool too_long =
        static_cast<double>(least_) * absl::FDivDuration(elapsed, kLongestWait) > static_cast<double>(taken_);
    in_a_row_ = least_ >= few && (too_many_come || (stays && too_long)) ? in_a_row_ + 1 : 0;
    if (overloaded() || in_a_row_ >= kWindows) limit_ = few;
  }

  absl::Time since_ = absl::InfinitePast();
  size_t arrived_ = 0, taken_ = 0;  // in this window
  size_t least_ = 0;                // how many waited, at least
  int in_a_row_ = 0;                // windows, up to now, in which too many came
  size_t limit_ = kNoLimit;
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_OVERLOAD_H_
