// Finds out who makes a call from what the call brings: an API key, a token of a trusted issuer, or a client
// certificate.
#ifndef LMP_SERVER_AUTH_AUTHENTICATOR_H_
#define LMP_SERVER_AUTH_AUTHENTICATOR_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/auth/api_key_cache.h"
#include "server/auth/auth_file.h"
#include "server/auth/certificate.h"
#include "server/auth/identity.h"
#include "server/auth/issuer_keys.h"

namespace lmp::auth {

struct Credentials {
  absl::string_view authorization;  // the header, "Bearer …"; it counts before the certificate
  CertificateNames certificate;     // names of a certificate that was verified
  // Until when the certificate is good; or why it is not any more: then the caller is refused, whatever else it brings.
  absl::StatusOr<absl::Time> certificate_end = absl::InfiniteFuture();
};

// Thread-safe.
class Authenticator final {
 public:
  struct Options {
    bool anonymous_is_admin = false;  // a caller that brings nothing is the local administrator
    std::string auth_file;            // may be empty: then only API keys are known
    FindKey find_key;
    Report report;  // writes to the log
    std::function<absl::Time()> clock = absl::Now;
  };
  using Caller = std::shared_ptr<const Identity>;
  using Done = std::function<void(absl::StatusOr<Caller> caller, const std::string& why)>;

  // Errors: INVALID_ARGUMENT if the file can't be used.
  static absl::StatusOr<std::unique_ptr<Authenticator>> Open(Options options);

  // Calls `done` exactly once; at once unless it must look up an API key that was not used lately. Errors:
  // UNAUTHENTICATED; UNAVAILABLE if the caller can't be identified at the moment. `why` is for the log alone.
  void Authenticate(const Credentials& credentials, Done done);

  // Looks whether the file has changed, as each call does.
  void Look() { CurrentTrust(options_.clock()); }
  // Reads the file at once. Errors: as Open(); everything stays as it was then.
  absl::Status Reload();

  // Between two looks at the file, if calls come. A change counts once nobody has added to it for a second.
  static constexpr absl::Duration kLookPeriod = absl::Seconds(1);
  static constexpr absl::Duration kMaxTokenAge = absl::Seconds(60);  // for this long a token is not verified again
  static constexpr size_t kMaxTokens = 10'000;

 private:
  // What the file says, with the keys of its issuers. Immutable.
  struct Trust {
    AuthFile file;
    std::vector<std::shared_ptr<IssuerKeys>> issuers;
  };
  struct Known {
    Caller caller;
    absl::Time until;
    std::shared_ptr<const IssuerKeys> verifier;
    std::shared_ptr<const KeySet> keys;  // the verifier's then
  };

  explicit Authenticator(Options options);
  absl::StatusOr<std::shared_ptr<const Trust>> Load() const;
  std::shared_ptr<const Trust> CurrentTrust(absl::Time now);
  void Take(std::shared_ptr<const Trust> trust) ABSL_EXCLUSIVE_LOCKS_REQUIRED(reload_mutex_);
  absl::StatusOr<Caller> OfToken(absl::string_view token, absl::Time now);
  absl::StatusOr<Known> VerifiedToken(absl::string_view token, const Trust& trust, absl::Time now) const;
  absl::StatusOr<Caller> OfCertificate(const CertificateNames& names, absl::Time end, absl::Time now);
  void AnswerKey(const absl::StatusOr<FoundKey>& key, const Done& done) const;

  const Options options_;
  const Caller local_admin_;
  ApiKeyCache keys_;
  // Of two who read the file, the one who read it later is the last to say what it says.
  absl::Mutex reload_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  absl::Mutex mutex_;
  std::shared_ptr<const Trust> trust_ ABSL_GUARDED_BY(mutex_);
  absl::Time looked_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::string state_ ABSL_GUARDED_BY(mutex_);  // state of the file when it was last looked at
  // Tokens that were verified, by their SHA-256.
  absl::flat_hash_map<std::string, Known> tokens_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_AUTHENTICATOR_H_
