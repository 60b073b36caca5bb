// Reports the callers that were not let in. All refusals are counted, and each peer gets at most one log line a second,
// so that somebody who tries keys can neither hide nor fill the disk.
#ifndef LMP_SERVER_AUTH_REFUSED_CALLERS_H_
#define LMP_SERVER_AUTH_REFUSED_CALLERS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace lmp::auth {

// Thread-safe.
class RefusedCallers final {
 public:
  using Counts = std::map<std::string, int64_t>;  // by reason
  struct Summary {
    Counts counts;      // of the last minute
    int64_t peers = 0;  // peers that were refused in that minute, as far as they are remembered
  };

  // Counts one refusal. Returns true if it should get a log line of its own: the peer had none in the last second, and
  // few other peers had one.
  bool Add(absl::string_view reason, absl::string_view peer, absl::Time now);

  // Returns what was refused since the last summary, but only once a minute and only if anything was; otherwise the
  // counts are empty.
  Summary TakeSummary(absl::Time now);

  // The counts since the start, for metrics.
  Counts Totals() const;

  static constexpr absl::Duration kLinePeriod = absl::Seconds(1);
  static constexpr absl::Duration kSummaryPeriod = absl::Minutes(1);
  // With more peers than this, no further peer gets a line until the next summary.
  static constexpr size_t kMaxPeers = 10'000;

 private:
  mutable absl::Mutex mutex_;
  Counts totals_ ABSL_GUARDED_BY(mutex_);
  Counts counts_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, absl::Time> lines_ ABSL_GUARDED_BY(mutex_);  // when each peer had its last line
  absl::Time since_ ABSL_GUARDED_BY(mutex_);                                    // time of the first refusal in counts_
};

// The host of gRPC's "ipv4:10.0.0.1:4711": refusals are counted for machines, not for connections.
std::string HostOf(absl::string_view peer);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_REFUSED_CALLERS_H_
