#include "server/ids.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "storage/sha256.h"

namespace lmp::server {
namespace {

constexpr char kBase32[] = "0123456789abcdefghjkmnpqrstvwxyz";        // Crockford's base 32 in lower case
constexpr char kCodeAlphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";  // without 0, 1, I and O
static_assert(sizeof(kBase32) == 33 && sizeof(kCodeAlphabet) == 33);

std::vector<unsigned char> RandomBytes(int count) {
  std::vector<unsigned char> bytes(static_cast<size_t>(count));
  // Without random numbers no safe id can be made, so the process must stop.
  if (RAND_bytes(bytes.data(), count) != 1) std::abort();
  return bytes;
}

std::string FormatUuid(const unsigned char* bytes, int version) {
  unsigned char b[16];
  std::copy(bytes, bytes + 16, b);
  b[6] = static_cast<unsigned char>((b[6] & 0x0F) | (version << 4));
  b[8] = static_cast<unsigned char>((b[8] & 0x3F) | 0x80);
  const std::string hex = absl::BytesToHexString({reinterpret_cast<const char*>(b), sizeof(b)});
  const absl::string_view text = hex;
  return absl::StrCat(text.substr(0, 8), "-", text.substr(8, 4), "-", text.substr(12, 4), "-", text.substr(16, 4), "-",
                      text.substr(20));
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

std::string NewTraceId() {
  thread_local std::mt19937_64 generator = [] {
    const std::vector<unsigned char> random = RandomBytes(8 * sizeof(uint32_t));
    std::seed_seq seed(random.begin(), random.end());
    return std::mt19937_64(seed);
  }();
  const uint64_t numbers[] = {generator(), generator()};
  unsigned char bytes[sizeof(numbers)];
  std::memcpy(bytes, numbers, sizeof(numbers));
  return FormatUuid(bytes, 4);
}

std::string UuidOf(const std::string& text) {
  return FormatUuid(storage::Sha256DigestOf(text).data(), 8);
}

}  // namespace lmp::server
