// Places for streams: so many in all, and of whoever is bound to one partner or customer only a part, so that one of
// them does not take the places of all others.
#ifndef LMP_SERVER_RPCS_WATCH_PLACES_H_
#define LMP_SERVER_RPCS_WATCH_PLACES_H_

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "server/domain/env.h"

namespace lmp::rpcs {

class WatchPlaces final : public std::enable_shared_from_this<WatchPlaces> {
 public:
  static constexpr int kAll = 1000;
  static constexpr int kOfOne = 100;

  // A place, until the result is gone; null if there is none left. Thread-safe.
  std::shared_ptr<const void> Take(const domain::Caller& caller) ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::string whose = Whose(caller);
    {
      absl::MutexLock lock(&mutex_);
      if (all_ >= kAll) return nullptr;
      const int of_one = ++taken_[whose];
      ++all_;
      if (!whose.empty() && of_one > kOfOne) {
        Return(whose);
        return nullptr;
      }
    }
    return {this, [places = shared_from_this(), whose](const void*) {
              absl::MutexLock lock(&places->mutex_);
              places->Return(whose);
            }};
  }

 private:
  // Whose part it takes: all keys of a customer share one. Empty: the operator's own.
  static std::string Whose(const domain::Caller& caller) {
    if (!caller.customer_id.empty()) return absl::StrCat("customers/", caller.customer_id);
    return caller.partner_id.empty() ? "" : absl::StrCat("partners/", caller.partner_id);
  }
  void Return(const std::string& whose) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    --all_;
    if (--taken_[whose] == 0) taken_.erase(whose);
  }

  absl::Mutex mutex_;
  int all_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_WATCH_PLACES_H_
