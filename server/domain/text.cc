#include "server/domain/text.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace lmp::domain {
namespace {

// The code point at the front of valid UTF-8, and its length in bytes.
struct Character {
  uint32_t code;
  size_t length;
};

Character First(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[i])); };
  const uint32_t first = byte(0);
  const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length) return {first, text.size()};
  uint32_t code = length == 1 ? first : first & (0x7FU >> length);
  for (size_t i = 1; i < length; ++i) code = code << 6 | (byte(i) & 0x3F);
  return {code, length};
}

// True for Unicode's White_Space, and for what looks empty: zero-width spaces, fillers, the blank of Braille.
bool IsBlank(uint32_t code) {
  if (code < 0x80) return code == ' ' || (code >= 0x09 && code <= 0x0D);
  switch (code) {
    case 0x85:
    case 0xA0:
    case 0xAD:
    case 0x115F:
    case 0x1160:
    case 0x1680:
    case 0x180E:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x2060:
    case 0x2800:
    case 0x3000:
    case 0x3164:
    case 0xFEFF:
    case 0xFFA0:
      return true;
    default:
      return code >= 0x2000 && code <= 0x200B;
  }
}

bool IsControl(uint32_t code) { return code < 0x20 || (code >= 0x7F && code <= 0x9F); }

// True for separators that end a line without being a line break, and for the controls of the bidirectional algorithm.
bool IsMisleading(uint32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

std::string TextFault(absl::string_view text, Lines lines) {
  bool blank_at_end = false;
  bool blank_at_start = false;
  bool all_blank = !text.empty();
  for (absl::string_view rest = text; !rest.empty();) {
    const auto [code, length] = First(rest);
    if (code == '\n' && lines == Lines::kOne) return "must be one line";
    if (IsControl(code) && code != '\n') {
      return absl::StrCat("must not have control characters (U+", absl::Hex(code, absl::kZeroPad4), ")");
    }
    if (IsMisleading(code))
      return absl::StrCat("must not have the invisible character U+", absl::Hex(code, absl::kZeroPad4));
    blank_at_end = IsBlank(code);
    blank_at_start = blank_at_start || (blank_at_end && rest.size() == text.size());
    all_blank = all_blank && blank_at_end;
    rest.remove_prefix(length);
  }
  if (all_blank) return "must not be blank";
  return blank_at_start || blank_at_end ? "must not begin or end with white space" : "";
}

bool IsId(absl::string_view id) {
  constexpr size_t kMaxIdLength = 63;
  return !id.empty() && id.size() <= kMaxIdLength && id != "-" && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           c == '-';
  });
}

int CharactersIn(absl::string_view text) {
  int count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

}  // namespace lmp::domain
