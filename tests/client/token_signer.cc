#include "tests/client/token_signer.h"

#include <openssl/evp.h>

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/src/jws.h"

namespace lmp::client {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key PrivateKey(const std::string& seed) {
  return {EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()),
                                       seed.size()),
          EVP_PKEY_free};
}

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string TokenSigner::x() const {
  std::string bytes(32, '\0');
  size_t size = bytes.size();
  EVP_PKEY_get_raw_public_key(PrivateKey(seed_).get(), Bytes(bytes), &size);
  return absl::WebSafeBase64Escape(bytes);
}

std::string TokenSigner::key_id() const { return JwkThumbprint(x()); }

std::string TokenSigner::jwk() const {
  return absl::StrCat(R"({"kty":"OKP","crv":"Ed25519","x":")", x(), R"(","kid":")", key_id(),
                      R"(","alg":"EdDSA","use":"sig"})");
}

std::string TokenSigner::Signature(absl::string_view input) const {
  std::string signature(64, '\0');
  size_t size = signature.size();
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const Key key = PrivateKey(seed_);
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
  EVP_DigestSign(context.get(), Bytes(signature), &size, reinterpret_cast<const unsigned char*>(input.data()),
                 input.size());
  return signature;
}

std::string TokenSigner::Sign(absl::string_view header, absl::string_view payload) const {
  const std::string input = absl::StrCat(absl::WebSafeBase64Escape(header), ".", absl::WebSafeBase64Escape(payload));
  return absl::StrCat(input, ".", absl::WebSafeBase64Escape(Signature(input)));
}

std::string TokenSigner::Token(absl::string_view claims) const {
  return Sign(absl::StrCat(R"({"alg":"EdDSA","kid":")", key_id(), R"(","typ":"lmp-license+jwt"})"), claims);
}

std::string TokenSigner::List(absl::string_view claims) const {
  return Sign(absl::StrCat(R"({"alg":"EdDSA","kid":")", key_id(), R"(","typ":"lmp-revocations+jwt"})"), claims);
}

}  // namespace lmp::client
