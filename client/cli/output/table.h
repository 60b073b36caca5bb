#ifndef LMP_CLIENT_CLI_OUTPUT_TABLE_H_
#define LMP_CLIENT_CLI_OUTPUT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace lmp::cli {

// Takes the first character off `text`, which is not empty. Protobuf strings are valid UTF-8, so nothing is repaired.
uint32_t TakeCharacter(absl::string_view& text);

// Columns that `text` (UTF-8) takes on a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks.
size_t DisplayWidth(absl::string_view text);

// Whether a character can be mistaken, or does something to a terminal.
bool IsUnprintable(uint32_t character);

// `text` without what could move the cursor, color the screen or show text in another order than it has: "?" instead
// of control, line-separating, directional and invisible formatting characters.
std::string Printable(absl::string_view text);

// Rows of cells, written in columns two blanks apart.
class Table final {
 public:
  struct Title {
    std::string text;
    // Not 0: the column may be left out where the table is too wide, the highest first.
    int spare = 0;
  };

  explicit Table(const std::vector<std::string>& titles);
  Table() = default;
  static Table WithTitles(std::vector<Title> titles);

  // A row may be shorter than the others.
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // Rows so far, titles included: the number of the next one.
  size_t size() const { return rows_.size() + (titles_.empty() ? 0 : 1); }
  // In at most `width` columns, if that can be done (0: as wide as it is): first names are shortened, then columns that
  // can be spared are left out, then long cells are cut. A column that is empty in every row is not shown.
  void Write(std::ostream& out, absl::string_view indent = "", size_t width = 0) const;

 private:
  std::vector<Title> titles_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_TABLE_H_
