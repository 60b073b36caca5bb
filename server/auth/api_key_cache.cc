#include "server/auth/api_key_cache.h"

#include <utility>

namespace lmp::auth {

void ApiKeyCache::Find(const std::string& hash, KeyDone done) {
  const absl::Time now = clock_();
  bool look = false;
  FoundKey known;
  bool answer = false;
  {
    absl::MutexLock lock(&mutex_);
    if (!entries_.contains(hash)) MakeRoom(now);
    Entry& entry = entries_[hash];
    const absl::Duration age = now - entry.read_time;
    look = !entry.looking && age >= kRefreshAge;
    entry.looking = entry.looking || look;
    answer = age < kMaxAge;
    known = entry.key;
    if (!answer) entry.waiting.push_back(done);
  }
  if (answer) done(known);
  if (look) Look(hash);
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
