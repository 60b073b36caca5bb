// Lets calls in, or not. Each server has one, so that two servers in one process do not drain each other.
#ifndef LMP_SERVER_SERVICES_ADMISSION_H_
#define LMP_SERVER_SERVICES_ADMISSION_H_

#include <atomic>
#include <cstddef>

#include "absl/status/status.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"

namespace lmp::server {

// Thread-safe.
class Admission final {
 public:
  // A call with more metadata than `max_metadata_bytes` is refused.
  explicit Admission(size_t max_metadata_bytes) : max_metadata_bytes_(max_metadata_bytes) {}

  // Calls are admitted from Start() to Stop().
  void Start() { state_ = State::kOpen; }
  void Stop() { state_ = State::kClosed; }
  // The number of calls that were admitted and have not ended.
  int under_way() const { return under_way_; }
  size_t max_metadata_bytes() const { return max_metadata_bytes_; }

  // Returns true if the call is admitted: the call must Leave() when it has ended. If it returns false, the call is to
  // be answered with NotAdmitted().
  bool Enter() {
    ++under_way_;  // counted first, so that Stop() and then under_way() miss no call
    if (state_ == State::kOpen) return true;
    --under_way_;
    return false;
  }
  void Leave() { --under_way_; }
  absl::Status NotAdmitted() const {
    if (state_ == State::kNotYet) return absl::UnavailableError("the server has no database yet");
    return domain::Refuse(absl::StatusCode::kUnavailable, "the server is shutting down: try again",
                          {.reason = domain::reason::kShuttingDown});
  }

 private:
  enum class State { kNotYet, kOpen, kClosed };

  const size_t max_metadata_bytes_;
  std::atomic<State> state_ = State::kNotYet;
  std::atomic<int> under_way_ = 0;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_ADMISSION_H_
