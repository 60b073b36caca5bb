// Bytes of hexadecimal digits. Of bytes alone: the client library has this file inside, too.
#ifndef LMP_STORAGE_HEX_H_
#define LMP_STORAGE_HEX_H_

#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace lmp::storage {

// Of digits in both cases. What is no digit makes a byte that means nothing, and an odd last one none: whoever has a
// stranger's text looks at its digits first, or writes the bytes again and compares. (Abseil's own function for it has
// had two signatures, and later versions warn of the earlier one.)
inline std::string BytesOfHex(absl::string_view digits) {
  const auto value = [](char digit) {
    const auto c = static_cast<unsigned char>(digit);
    return absl::ascii_isdigit(c) ? c - '0' : (absl::ascii_tolower(c) - 'a' + 10) & 15;
  };
  std::string bytes(digits.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(value(digits[2 * i]) << 4 | value(digits[2 * i + 1]));
  return bytes;
}

}  // namespace lmp::storage

#endif  // LMP_STORAGE_HEX_H_
