#include "tests/auth/token_maker.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace lmp::auth {
namespace {

std::string Encoded(const std::string& bytes) { return absl::WebSafeBase64Escape(bytes); }

std::string NumberIn(EVP_PKEY* key, const char* name, int size) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  std::string bytes(static_cast<size_t>(size == 0 ? BN_num_bytes(number) : size), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  BN_free(number);
  return Encoded(bytes);
}

std::string RawOfDer(const std::string& der) {
  const auto* in = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size()));
  std::string raw(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + 32, 32);
  ECDSA_SIG_free(pair);
  return raw;
}

EVP_PKEY* NewKey(const std::string& algorithm, unsigned bits) {
  if (algorithm == "RS256") return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(bits));
  if (algorithm == "ES256") return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
}

}  // namespace

TokenMaker::TokenMaker(const std::string& algorithm, const std::string& key_id, unsigned bits)
    : algorithm_(algorithm), key_id_(key_id), key_(NewKey(algorithm, bits), EVP_PKEY_free) {}

nlohmann::json TokenMaker::Jwk() const {
  nlohmann::json jwk = {{"kid", key_id_}, {"use", "sig"}, {"alg", algorithm_}};
  if (algorithm_ == "RS256") {
    jwk.update({{"kty", "RSA"},
                {"n", NumberIn(key_.get(), OSSL_PKEY_PARAM_RSA_N, 0)},
                {"e", NumberIn(key_.get(), OSSL_PKEY_PARAM_RSA_E, 0)}});
  } else if (algorithm_ == "ES256") {
    jwk.update({{"kty", "EC"},
                {"crv", "P-256"},
                {"x", NumberIn(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32)},
                {"y", NumberIn(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32)}});
  } else {
    std::string x(32, '\0');
    size_t size = x.size();
    EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(x.data()), &size);
    jwk.update({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", Encoded(x)}});
  }
  return jwk;
}

std::string TokenMaker::Sign(const nlohmann::json& header, const std::string& payload) const {
  const std::string text = absl::StrCat(Encoded(header.dump()), ".", Encoded(payload));
  return absl::StrCat(text, ".", Encoded(Signature(text)));
}

std::string TokenMaker::Signature(const std::string& text) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::string signature(1024, '\0');
  size_t size = signature.size();
  EVP_DigestSignInit(context, nullptr, algorithm_ == "EdDSA" ? nullptr : EVP_sha256(), nullptr, key_.get());
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  EVP_MD_CTX_free(context);
  signature.resize(size);
  return algorithm_ == "ES256" ? RawOfDer(signature) : signature;
}

}  // namespace lmp::auth
