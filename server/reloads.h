// What became of the files that a running server reads again: logged, and counted for metrics.
#ifndef LMP_SERVER_RELOADS_H_
#define LMP_SERVER_RELOADS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/auth/issuer_keys.h"
#include "server/samples.h"

namespace lmp::server {

// Thread-safe.
class Reloads final {
 public:
  // Logs what was done with the file, or not done and why, and counts it.
  void Note(absl::string_view file, absl::string_view what, const absl::Status& status);
  // For those who log it themselves.
  void Count(absl::string_view file, bool taken);
  // Note() of this object, which must outlive it.
  auth::Report report();

  void AddTo(Samples& samples) const;

 private:
  mutable absl::Mutex mutex_;
  std::map<std::pair<std::string, bool>, int64_t> counts_ ABSL_GUARDED_BY(mutex_);  // by file, and whether it was taken
};

}  // namespace lmp::server

#endif  // LMP_SERVER_RELOADS_H_
