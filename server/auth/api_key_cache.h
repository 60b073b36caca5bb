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
  // all who wait for it.
  void Find(const std::string& hash, KeyDone done);
  size_t size() const {
    absl::MutexLock lock(&mutex_);
    return entries_.size();
  }

  static constexpr absl::Duration kMaxAge = absl::Seconds(5);
  // An older entry is still used, and looked up again meanwhile.
  static constexpr absl::Duration kRefreshAge = absl::Seconds(2);
  static constexpr size_t kMaxEntries = 10'000;

 private:
  struct Entry {
    FoundKey key;
    absl::Time read_time = absl::InfinitePast();  // when the lookup began, not when its answer came
    bool looking = false;
    std::vector<KeyDone> waiting;
  };

  void Look(const std::string& hash);
  void Answer(const std::string& hash, absl::Time asked, const absl::StatusOr<FoundKey>& key);
  void MakeRoom(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const FindKey find_;
  const std::function<absl::Time()> clock_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_API_KEY_CACHE_H_
