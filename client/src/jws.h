// JSON Web Signatures (RFC 7515) with Ed25519 (RFC 8037): just what license tokens need. No Debian 12 package can do
// this: libjwt 1.10 and cpp-jwt 1.4 do not know EdDSA.
#ifndef LMP_CLIENT_SRC_JWS_H_
#define LMP_CLIENT_SRC_JWS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lmp::client {

// Accepts only the one canonical form: no padding, no blanks, no stray bits in the last character.
std::optional<std::string> DecodeBase64Url(absl::string_view text);

// The thumbprint (RFC 7638) of the Ed25519 key whose JWK has this "x".
std::string JwkThumbprint(absl::string_view x);

// Ed25519 public keys, 32 bytes each, by key id.
using KeySet = std::map<std::string, std::string>;
// Reads a JSON Web Key Set (RFC 7517). Keys of other kinds or for another use are left out; a key without a "kid" gets
// its thumbprint as its id. Errors: INVALID_ARGUMENT.
absl::StatusOr<KeySet> ParseKeySet(absl::string_view jwks_json);

// The parts of a compact serialization, not yet verified.
struct Jws {
  std::string algorithm;
  std::string key_id;  // empty if the token names no key
  std::string type;
  bool critical = false;  // true if it has extensions that must be understood, which we don't
  std::string payload;
  std::string signing_input;
  std::string signature;
};
// Returns nothing if the text is no compact serialization.
std::optional<Jws> ParseJws(absl::string_view compact);

bool VerifyEd25519(const std::string& public_key, const std::string& message, const std::string& signature);

}  // namespace lmp::client

#endif  // LMP_CLIENT_SRC_JWS_H_
