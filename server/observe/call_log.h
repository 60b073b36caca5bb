// Which calls are logged (--log-calls), and which are slow (--slow-call-ms).
#ifndef LMP_SERVER_OBSERVE_CALL_LOG_H_
#define LMP_SERVER_OBSERVE_CALL_LOG_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace lmp::observe {

struct CallLogOptions {
  // Of calls that are neither slow nor failed, one of so many is logged; 0: none is.
  int64_t one_of = 1;
  bool errors = true;                      // calls that are not answered OK are logged
  absl::Duration slow = absl::Seconds(1);  // who takes so long is slow; slow calls are always logged
};

// Reads --log-calls: "all", "slow" (slow calls alone), "errors" (and those not answered OK), or "sample:N" (and one of
// N of the others). Failures of ours are logged in any case. Errors: INVALID_ARGUMENT.
absl::StatusOr<CallLogOptions> ParseCallLog(absl::string_view which, int slow_ms);

// Thread-safe.
class CallLog final {
 public:
  // Applies to calls that end from now on.
  void Set(const CallLogOptions& options);
  bool IsSlow(absl::Duration took) const { return absl::ToInt64Microseconds(took) >= slow_us_.load(kRelaxed); }
  // Whether a call that is not slow is logged. `id` is its x-request-id: all calls with the same one are, or none is.
  bool Wants(bool ok, absl::string_view id) const;
  // How many calls a line of a call that is neither slow nor failed stands for.
  int64_t one_of() const { return one_of_.load(kRelaxed); }

 private:
  static constexpr std::memory_order kRelaxed = std::memory_order_relaxed;

  std::atomic<int64_t> one_of_ = 1;
  std::atomic<bool> errors_ = true;
  std::atomic<int64_t> slow_us_ = 1'000'000;
};

}  // namespace lmp::observe

#endif  // LMP_SERVER_OBSERVE_CALL_LOG_H_
