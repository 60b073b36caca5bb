// Keeps answers for callers that accept answers of some age (max_staleness). The cache is bounded, and nothing is ever
// invalidated: an entry is only as good as its age, and each caller says how old is too old.
#ifndef LMP_SERVER_ENGINE_ANSWER_CACHE_H_
#define LMP_SERVER_ENGINE_ANSWER_CACHE_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace lmp::engine {

// Thread-safe. Keeps at least the `entries` answers that were put last, and at most twice as many.
class AnswerCache final {
 public:
  explicit AnswerCache(size_t entries = 64 * 1024) : entries_per_shard_(entries / kShards + 1) {}

  // Returns the bytes of the answer that was put for the key, if its read_time is no more than `max_staleness` before
  // `now` and on the same day (UTC): with the date alone, a license may change its state at midnight.
  std::optional<std::string> Find(const std::string& key, absl::Time now, absl::Duration max_staleness) {
    Shard& shard = ShardOf(key);
    absl::MutexLock lock(&shard.mutex);
    for (const Answers* answers : {&shard.young, &shard.old}) {
      const auto found = answers->find(key);
      if (found == answers->end()) continue;
      const absl::Time read_time = found->second.read_time;
      const bool good = read_time <= now && now - read_time <= max_staleness && SameDay(read_time, now);
      return good ? std::optional<std::string>(found->second.bytes) : std::nullopt;
    }
    return std::nullopt;
  }

  // An answer that is older than the stored one changes nothing.
  void Put(const std::string& key, absl::Time read_time, std::string bytes) {
    Shard& shard = ShardOf(key);
    absl::MutexLock lock(&shard.mutex);
    Answer& answer = shard.young[key];
    if (answer.read_time > read_time) return;
    answer = {read_time, std::move(bytes)};
    if (shard.young.size() < entries_per_shard_) return;
    shard.old = std::move(shard.young);
    shard.young.clear();
  }

 private:
  struct Answer {
    absl::Time read_time = absl::InfinitePast();
    std::string bytes;
  };
  using Answers = absl::flat_hash_map<std::string, Answer>;
  // The shard has two generations instead of a list in order of use: when the young generation is full, it becomes the
  // old one, and the previous old one is dropped.
  struct Shard {
    absl::Mutex mutex;
    Answers young ABSL_GUARDED_BY(mutex);
    Answers old ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 16;

  static bool SameDay(absl::Time a, absl::Time b) {
    return absl::ToCivilDay(a, absl::UTCTimeZone()) == absl::ToCivilDay(b, absl::UTCTimeZone());
  }
  Shard& ShardOf(const std::string& key) { return shards_[absl::HashOf(key) / 7 % kShards]; }

  const size_t entries_per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_ANSWER_CACHE_H_
