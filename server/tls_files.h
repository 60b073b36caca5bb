// The files of the server's TLS. They are read again when they change, and a change is taken as a whole or not at all:
// only if the files can be read and fit together. Client certificates are held against the CA of now, not that of the
// handshake, which may be an hour ago.
#ifndef LMP_SERVER_TLS_FILES_H_
#define LMP_SERVER_TLS_FILES_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/auth/issuer_keys.h"

struct x509_store_st;  // X509_STORE of OpenSSL

namespace lmp::server {

struct TlsNames {
  std::string cert;       // the chain, the server's own certificate first
  std::string key;        // its private key
  std::string client_ca;  // empty: clients need no certificate
};

// The files at one point in time. Immutable.
class TlsSet final {
 public:
  // Errors: INVALID_ARGUMENT, naming the file and never its content, if one is not PEM from its first to its last
  // certificate, or if the key is not that of the first certificate.
  static absl::StatusOr<std::shared_ptr<const TlsSet>> Load(const TlsNames& names);

  const std::string& cert_chain() const { return cert_chain_; }
  const std::string& key() const { return key_; }
  const std::string& client_ca() const { return client_ca_; }

  // The moment at which the certificate, or one between it and the CA, ends. `chain` is what the client sent with it.
  // Errors: INVALID_ARGUMENT if the CA does not vouch for it; DEADLINE_EXCEEDED if it has expired.
  absl::StatusOr<absl::Time> EndOfClient(const std::string& certificate, const std::string& chain,
                                         absl::Time now) const;

 private:
  std::string cert_chain_, key_, client_ca_;
  std::shared_ptr<x509_store_st> authorities_;
};

// The files of a running server. Thread-safe.
class TlsFiles final {
 public:
  // Errors: as TlsSet::Load.
  static absl::StatusOr<std::unique_ptr<TlsFiles>> Open(TlsNames names, auth::Report report);

  // Looks at the files at most once in `kLookPeriod`; a change that nobody has added to for a second is taken. What
  // can't be used is reported once and looked at again until it can; until then all stays as it was.
  std::shared_ptr<const TlsSet> Current() ABSL_LOCKS_EXCLUDED(mutex_);
  // Takes the files at once. Errors: as Open(); all stays as it was.
  absl::Status Reload() ABSL_LOCKS_EXCLUDED(mutex_);

  // As TlsSet::EndOfClient, now, with the CA of now; what was found is kept.
  absl::StatusOr<absl::Time> CheckClient(absl::string_view certificate, absl::string_view chain)
      ABSL_LOCKS_EXCLUDED(mutex_);

  static constexpr absl::Duration kLookPeriod = absl::Seconds(1);

 private:
  struct Client {
    std::string chain;                  // of its last whole handshake: one that resumes a session sends none
    std::shared_ptr<const TlsSet> set;  // by which it was judged
    absl::StatusOr<absl::Time> end = absl::Time();
    absl::Time until;  // when it must be judged again
  };

  TlsFiles(TlsNames names, auth::Report report) : names_(std::move(names)), report_(std::move(report)) {}
  absl::Status Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string StateOfFiles() const;
  bool AreSettled() const;
  std::shared_ptr<const TlsSet> Look(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const TlsNames names_;
  const auth::Report report_;
  absl::Mutex mutex_;
  absl::Time looked_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::string state_ ABSL_GUARDED_BY(mutex_);      // of the files when they were taken
  std::string complaint_ ABSL_GUARDED_BY(mutex_);  // what was reported last
  std::shared_ptr<const TlsSet> set_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Client> clients_ ABSL_GUARDED_BY(mutex_);  // by certificate
};

}  // namespace lmp::server

#endif  // LMP_SERVER_TLS_FILES_H_
