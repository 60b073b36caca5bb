#include "client/cli/output/table.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace lmp::cli {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};
// Only the large blocks, which is enough to align names as people write them.
constexpr std::array<Range, 10> kWide = {{{0x1100, 0x115F},
                                          {0x2E80, 0xA4CF},
                                          {0xAC00, 0xD7A3},
                                          {0xF900, 0xFAFF},
                                          {0xFE30, 0xFE6F},
                                          {0xFF00, 0xFF60},
                                          {0xFFE0, 0xFFE6},
                                          {0x1F300, 0x1F64F},
                                          {0x1F900, 0x1FAFF},
                                          {0x20000, 0x3FFFD}}};
constexpr std::array<Range, 5> kZero = {
    {{0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}}};

template <size_t n>
bool IsIn(const std::array<Range, n>& ranges, uint32_t c) {
  return std::any_of(ranges.begin(), ranges.end(), [c](Range r) { return r.first <= c && c <= r.last; });
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Characters that could be mistaken for others or that move the cursor: C0, DEL and C1; the line and paragraph
// separators; marks, embeddings, overrides and isolates of direction; invisible operators, tags and the byte order
// mark.
constexpr std::array<Range, 10> kUnprintable = {{{0x00, 0x1F},
                                                 {0x7F, 0x9F},
                                                 {0x061C, 0x061C},
                                                 {0x200B, 0x200B},
                                                 {0x200E, 0x200F},
                                                 {0x2028, 0x202E},
                                                 {0x2060, 0x206F},
                                                 {0xFEFF, 0xFEFF},
                                                 {0xFFF9, 0xFFFB},
                                                 {0xE0000, 0xE007F}}};

// The collections with which the names of resources begin.
constexpr absl::string_view kCollections[] = {"customers",    "partners",         "products",
                                              "servicePlans", "registrationKeys", "events"};

// "bakery/01h8" for "customers/bakery/licenses/01h8", as commands take it; any other text as it is.
std::string ShortName(const std::string& text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  if (parts.size() % 2 != 0 || absl::StrContains(text, ' ')) return text;
  if (std::find(std::begin(kCollections), std::end(kCollections), parts[0]) == std::end(kCollections)) {
    return text;
  }
  std::vector<absl::string_view> ids;
  for (size_t i = 1; i < parts.size(); i += 2) ids.push_back(parts[i]);
  return absl::StrJoin(ids, "/");
}

// "bakery/…bcck81" for "bakery/01m8p5s34fe0sgb4ya0cbcck81". Ids that a server made begin alike, because they begin with
// the time; their ends distinguish a customer's resources, and commands accept this form.
std::string WithShortId(const std::string& name) {
  constexpr size_t kLengthOfMadeIds = 26;
  constexpr size_t kEnd = 6;
  const size_t slash = name.rfind('/');
  if (slash == std::string::npos || name.size() - slash - 1 != kLengthOfMadeIds) return name;
  return absl::StrCat(name.substr(0, slash + 1), "…", name.substr(name.size() - kEnd));
}

template <typename Change>
std::string EachItem(const std::string& cell, Change change) {
  std::vector<std::string> items = absl::StrSplit(cell, ", ");
  for (std::string& item : items) item = change(item);
  return absl::StrJoin(items, ", ");
}

// The first `width` columns of `text`; the last column is "…" if there was more.
std::string Cut(absl::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  absl::string_view rest = text;
  size_t taken = 0;
  size_t end = 0;
  while (!rest.empty()) {
    absl::string_view after = rest;
    TakeCharacter(after);
    const size_t wide = DisplayWidth(rest.substr(0, rest.size() - after.size()));
    if (taken + wide + 1 > width) break;
    taken += wide;
    rest = after;
    end = text.size() - rest.size();
  }
  return absl::StrCat(text.substr(0, end), "…");
}

// A table while it is being fitted: its columns, each with its title first.
class Fitting final {
 public:
  Fitting(const std::vector<Table::Title>& titles, const std::vector<std::vector<std::string>>& rows) {
    size_t count = titles.size();
    for (const auto& row : rows) count = std::max(count, row.size());
    for (size_t i = 0; i < count; ++i) {
      Fitted column;
      if (!titles.empty()) column.cells.push_back(i < titles.size() ? titles[i].text : "");
      if (i < titles.size()) column.spare = titles[i].spare;
      bool has_values = rows.empty();
      for (const auto& row : rows) {
        column.cells.push_back(i < row.size() ? row[i] : "");
        has_values = has_values || !column.cells.back().empty();
      }
      if (has_values) columns_.push_back(std::move(column));
    }
  }

  void FitInto(size_t width) {
    if (Width() <= width) return;
    ChangeItems(ShortName);
    if (Width() > width) ChangeItems(WithShortId);
    constexpr size_t kReadable = 28;
    constexpr size_t kShortest = 12;
    while (LeastWidth(kReadable) > width && DropSpare()) {
    }
    while (Width() > width && CutWidest(Width() - width, LeastWidth(kReadable) > width ? kShortest : kReadable)) {
    }
  }

  void Write(std::ostream& out, absl::string_view indent) const {
    const size_t rows = columns_.empty() ? 0 : columns_.front().cells.size();
    for (size_t row = 0; row < rows; ++row) {
      std::string line(indent);
      size_t pending = 0;  // blanks are written only when more text follows, so that no line ends with blanks
      for (const Fitted& column : columns_) {
        const std::string& cell = column.cells[row];
        if (!cell.empty()) line.append(pending, ' ').append(cell);
        pending = (cell.empty() ? pending + column.Width() : column.Width() - DisplayWidth(cell)) + 2;
      }
      out << line << "\n";
    }
  }

 private:
  struct Fitted {
    int spare = 0;
    std::vector<std::string> cells;

    size_t Width() const {
      size_t width = 0;
      for (const std::string& cell : cells) width = std::max(width, DisplayWidth(cell));
      return width;
    }
  };

  size_t Width() const { return LeastWidth(std::numeric_limits<size_t>::max()); }

  // The width with every column but the first cut to `most`.
  size_t LeastWidth(size_t most) const {
    size_t width = 0;
    for (const Fitted& column : columns_) {
      width += (width == 0 ? column.Width() : std::min(column.Width(), most)) + 2;
    }
    return width == 0 ? 0 : width - 2;
  }

  template <typename Change>
  void ChangeItems(Change change) {
    for (Fitted& column : columns_) {
      for (std::string& cell : column.cells) cell = EachItem(cell, change);
    }
  }

  bool DropSpare() {
    const auto most = std::max_element(columns_.begin(), columns_.end(),
                                       [](const Fitted& a, const Fitted& b) { return a.spare < b.spare; });
    if (most == columns_.end() || most->spare == 0) return false;
    columns_.erase(most);
    return true;
  }

  // Takes up to `excess` off the widest column, but not off the first one, which says what a row is about. No column
  // gets shorter than `least`.
  bool CutWidest(size_t excess, size_t least) {
    if (columns_.size() < 2) return false;
    const auto widest = std::max_element(columns_.begin() + 1, columns_.end(),
                                         [](const Fitted& a, const Fitted& b) { return a.Width() < b.Width(); });
    const size_t width = widest->Width();
    if (width <= least) return false;
    const size_t wanted = std::max(least, width - std::min(excess, width));
    for (std::string& cell : widest->cells) cell = Cut(cell, wanted);
    return true;
  }

  std::vector<Fitted> columns_;
};

}  // namespace

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

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const uint32_t c = TakeCharacter(text);
    if (!IsIn(kZero, c)) width += IsIn(kWide, c) ? 2 : 1;
  }
  return width;
}

bool IsUnprintable(uint32_t character) { return IsIn(kUnprintable, character); }

std::string Printable(absl::string_view text) {
  std::string result;
  while (!text.empty()) {
    const absl::string_view rest = text;
    if (IsUnprintable(TakeCharacter(text))) {
      result.push_back('?');
    } else {
      result.append(rest.data(), rest.size() - text.size());
    }
  }
  return result;
}

Table::Table(const std::vector<std::string>& titles) {
  for (const std::string& title : titles) titles_.push_back({title});
}

Table Table::WithTitles(std::vector<Title> titles) {
  Table table;
  table.titles_ = std::move(titles);
  return table;
}

void Table::Write(std::ostream& out, absl::string_view indent, size_t width) const {
  Fitting fitting(titles_, rows_);
  if (width > indent.size()) fitting.FitInto(width - indent.size());
  fitting.Write(out, indent);
}

}  // namespace lmp::cli
