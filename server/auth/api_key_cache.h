// API keys as the database has them, at most five seconds old: so a key that is revoked is refused by every server
// within that time, and who calls often costs the database next to nothing.
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

// Null: there is no such key, or it was revoked.
using FoundKey = std::shared_ptr<const Identity>;
using KeyDone = std::function<void(absl::StatusOr<FoundKey>)>;
// Asks the database who has a key with this hash, and calls `done` exactly once, maybe in another thread.
using FindKey = std::function<void(const std::string& hash, KeyDone done)>;

// Thread-safe. Outlives what it asked `find` for.
class ApiKeyCache final {
 public:
  ApiKeyCache(FindKey find, std::function<absl::Time()> clock) : find_(std::move(find)), clock_(std::move(clock)) {}

  // Calls `done` exactly once: at once if the key was looked up lately, else when it has been; one look is for all who
  // wait.
  void Find(const std::string& hash, KeyDone done);
  size_t size() const {
    absl::MutexLock lock(&mutex_);
    return entries_.size();
  }

  static constexpr absl::Duration kMaxAge = absl::Seconds(5);
  static constexpr absl::Duration kRefreshAge = absl::Seconds(2);  // used after that: looked up again beside
  static constexpr size_t kMaxEntries = 10'000;

 private:
  struct Entry {
    FoundKey key;
    absl::Time read_time = absl::InfinitePast();  // when it was asked for, not when the answer came
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
