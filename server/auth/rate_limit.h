// Limits how many calls each caller may make: a token bucket per actor, on this server alone.
#ifndef LMP_SERVER_AUTH_RATE_LIMIT_H_
#define LMP_SERVER_AUTH_RATE_LIMIT_H_

#include <array>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace lmp::auth {

struct RateLimitOptions {
  double calls_per_second = 0;  // 0: no limit
  double burst_seconds = 2;     // the calls that a caller may make at once after a pause, in seconds of its rate
};

// Thread-safe. Remembers only the actors that have called lately.
class RateLimit final {
 public:
  explicit RateLimit(RateLimitOptions options) : options_(options) {}

  // Returns zero if the call is let in, and counts it. Otherwise returns how long the caller should wait before the
  // next try, and counts nothing.
  absl::Duration Take(absl::string_view actor, absl::Time now);

 private:
  struct Bucket {
    double calls = 0;
    absl::Time filled;
  };
  struct Shard {
    absl::Mutex mutex;
    absl::flat_hash_map<std::string, Bucket> buckets ABSL_GUARDED_BY(mutex);
    absl::Time cleaned ABSL_GUARDED_BY(mutex) = absl::InfinitePast();
  };
  static constexpr size_t kShards = 16;

  double Capacity() const;
  void Clean(Shard& shard, absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);

  const RateLimitOptions options_;
  std::array<Shard, kShards> shards_;
};

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_RATE_LIMIT_H_
