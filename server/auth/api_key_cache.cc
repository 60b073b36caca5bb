#include "server/auth/api_key_cache.h"

#include <utility>

namespace lmp::auth {

void ApiKeyCache::Find(const std::string& hash, KeyDone done) {
  const absl::Time now = clock_();
  bool look = false;
  bool answer = false;
  FoundKey known;
  if (absl::MutexLock lock(&mutex_); !IsRefused(hash, now)) {
    if (!entries_.contains(hash)) MakeRoom(now);
    Entry& entry = entries_[hash];
    const absl::Duration age = now - entry.read_time;
    look = !entry.looking && age >= kRefreshAge;
    if (look) {
      entry.looking = true;
      entry.unknown = entry.key == nullptr;
      unknown_looks_ += entry.unknown ? 1 : 0;
    }
    answer = age < kMaxAge;
    known = entry.key;
    if (!answer) entry.waiting.push_back(std::exchange(done, nullptr));
  }
  if (answer) done(known);
  if (look) Look(hash);
  if (!answer && done != nullptr)
    done(absl::ResourceExhaustedError("too many API keys are looked up that nobody has used lately: try again"));
}

bool ApiKeyCache::IsRefused(const std::string& hash, absl::Time now) const {
  if (unknown_looks_ < kMaxUnknownLooks) return false;
  const auto entry = entries_.find(hash);
  if (entry == entries_.end()) return true;
  return entry->second.key == nullptr && !entry->second.looking && now - entry->second.read_time >= kRefreshAge;
}

void ApiKeyCache::Look(const std::string& hash) {
  find_(hash, [this, hash, asked = clock_()](const absl::StatusOr<FoundKey>& key) { Answer(hash, asked, key); });
}

void ApiKeyCache::Answer(const std::string& hash, absl::Time asked, const absl::StatusOr<FoundKey>& key) {
  std::vector<KeyDone> waiting;
  {
    absl::MutexLock lock(&mutex_);
    Entry& entry = entries_[hash];
    entry.looking = false;
    if (std::exchange(entry.unknown, false)) --unknown_looks_;
    waiting = std::exchange(entry.waiting, {});
    if (key.ok()) entry.key = *key, entry.read_time = asked;
  }
  for (const KeyDone& done : waiting) done(key);
}

// Keys that do not exist are removed first, because somebody who invents keys can invent many.
void ApiKeyCache::MakeRoom(absl::Time now) {
  if (entries_.size() < kMaxEntries) return;
  absl::erase_if(entries_, [now](const auto& entry) {
    return !entry.second.looking && (entry.second.key == nullptr || now - entry.second.read_time >= kMaxAge);
  });
}

}  // namespace lmp::auth
