// API keys as the database has them, at most five seconds old. So every server refuses a revoked key within that time,
// and a caller that calls often costs the database next to nothing.
#ifndef LMP_SERVER_AUTH_API_KEY_CACHE_H_
#define LMP_SERVER_AUTH_API_KEY_CACHE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/auth/identity.h"

namespace lmp::auth {

// Null if there is no such key, or if it was revoked.
using FoundKey = std::shared_ptr<const Identity>;
using KeyDone = std::function<void(absl::StatusOr<FoundKey>)>;
// Asks the database for the owner of the key with this hash, and calls `done` exactly once, maybe in another thread.
using FindKey = std::function<void(const std::string& hash, KeyDone done)>;

// Thread-safe. Must outlive the questions that it asked with `find`.
class ApiKeyCache final {
 public:
  ApiKeyCache(FindKey find, std::function<absl::Time()> clock) : find_(std::move(find)), clock_(std::move(clock)) {}

  // Calls `done` exactly once: at once if the key was looked up lately, otherwise after the lookup. One lookup serves
  // all who wait for it. Errors: those of the lookup; RESOURCE_EXHAUSTED for a key that nobody has used lately while
  // kMaxUnknownLooks of such keys are looked up.
  void Find(const std::string& hash, KeyDone done);
  size_t size() const {
    absl::MutexLock lock(&mutex_);
    return entries_.size();
  }

  static constexpr absl::Duration kMaxAge = absl::Seconds(5);
  // An older entry is still used, and looked up again meanwhile.
  static constexpr absl::Duration kRefreshAge = absl::Seconds(2);
  static constexpr size_t kMaxEntries = 10'000;
  // Anybody can invent keys with a checksum that is right. Those must not keep the keys in use from being looked up
  // again.
  static constexpr int kMaxUnknownLooks = 1000;

 private:
  struct Entry {
    FoundKey key;
    absl::Time read_time = absl::InfinitePast();  // when the lookup began, not when its answer came
    bool looking = false;
    bool unknown = false;  // while it is looked up: it was not known to be a key
    std::vector<KeyDone> waiting;
  };

  void Look(const std::string& hash);
  void Answer(const std::string& hash, absl::Time asked, const absl::StatusOr<FoundKey>& key);
  // A lookup of this key would be one too many.
  bool IsRefused(const std::string& hash, absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MakeRoom(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const FindKey find_;
  const std::function<absl::Time()> clock_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  int unknown_looks_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_API_KEY_CACHE_H_
