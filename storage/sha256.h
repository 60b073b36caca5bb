// The hash that everything here is compared by. Of bytes alone: the client library has this file inside, too.
#ifndef LMP_STORAGE_SHA256_H_
#define LMP_STORAGE_SHA256_H_

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"

namespace lmp::storage {

using Sha256Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

inline Sha256Digest Sha256DigestOf(absl::string_view bytes) {
  // OpenSSL's own SHA256() looks the algorithm up by its name, under locks, for each call.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Sha256Digest digest{};
  // No hash at all would be the same for everything.
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm, nullptr) != 1) std::abort();
  return digest;
}

// 32 bytes.
inline std::string Sha256(absl::string_view bytes) {
  const Sha256Digest digest = Sha256DigestOf(bytes);
  return std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
}

}  // namespace lmp::storage

#endif  // LMP_STORAGE_SHA256_H_
