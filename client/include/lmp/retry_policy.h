#ifndef LMP_RETRY_POLICY_H_
#define LMP_RETRY_POLICY_H_

#include <functional>
#include <limits>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace lmp::client {

// How a call is tried again that the server could not take (UNAVAILABLE). No other code is ever retried: a retry would
// not help, or the caller must judge the answer. All attempts of a call together stay within its timeout.
struct RetryPolicy {
  // The most attempts of one call, the first included; 1 turns retries off.
  int max_attempts = std::numeric_limits<int>::max();
  // The wait before attempt n + 1 is drawn evenly from [b/2, b], b = initial_backoff * multiplier^(n-1) but at most
  // max_backoff, so that callers that failed together do not come back together. If the server asks for more
  // (google.rpc.RetryInfo), its wish counts. If a wait would reach the deadline, the last error is returned at once
  // instead.
  absl::Duration initial_backoff = absl::Milliseconds(100);
  absl::Duration max_backoff = absl::Seconds(5);
  // At least 1.
  double multiplier = 2.0;
  // If set, it is called after each attempt that may be tried again, with the attempt's error and the number of
  // attempts made; if it returns false, the call gives up. It can log, count, or decide by a policy of its own. It is
  // called from all threads that make calls.
  std::function<bool(const absl::Status& error, int attempts)> keep_trying = {};
};

}  // namespace lmp::client

#endif  // LMP_RETRY_POLICY_H_
