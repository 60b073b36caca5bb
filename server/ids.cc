#include "server/ids.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace lmp::server {
namespace {

constexpr char kBase32[] = "0123456789abcdefghjkmnpqrstvwxyz";      // Crockford, lower case
constexpr char kCodeAlphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";  // no 0, 1, I, O
static_assert(sizeof(kBase32) == 33 && sizeof(kCodeAlphabet) == 33);

std::vector<unsigned char> RandomBytes(int count) {
  std::vector<unsigned char> bytes(static_cast<size_t>(count));
  // Without random numbers there are no safe ids: nothing to do but stop.
  if (RAND_bytes(bytes.data(), count) != 1) std::abort();
  return bytes;
}

std::string FormatUuid(const unsigned char* bytes, int version) {
  std::vector<unsigned char> b(bytes, bytes + 16);
  b[6] = static_cast<unsigned char>((b[6] & 0x0F) | (version << 4));
  b[8] = static_cast<unsigned char>((b[8] & 0x3F) | 0x80);
  return absl::StrFormat("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
                         b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

}  // namespace

std::string SystemIds::NewId(absl::Time now) {
  std::string id(26, '0');
  uint64_t millis = static_cast<uint64_t>(absl::ToUnixMillis(now));
  for (size_t i = 10; i-- > 0; millis >>= 5) id[i] = kBase32[millis & 31];
  const std::vector<unsigned char> random = RandomBytes(16);
  for (size_t i = 0; i < 16; ++i) id[10 + i] = kBase32[random[i] & 31];
  return id;
}

std::string SystemIds::NewActivationCode() {
  std::string code = "LM";
  const std::vector<unsigned char> random = RandomBytes(30);
  for (size_t i = 0; i < random.size(); ++i) {
    if (i % 5 == 0) code.push_back('-');
    code.push_back(kCodeAlphabet[random[i] & 31]);
  }
  return code;
}

std::string NewUuid() {
  const std::vector<unsigned char> random = RandomBytes(16);
  return FormatUuid(random.data(), 4);
}

std::string UuidOf(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return FormatUuid(digest, 8);
}

}  // namespace lmp::server
