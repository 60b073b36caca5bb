#include "server/auth/api_key_secret.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/sha256.h"

namespace lmp::auth {
namespace {

constexpr absl::string_view kPrefix = "lmp_";
constexpr absl::string_view kBase32 = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's base 32 in lower case
constexpr size_t kRandomCharacters = 32;
constexpr size_t kChecksumCharacters = 7;

// CRC-32 (IEEE 802.3), as other issuers of tokens with a checksum use it.
uint32_t Crc32(absl::string_view text) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
  }
  return ~crc;
}

std::string ChecksumOf(absl::string_view random) {
  uint32_t crc = Crc32(random);
  std::string text(kChecksumCharacters, '0');
  for (size_t i = kChecksumCharacters; i-- > 0; crc >>= 5) text[i] = kBase32[crc & 31];
  return text;
}

}  // namespace

std::string NewApiKeySecret() {
  std::array<unsigned char, kRandomCharacters> bytes{};
  // Without random numbers no secret can be made, so the process must stop.
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) std::abort();
  std::string random;
  for (const unsigned char byte : bytes) random.push_back(kBase32[byte & 31]);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  std::string secret = absl::StrCat(kPrefix, random, ChecksumOf(random));
  Wipe(random);
  return secret;
}

bool LooksLikeApiKey(absl::string_view text) {
  if (text.size() != kPrefix.size() + kRandomCharacters + kChecksumCharacters || !absl::StartsWith(text, kPrefix))
    return false;
  const absl::string_view rest = text.substr(kPrefix.size());
  if (rest.find_first_not_of(kBase32) != absl::string_view::npos) return false;
  return ChecksumOf(rest.substr(0, kRandomCharacters)) == rest.substr(kRandomCharacters);
}

std::string HashOfSecret(absl::string_view secret) {
  return absl::BytesToHexString(storage::Sha256(secret));
}

bool SameHash(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void Wipe(std::string& text) {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace lmp::auth
