#include "server/ids.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/time/time.h"

namespace lmp::server {
namespace {

constexpr char kBase32[] = "0123456789abcdefghjkmnpqrstvwxyz";      // Crockford, lower case
constexpr char kCodeAlphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";  // no 0, 1, I, O
constexpr size_t kIdBytes = 16, kCodeBytes = 30, kUuidBytes = 16;  // of randomness
static_assert(sizeof(kBase32) == 33 && sizeof(kCodeAlphabet) == 33);

// The next `count` of a supply that each thread fetches in bulk: OpenSSL takes as long for 16 bytes as for 512.
const unsigned char* RandomBytes(size_t count) {
  thread_local unsigned char supply[512];
  thread_local size_t left = 0;
  if (left < count) {
    // Without random numbers there are no safe ids: nothing to do but stop.
    if (RAND_bytes(supply, sizeof(supply)) != 1) std::abort();
    left = sizeof(supply);
  }
  left -= count;
  return supply + left;
}

std::string FormatUuid(const unsigned char* bytes, unsigned version) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string uuid;
  for (size_t i = 0; i < kUuidBytes; ++i) {
    unsigned byte = bytes[i];
    if (i == 6) byte = (byte & 0x0F) | (version << 4);
    if (i == 8) byte = (byte & 0x3F) | 0x80;  // the usual variant
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid.push_back('-');
    uuid.push_back(kHex[byte >> 4]);
    uuid.push_back(kHex[byte & 15]);
  }
  return uuid;
}

}  // namespace

std::string SystemIds::NewId(absl::Time now) {
  std::string id(26, '0');
  uint64_t millis = static_cast<uint64_t>(absl::ToUnixMillis(now));
  for (size_t i = 10; i-- > 0; millis >>= 5) id[i] = kBase32[millis & 31];
  const unsigned char* random = RandomBytes(kIdBytes);
  for (size_t i = 0; i < kIdBytes; ++i) id[10 + i] = kBase32[random[i] & 31];
  return id;
}

std::string SystemIds::NewActivationCode() {
  std::string code = "LM";
  const unsigned char* random = RandomBytes(kCodeBytes);
  for (size_t i = 0; i < kCodeBytes; ++i) {
    if (i % 5 == 0) code.push_back('-');
    code.push_back(kCodeAlphabet[random[i] & 31]);
  }
  return code;
}

std::string NewUuid() {
  return FormatUuid(RandomBytes(kUuidBytes), 4);
}

std::string UuidOf(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return FormatUuid(digest, 8);
}

}  // namespace lmp::server
