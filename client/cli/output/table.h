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

// The columns that `text` (UTF-8) takes on a terminal: 2 for East Asian wide characters and emoji, 0 for combining
// marks.
size_t DisplayWidth(absl::string_view text);

// True if a character can be mistaken for another, or controls a terminal.
bool IsUnprintable(uint32_t character);

// Returns `text` without anything that could move the cursor, color the screen or show the text in another order: "?"
// replaces control, line-separating, directional and invisible formatting characters.
std::string Printable(absl::string_view text);

// Rows of cells, written in columns that are two blanks apart.
class Table final {
 public:
  struct Title {
    std::string text;
    // If not 0, the column may be left out where the table is too wide; the column with the highest number goes first.
    int spare = 0;
  };

  explicit Table(const std::vector<std::string>& titles);
  Table() = default;
  static Table WithTitles(std::vector<Title> titles);

  // Adds a row, which may be shorter than the others.
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // The number of rows so far, titles included, which is the index of the next row.
  size_t size() const { return rows_.size() + (titles_.empty() ? 0 : 1); }
  // Writes the table in at most `width` columns if possible (0: no limit): first names are shortened, then columns that
  // can be spared are left out, then long cells are cut. A column that is empty in every row is not shown.
  void Write(std::ostream& out, absl::string_view indent = "", size_t width = 0) const;

 private:
  std::vector<Title> titles_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_TABLE_H_
