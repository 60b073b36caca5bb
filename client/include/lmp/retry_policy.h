#ifndef LMP_RETRY_POLICY_H_
#define LMP_RETRY_POLICY_H_

#include <functional>
#include <limits>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace lmp::client {

// How a call that the server could not take (UNAVAILABLE) is tried again. No other code is ever retried: it would not
// help, or the answer is the caller's to judge. All attempts of a call together stay inside its timeout.
struct RetryPolicy {
  // Attempts of one call at most, the first included; 1 turns retries off.
  int max_attempts = std::numeric_limits<int>::max();
  // The wait before attempt n + 1 is drawn evenly from [b/2, b], b = initial_backoff * multiplier^(n-1) but at most
  // max_backoff, so that callers that failed together do not come back together. If the server asks for more
  // (google.rpc.RetryInfo), its wish counts. A wait that would reach the deadline is not begun: the last error is
  // returned at once.
  absl::Duration initial_backoff = absl::Milliseconds(100);
  absl::Duration max_backoff = absl::Seconds(5);
  // At least 1.
  double multiplier = 2.0;
  // If set, asked after each attempt that may be tried again, with its error and how many were made; false gives up. A
  // place to log and to count, and for a policy of one's own. Called from all threads that call.
  std::function<bool(const absl::Status& error, int attempts)> keep_trying = {};
};

}  // namespace lmp::client

#endif  // LMP_RETRY_POLICY_H_
