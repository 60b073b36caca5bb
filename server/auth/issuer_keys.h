// The keys of one issuer of tokens, from a file or an https URL. They are read again in the background; if that fails,
// the last good ones are kept.
#ifndef LMP_SERVER_AUTH_ISSUER_KEYS_H_
#define LMP_SERVER_AUTH_ISSUER_KEYS_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/auth/auth_file.h"
#include "server/auth/jws.h"

namespace lmp::auth {

// Notes that a file ("auth_file", "issuer_keys", "tls", "token_keys") was read again, or why it can't be used.
using Report = std::function<void(absl::string_view file, absl::string_view what, const absl::Status& status)>;

// Thread-safe.
class IssuerKeys final {
 public:
  using Read = std::function<absl::StatusOr<std::string>(const IssuerOptions&)>;  // returns the text of the key set
  struct Periods {
    absl::Duration file = absl::Seconds(1);     // between looks at a file, which is read only if it has changed
    absl::Duration url = absl::Minutes(5);      // between fetches from a URL
    absl::Duration asked = absl::Minutes(1);    // the least time between a fetch and one because of an unknown key id
    absl::Duration failed = absl::Seconds(10);  // until the next try, as long as there are no keys at all
  };

  IssuerKeys(IssuerOptions options, Report report, Read read, Periods periods,
             std::shared_ptr<const KeySet> keys = nullptr);
  // Reads the file, or the URL with libcurl. `keys` are those to use until that has succeeded once; may be null.
  IssuerKeys(IssuerOptions options, Report report, std::shared_ptr<const KeySet> keys = nullptr);
  ~IssuerKeys();

  const IssuerOptions& options() const { return options_; }
  // Null until the keys were read for the first time.
  std::shared_ptr<const KeySet> Current() const;
  // Called when a token names a key that is not among the keys. Returns true if newer keys are being read because of
  // it, so that the key may be known soon.
  bool AskForNewer();

 private:
  void Run();
  bool IsFile() const { return options_.jwks.find("://") == std::string::npos; }
  bool Woken() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || asked_; }
  void Look();
  bool WaitForNextLook();  // returns false if the thread must stop

  const IssuerOptions options_;
  const Report report_;
  const Read read_;
  const Periods periods_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const KeySet> keys_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool asked_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time looked_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::string state_;      // state of the file, or the text, when it was last read; used only by the thread
  std::string complaint_;  // the problem that was last reported; used only by the thread
  std::thread thread_;
};

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_ISSUER_KEYS_H_
