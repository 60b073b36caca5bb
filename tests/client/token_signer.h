// Makes JWTs as the server does, and as it never would.
#ifndef LMP_TESTS_CLIENT_TOKEN_SIGNER_H_
#define LMP_TESTS_CLIENT_TOKEN_SIGNER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace lmp::client {

// An Ed25519 key made of a seed: the same for the same letter.
class TokenSigner final {
 public:
  explicit TokenSigner(char letter) : TokenSigner(std::string(32, letter)) {}
  // 32 bytes.
  explicit TokenSigner(const std::string& seed) : seed_(seed) {}

  std::string x() const;                                 // the public key in base64url
  std::string key_id() const;                            // its thumbprint
  std::string jwk() const;                               // with kid, alg and use
  std::string Signature(absl::string_view input) const;  // 64 bytes

  // A compact JWS of these texts.
  std::string Sign(absl::string_view header, absl::string_view payload) const;
  // A license token or revocation list with these claims.
  std::string Token(absl::string_view claims) const;
  std::string List(absl::string_view claims) const;

 private:
  std::string seed_;
};

}  // namespace lmp::client

#endif  // LMP_TESTS_CLIENT_TOKEN_SIGNER_H_
