// The secret of an API key: "lmp_", 32 random characters (160 bits), and 7 that are their checksum, by which programs
// that look for leaked secrets can tell one from any other text. The server keeps its SHA-256 only.
#ifndef LMP_SERVER_AUTH_API_KEY_SECRET_H_
#define LMP_SERVER_AUTH_API_KEY_SECRET_H_

#include <string>

#include "absl/strings/string_view.h"

namespace lmp::auth {

// For a regular expression: lmp_[0-9a-hjkmnp-tv-z]{39}.
std::string NewApiKeySecret();

// Whether it can be one at all: form and checksum. Says nothing about whether there is such a key.
bool LooksLikeApiKey(absl::string_view text);

// SHA-256 in small hexadecimal digits. No salt: nobody guesses 160 random bits.
std::string HashOfSecret(absl::string_view secret);

// In constant time.
bool SameHash(absl::string_view a, absl::string_view b);

// Overwrites the text, so that no core dump has it.
void Wipe(std::string& text);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_API_KEY_SECRET_H_
