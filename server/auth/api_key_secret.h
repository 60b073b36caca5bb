// The secret of an API key: "lmp_", 32 random characters (160 bits), and 7 characters of checksum, by which programs
// that look for leaked secrets can tell a secret from any other text. The server keeps only its SHA-256.
#ifndef LMP_SERVER_AUTH_API_KEY_SECRET_H_
#define LMP_SERVER_AUTH_API_KEY_SECRET_H_

#include <string>

#include "absl/strings/string_view.h"

namespace lmp::auth {

// The new secret matches the regular expression lmp_[0-9a-hjkmnp-tv-z]{39}.
std::string NewApiKeySecret();

// True if the text has the form and the checksum of a secret. It says nothing about whether there is such a key.
bool LooksLikeApiKey(absl::string_view text);

// SHA-256 in lower-case hexadecimal digits. It needs no salt: nobody guesses 160 random bits.
std::string HashOfSecret(absl::string_view secret);

// Compares in constant time.
bool SameHash(absl::string_view a, absl::string_view b);

// Overwrites the text, so that it is in no core dump.
void Wipe(std::string& text);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_API_KEY_SECRET_H_
