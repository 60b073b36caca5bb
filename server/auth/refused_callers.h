// What is said about callers who were not let in: all of them counted, and of each peer at most one line a second, so
// that somebody who tries keys can neither hide nor fill the disk.
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
    Counts counts;      // of the minute
    int64_t peers = 0;  // that were refused in it, as far as they are remembered
  };

  // Counts one. True if it deserves a line of its own: the peer had none in the last second, and few had.
  bool Add(absl::string_view reason, absl::string_view peer, absl::Time now);

  // What was refused since the last summary, once a minute and only if there was something; else counts are empty.
  Summary TakeSummary(absl::Time now);

  // Of all time, for metrics.
  Counts Totals() const;

  static constexpr absl::Duration kLinePeriod = absl::Seconds(1);
  static constexpr absl::Duration kSummaryPeriod = absl::Minutes(1);
  static constexpr size_t kMaxPeers = 10'000;  // beyond them nobody gets a line until the next summary

 private:
  mutable absl::Mutex mutex_;
  Counts totals_ ABSL_GUARDED_BY(mutex_);
  Counts counts_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, absl::Time> lines_ ABSL_GUARDED_BY(mutex_);  // the last line of each peer
  absl::Time since_ ABSL_GUARDED_BY(mutex_);                                    // the first of counts_
};

// The host of gRPC's "ipv4:10.0.0.1:4711": a peer is a machine, not a connection.
std::string HostOf(absl::string_view peer);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_REFUSED_CALLERS_H_
