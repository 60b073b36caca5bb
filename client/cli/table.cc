#include "client/cli/table.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace lmp::cli {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};
// The large blocks only: enough to align names as people write them.
constexpr std::array<Range, 10> kWide = {{{0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
                                          {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
                                          {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}}};
constexpr std::array<Range, 5> kZero = {
    {{0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}}};

template <size_t n>
bool IsIn(const std::array<Range, n>& ranges, uint32_t c) {
  return std::any_of(ranges.begin(), ranges.end(), [c](Range r) { return r.first <= c && c <= r.last; });
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Takes the first character off `text`. Protobuf strings are valid UTF-8, so there is nothing to repair.
uint32_t TakeCharacter(absl::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  uint32_t c = lead < 0x80 ? lead : lead < 0xE0 ? lead & 0x1FU : lead < 0xF0 ? lead & 0x0FU : lead & 0x07U;
  text.remove_prefix(1);
  while (!text.empty() && IsContinuation(text[0])) {
    c = (c << 6) | (static_cast<unsigned char>(text[0]) & 0x3FU);
    text.remove_prefix(1);
  }
  return c;
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const uint32_t c = TakeCharacter(text);
    if (!IsIn(kZero, c)) width += IsIn(kWide, c) ? 2 : 1;
  }
  return width;
}

std::string Printable(absl::string_view text) {
  std::string result;
  while (!text.empty()) {
    const absl::string_view rest = text;
    const uint32_t c = TakeCharacter(text);
    const bool is_control = c < 0x20 || (0x7F <= c && c < 0xA0) || (0x202A <= c && c <= 0x202E);
    if (is_control) {
      result.push_back('?');
    } else {
      result.append(rest.data(), rest.size() - text.size());
    }
  }
  return result;
}

void Table::Write(std::ostream& out, absl::string_view indent) const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  for (const auto& row : rows_) {
    std::string line(indent);
    size_t pending = 0;  // blanks are written only before more text, so that no line ends in them
    for (size_t i = 0; i < row.size(); ++i) {
      if (!row[i].empty()) line.append(pending, ' ').append(row[i]);
      pending = (row[i].empty() ? pending + widths[i] : widths[i] - DisplayWidth(row[i])) + 2;
    }
    out << line << "\n";
  }
}

}  // namespace lmp::cli
