#include "client/src/jws.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace lmp::client {
namespace {

using nlohmann::json;

constexpr size_t kKeySize = 32;
constexpr size_t kSignatureSize = 64;

const unsigned char* Bytes(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

json ParseJson(absl::string_view text) {
  return json::parse(text.begin(), text.end(), /*cb=*/nullptr, /*allow_exceptions=*/false);
}

// The member's value if it is a string; "" otherwise.
std::string Text(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

// True if the member is absent or has this value.
bool Allows(const json& object, const char* name, absl::string_view value) {
  const auto it = object.find(name);
  return it == object.end() || (it->is_string() && it->get_ref<const std::string&>() == value);
}

}  // namespace

std::optional<std::string> DecodeBase64Url(absl::string_view text) {
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(text, &decoded) || absl::WebSafeBase64Escape(decoded) != text) return std::nullopt;
  return decoded;
}

std::string JwkThumbprint(absl::string_view x) {
  const std::string jwk = absl::StrCat(R"({"crv":"Ed25519","kty":"OKP","x":")", x, R"("})");
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  EVP_Digest(jwk.data(), jwk.size(), hash.data(), &size, EVP_sha256(), nullptr);
  return absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<const char*>(hash.data()), size));
}

absl::StatusOr<KeySet> ParseKeySet(absl::string_view jwks_json) {
  const json set = ParseJson(jwks_json);
  const auto keys = set.is_object() ? set.find("keys") : set.end();
  if (!set.is_object() || keys == set.end() || !keys->is_array()) {
    return absl::InvalidArgumentError("the keys are not a JSON Web Key Set: {\"keys\": […]}");
  }
  KeySet found;
  for (const json& key : *keys) {
    if (!key.is_object() || Text(key, "kty") != "OKP" || Text(key, "crv") != "Ed25519" ||
        !Allows(key, "alg", "EdDSA") || !Allows(key, "use", "sig")) {
      continue;
    }
    const std::string x = Text(key, "x");
    const std::optional<std::string> bytes = DecodeBase64Url(x);
    if (!bytes.has_value() || bytes->size() != kKeySize) {
      return absl::InvalidArgumentError("an Ed25519 key in the key set has an \"x\" that is not 32 bytes in base64url");
    }
    const std::string key_id = Text(key, "kid");
    found.emplace(key_id.empty() ? JwkThumbprint(x) : key_id, *bytes);
  }
  return found;
}

std::optional<Jws> ParseJws(absl::string_view compact) {
  // Splits only as far as needed to see that there are too many parts: an input of nothing but dots must not become a
  // gigabyte of parts.
  const std::vector<absl::string_view> parts = absl::StrSplit(compact, absl::MaxSplits('.', 3));
  if (parts.size() != 3) return std::nullopt;
  const std::optional<std::string> header_json = DecodeBase64Url(parts[0]);
  std::optional<std::string> payload = DecodeBase64Url(parts[1]);
  std::optional<std::string> signature = DecodeBase64Url(parts[2]);
  if (!header_json.has_value() || !payload.has_value() || !signature.has_value()) return std::nullopt;
  const json header = ParseJson(*header_json);
  if (!header.is_object()) return std::nullopt;
  Jws jws;
  jws.algorithm = Text(header, "alg");
  jws.key_id = Text(header, "kid");
  jws.type = Text(header, "typ");
  jws.critical = header.contains("crit");
  jws.payload = *std::move(payload);
  jws.signing_input = std::string(compact.substr(0, parts[0].size() + 1 + parts[1].size()));
  jws.signature = *std::move(signature);
  return jws;
}

bool VerifyEd25519(const std::string& public_key, const std::string& message, const std::string& signature) {
  if (public_key.size() != kKeySize || signature.size() != kSignatureSize) return false;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(public_key), public_key.size()), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return key != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message), message.size()) == 1;
}

}  // namespace lmp::client
