// The hash that everything here is compared by. Of bytes alone: the client library has this file inside, too.
#ifndef LMP_STORAGE_SHA256_H_
#define LMP_STORAGE_SHA256_H_

#include <openssl/sha.h>

#include <string>

#include "absl/strings/string_view.h"

namespace lmp::storage {

// 32 bytes.
inline std::string Sha256(absl::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace lmp::storage

#endif  // LMP_STORAGE_SHA256_H_
