// An issuer of tokens for tests: keys made on the spot, and whatever header and claims one wants.
#ifndef LMP_TESTS_AUTH_TOKEN_MAKER_H_
#define LMP_TESTS_AUTH_TOKEN_MAKER_H_

#include <memory>
#include <string>

#include "nlohmann/json.hpp"

struct evp_pkey_st;

namespace lmp::auth {

class TokenMaker final {
 public:
  // "RS256", "ES256" or "EdDSA"; `bits` of RSA.
  explicit TokenMaker(const std::string& algorithm, const std::string& key_id = "k1", unsigned bits = 2048);

  // The public key as a JWK, and alone in a set.
  nlohmann::json Jwk() const;
  std::string Jwks() const { return nlohmann::json({{"keys", {Jwk()}}}).dump(); }
  // {"alg":…,"kid":…,"typ":"JWT"} and these claims, signed.
  std::string Sign(const nlohmann::json& claims) const { return Sign(Header(), claims.dump()); }
  std::string Sign(const nlohmann::json& header, const std::string& payload) const;
  nlohmann::json Header() const { return {{"alg", algorithm_}, {"kid", key_id_}, {"typ", "JWT"}}; }

 private:
  std::string Signature(const std::string& text) const;

  const std::string algorithm_;
  const std::string key_id_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace lmp::auth

#endif  // LMP_TESTS_AUTH_TOKEN_MAKER_H_
