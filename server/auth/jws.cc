#include "server/auth/jws.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nlohmann/json.hpp"

namespace lmp::auth {
namespace {

using Json = nlohmann::json;
using Key = std::shared_ptr<EVP_PKEY>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)>;
using Params = std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)>;

constexpr char kRs256[] = "RS256";
constexpr char kEs256[] = "ES256";
constexpr char kEdDsa[] = "EdDSA";
constexpr int kMinRsaBits = 2048;       // RFC 7518, 3.3
constexpr int kMaxRsaBits = 8192;       // an issuer's mistake must not cost milliseconds for each call
constexpr size_t kCoordinateSize = 32;  // bytes, for P-256 and for Ed25519

absl::Status Malformed(absl::string_view what) { return absl::InvalidArgumentError(what); }

// Accepts only the one canonical form: no padding, no blanks, no stray bits in the last character.
std::optional<std::string> DecodeBase64Url(absl::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || absl::WebSafeBase64Escape(bytes) != text) return std::nullopt;
  return bytes;
}

std::string TextOf(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

const unsigned char* BytesOf(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Number NumberOf(const std::string& bytes) {
  return Number(BN_bin2bn(BytesOf(bytes), static_cast<int>(bytes.size()), nullptr), BN_free);
}

Key FromParams(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder), OSSL_PARAM_free);
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  Key owned(key, EVP_PKEY_free);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr), EVP_PKEY_CTX_free);
  return check != nullptr && EVP_PKEY_public_check(check.get()) == 1 ? owned : nullptr;
}

Key RsaKey(const Json& jwk) {
  const auto n = DecodeBase64Url(TextOf(jwk, "n"));
  const auto e = DecodeBase64Url(TextOf(jwk, "e"));
  if (!n.has_value() || !e.has_value()) return nullptr;
  const Number modulus = NumberOf(*n);
  const Number exponent = NumberOf(*e);
  if (BN_num_bits(modulus.get()) < kMinRsaBits || BN_num_bits(modulus.get()) > kMaxRsaBits) return nullptr;
  if (BN_num_bits(exponent.get()) > 32) return nullptr;
  const ParamBuilder builder(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return FromParams("RSA", builder.get());
}

Key EcKey(const Json& jwk) {
  const auto x = DecodeBase64Url(TextOf(jwk, "x"));
  const auto y = DecodeBase64Url(TextOf(jwk, "y"));
  if (!x.has_value() || !y.has_value() || x->size() != kCoordinateSize || y->size() != kCoordinateSize) return nullptr;
  const std::string point = absl::StrCat("\x04", *x, *y);  // an uncompressed point
  const ParamBuilder builder(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return FromParams("EC", builder.get());
}

Key Ed25519Key(const Json& jwk) {
  const auto x = DecodeBase64Url(TextOf(jwk, "x"));
  if (!x.has_value() || x->size() != kCoordinateSize) return nullptr;
  return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, BytesOf(*x), x->size()), EVP_PKEY_free);
}

bool IsForVerifying(const Json& jwk) {
  if (jwk.contains("use") && TextOf(jwk, "use") != "sig") return false;
  const auto operations = jwk.find("key_ops");
  return operations == jwk.end() ||
         (operations->is_array() && std::count(operations->begin(), operations->end(), "verify") > 0);
}

// Returns nothing if the key is for something else.
std::optional<VerificationKey> KeyOf(const Json& jwk) {
  if (!jwk.is_object() || !IsForVerifying(jwk)) return std::nullopt;
  VerificationKey key{.key_id = TextOf(jwk, "kid")};
  const std::string type = TextOf(jwk, "kty");
  const std::string curve = TextOf(jwk, "crv");
  if (type == "RSA") key.algorithm = kRs256, key.key = RsaKey(jwk);
  if (type == "EC" && curve == "P-256") key.algorithm = kEs256, key.key = EcKey(jwk);
  if (type == "OKP" && curve == "Ed25519") key.algorithm = kEdDsa, key.key = Ed25519Key(jwk);
  if (key.key == nullptr || (jwk.contains("alg") && TextOf(jwk, "alg") != key.algorithm)) return std::nullopt;
  return key;
}

// In a JWS, an ECDSA signature is two numbers, one after the other (RFC 7518, 3.4), but OpenSSL wants them in DER.
std::string DerOf(const std::string& signature) {
  const Number r = NumberOf(signature.substr(0, kCoordinateSize));
  const Number s = NumberOf(signature.substr(kCoordinateSize));
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
  if (ECDSA_SIG_set0(pair.get(), BN_dup(r.get()), BN_dup(s.get())) != 1) return "";
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  std::string bytes(reinterpret_cast<const char*>(der), size > 0 ? static_cast<size_t>(size) : 0);
  OPENSSL_free(der);
  return bytes;
}

bool IsSignedBy(const VerificationKey& key, const Jws& jws) {
  std::string signature = jws.signature;
  if (key.algorithm == kEs256) {
    if (signature.size() != 2 * kCoordinateSize) return false;
    signature = DerOf(signature);
  }
  const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const EVP_MD* digest = key.algorithm == kEdDsa ? nullptr : EVP_sha256();
  return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.key.get()) == 1 &&
         EVP_DigestVerify(context.get(), BytesOf(signature), signature.size(), BytesOf(jws.signing_input),
                          jws.signing_input.size()) == 1;
}

}  // namespace

absl::StatusOr<Jws> ParseJws(absl::string_view compact) {
  const std::vector<absl::string_view> parts = absl::StrSplit(compact, '.');
  if (parts.size() != 3) return Malformed("it has not the three parts of a signed token");
  const auto header_text = DecodeBase64Url(parts[0]);
  const auto payload = DecodeBase64Url(parts[1]);
  const auto signature = DecodeBase64Url(parts[2]);
  if (!header_text.has_value() || !payload.has_value() || !signature.has_value())
    return Malformed("it is not base64url");
  const Json header = Json::parse(*header_text, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) return Malformed("its header is not a JSON object");
  if (header.contains("crit")) return Malformed("its header has `crit`, extensions that must be understood");
  return Jws{.algorithm = TextOf(header, "alg"),
             .key_id = TextOf(header, "kid"),
             .type = TextOf(header, "typ"),
             .payload = *payload,
             .signing_input = absl::StrCat(parts[0], ".", parts[1]),
             .signature = *signature};
}

absl::StatusOr<std::shared_ptr<const KeySet>> KeySet::Parse(absl::string_view jwks_json) {
  const Json document = Json::parse(jwks_json, nullptr, /*allow_exceptions=*/false);
  const auto keys = document.is_object() ? document.find("keys") : document.end();
  if (!document.is_object() || keys == document.end() || !keys->is_array()) {
    return Malformed("not a JSON Web Key Set: it has no `keys`");
  }
  auto set = std::make_shared<KeySet>();
  for (const Json& jwk : *keys) {
    if (std::optional<VerificationKey> key = KeyOf(jwk); key.has_value()) set->keys_.push_back(*std::move(key));
  }
  if (set->keys_.empty()) return Malformed("the JSON Web Key Set has no key for RS256, ES256 or EdDSA");
  return set;
}

absl::Status KeySet::Verify(const Jws& jws) const {
  if (jws.algorithm != kRs256 && jws.algorithm != kEs256 && jws.algorithm != kEdDsa) {
    return Malformed(absl::StrCat("its algorithm is ", jws.algorithm, ", and not RS256, ES256 or EdDSA"));
  }
  bool known = false;
  for (const VerificationKey& key : keys_) {
    // Without a key id, the signature can only be checked if the set has just one key.
    if (jws.key_id.empty() ? keys_.size() != 1 : jws.key_id != key.key_id) continue;
    known = true;
    if (key.algorithm == jws.algorithm && IsSignedBy(key, jws)) return absl::OkStatus();
  }
  if (!known) return absl::NotFoundError("no key of its issuer has its `kid`");
  return Malformed("its signature is wrong");
}

}  // namespace lmp::auth
