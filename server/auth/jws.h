// JSON Web Signatures and key sets (RFC 7515, 7517, 7518, 8037): RS256, ES256 and EdDSA, and nothing else. The key
// alone says for which algorithm it is, so that no token can choose another algorithm for it.
#ifndef LMP_SERVER_AUTH_JWS_H_
#define LMP_SERVER_AUTH_JWS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct evp_pkey_st;  // EVP_PKEY of OpenSSL

namespace lmp::auth {

// The parts of a compact serialization, not yet verified.
struct Jws {
  std::string algorithm;
  std::string key_id;  // empty if the token names no key
  std::string type;
  std::string payload;
  std::string signing_input;
  std::string signature;
};

// Errors: INVALID_ARGUMENT, also if the token has an extension that must be understood (`crit`): the server understands
// none.
absl::StatusOr<Jws> ParseJws(absl::string_view compact);

struct VerificationKey {
  std::string key_id;     // may be empty
  std::string algorithm;  // the only algorithm that the key is for
  std::shared_ptr<evp_pkey_st> key;
};

// The public keys of an issuer. Immutable.
class KeySet final {
 public:
  // Reads a JSON Web Key Set. Keys that do not verify by one of our algorithms are left out. Errors: INVALID_ARGUMENT
  // if the text is no key set, or no key remains.
  static absl::StatusOr<std::shared_ptr<const KeySet>> Parse(absl::string_view jwks_json);

  // OK if one of the keys made the signature. Errors: NOT_FOUND if no key has the token's key id (a newer set may have
  // it); INVALID_ARGUMENT if the signature or the kind of key is wrong.
  absl::Status Verify(const Jws& jws) const;

 private:
  std::vector<VerificationKey> keys_;
};

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_JWS_H_
