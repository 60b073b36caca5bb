// The Ed25519 keys of license tokens: one signs, and others still verify what they signed before. Rotation: put a new
// key first and keep the old one until its tokens have expired.
#ifndef LMP_SERVER_TOKEN_KEYS_H_
#define LMP_SERVER_TOKEN_KEYS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/domain/license/license_token.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace lmp::server {

struct TokenKey {
  std::string key_id;          // RFC 7638 thumbprint of the JWK
  std::string x;               // the public key as in the JWK: 32 bytes, base64url
  std::string public_key_pem;  // SubjectPublicKeyInfo
};

// The keys as they were at one time. Immutable.
class TokenKeySet final : public domain::TokenSigner {
 public:
  // PEM files, each with one Ed25519 key. The first needs the private key; of the others only the public key is kept,
  // whichever they hold. Errors: INVALID_ARGUMENT, naming the file and never what is in it.
  static absl::StatusOr<std::shared_ptr<const TokenKeySet>> Load(const std::vector<std::string>& files);

  // The signing key first; empty if there is none.
  const std::vector<TokenKey>& keys() const { return keys_; }
  bool empty() const { return keys_.empty(); }
  // Of the key that signs; "" if there is none.
  std::string signing_key_id() const override { return empty() ? "" : keys_[0].key_id; }

  // Must not be empty().
  absl::StatusOr<std::string> Sign(absl::string_view type, absl::string_view claims) const override;
  // {"keys":[…]}, RFC 7517.
  std::string JwksJson() const;

 private:
  std::vector<TokenKey> keys_;
  std::shared_ptr<evp_pkey_st> private_key_;
};

// The keys of a running server, read again when their files change. Thread-safe.
class TokenKeys final {
 public:
  // No files: no keys, which is allowed. Errors: as TokenKeySet::Load.
  static absl::StatusOr<std::unique_ptr<TokenKeys>> Open(std::vector<std::string> files);

  // Looks at the files at most once in `kLookPeriod`. A change that can't be read is logged, once, and tried again
  // until it can; till then the keys stay as they are.
  std::shared_ptr<const TokenKeySet> Current();

  // From now on these files, read at once. Errors: as Open(); the files and keys are then as they were.
  absl::Status Reload(std::vector<std::string> files);

  static constexpr absl::Duration kLookPeriod = absl::Seconds(1);

 private:
  TokenKeys(std::vector<std::string> files, std::string state, std::shared_ptr<const TokenKeySet> keys);

  absl::Mutex mutex_;
  std::vector<std::string> files_ ABSL_GUARDED_BY(mutex_);
  absl::Time looked_ ABSL_GUARDED_BY(mutex_);
  std::string state_ ABSL_GUARDED_BY(mutex_);    // of the files when they were read
  std::string refused_ ABSL_GUARDED_BY(mutex_);  // their state when they last could not be
  std::shared_ptr<const TokenKeySet> keys_ ABSL_GUARDED_BY(mutex_);
};

// A new private key in `file` (mode 0600) if there is no such file, in a directory that only we can change. Errors:
// FAILED_PRECONDITION, also if what is there is not a plain file of ours.
absl::Status MakeTokenKeyFile(const std::string& file);

}  // namespace lmp::server

#endif  // LMP_SERVER_TOKEN_KEYS_H_
