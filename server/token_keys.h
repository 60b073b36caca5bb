// The Ed25519 keys of license tokens: one key signs, and the others still verify what they signed before. To rotate,
// put a new key first and keep the old key until its tokens have expired.
#ifndef LMP_SERVER_TOKEN_KEYS_H_
#define LMP_SERVER_TOKEN_KEYS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/domain/license/license_token.h"

struct evp_pkey_st;  // EVP_PKEY of OpenSSL

namespace lmp::server {

struct TokenKey {
  std::string key_id;          // RFC 7638 thumbprint of the JWK
  std::string x;               // the public key as the JWK has it: 32 bytes, base64url
  std::string public_key_pem;  // SubjectPublicKeyInfo
};

// The keys at one point in time. Immutable.
class TokenKeySet final : public domain::TokenSigner {
 public:
  // Reads PEM files, each with one Ed25519 key. The first file must hold the private key; of the others only the public
  // key is kept, even if they hold a private key. Errors: INVALID_ARGUMENT, which names the file and never its content.
  static absl::StatusOr<std::shared_ptr<const TokenKeySet>> Load(const std::vector<std::string>& files);

  // The signing key is first; empty if there is none.
  const std::vector<TokenKey>& keys() const { return keys_; }
  bool empty() const { return keys_.empty(); }
  // The id of the key that signs; "" if there is none.
  std::string signing_key_id() const override { return empty() ? "" : keys_[0].key_id; }

  // May be called only if not empty().
  absl::StatusOr<std::string> Sign(absl::string_view type, absl::string_view claims) const override;
  // The key set as {"keys":[…]}, RFC 7517.
  std::string JwksJson() const;

 private:
  std::vector<TokenKey> keys_;
  std::shared_ptr<evp_pkey_st> private_key_;
};

// The keys of a running server, which are read again when their files change. Thread-safe.
class TokenKeys final {
 public:
  // Without files there are no keys, which is allowed. Errors: as TokenKeySet::Load.
  static absl::StatusOr<std::unique_ptr<TokenKeys>> Open(std::vector<std::string> files);

  // Looks at the files at most once in `kLookPeriod`. A change that can't be read is logged once and tried again until
  // it can be read; until then the keys stay as they are.
  std::shared_ptr<const TokenKeySet> Current();

  // Uses these files from now on, and reads them at once. Errors: as Open(); files and keys then stay as they were.
  absl::Status Reload(std::vector<std::string> files);

  // Calls it whenever files that had changed were read, or could not be. To be set before others use the keys.
  void set_count(std::function<void(bool taken)> count) { count_ = std::move(count); }

  static constexpr absl::Duration kLookPeriod = absl::Seconds(1);

 private:
  TokenKeys(std::vector<std::string> files, std::string state, std::shared_ptr<const TokenKeySet> keys);

  std::function<void(bool taken)> count_ = [](bool) {};
  absl::Mutex mutex_;
  std::vector<std::string> files_ ABSL_GUARDED_BY(mutex_);
  absl::Time looked_ ABSL_GUARDED_BY(mutex_);
  std::string state_ ABSL_GUARDED_BY(mutex_);    // state of the files when they were read
  std::string refused_ ABSL_GUARDED_BY(mutex_);  // state of the files when they last could not be read
  std::shared_ptr<const TokenKeySet> keys_ ABSL_GUARDED_BY(mutex_);
};

// Makes a new private key in `file` (mode 0600) if there is no such file. Only we may be able to change its directory.
// Errors: FAILED_PRECONDITION, also if something is there that is not a plain file of ours.
absl::Status MakeTokenKeyFile(const std::string& file);

}  // namespace lmp::server

#endif  // LMP_SERVER_TOKEN_KEYS_H_
