#include "server/auth/rate_limit.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace lmp::auth {
namespace {

// A wait must not be rounded to zero, which would mean that the caller was let in.
constexpr absl::Duration kShortestWait = absl::Milliseconds(1);

}  // namespace

double RateLimit::Capacity() const { return std::max(1.0, options_.calls_per_second * options_.burst_seconds); }

absl::Duration RateLimit::Take(absl::string_view actor, absl::Time now) {
  if (options_.calls_per_second <= 0) return absl::ZeroDuration();
  Shard& shard = shards_[absl::HashOf(actor) / 7 % kShards];
  absl::MutexLock lock(&shard.mutex);
  Clean(shard, now);
  const auto [entry, is_new] = shard.buckets.try_emplace(actor, Bucket{Capacity(), now});
  Bucket& bucket = entry->second;
  const double seconds = std::max(0.0, absl::ToDoubleSeconds(now - bucket.filled));
  bucket.calls = std::min(Capacity(), bucket.calls + seconds * options_.calls_per_second);
  bucket.filled = now;
  if (bucket.calls < 1) return std::max(kShortestWait, absl::Seconds((1 - bucket.calls) / options_.calls_per_second));
  bucket.calls -= 1;
  return absl::ZeroDuration();
}

// Removes full buckets: an actor without a bucket is treated the same.
void RateLimit::Clean(Shard& shard, absl::Time now) const {
  const absl::Duration full = absl::Seconds(Capacity() / options_.calls_per_second);
  if (now - shard.cleaned < full) return;
  shard.cleaned = now;
  absl::erase_if(shard.buckets, [&](const auto& entry) { return now - entry.second.filled >= full; });
}

}  // namespace lmp::auth
