#ifndef CLIENT_CLI_TABLE_H_
#define CLIENT_CLI_TABLE_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace lmp::cli {

// Columns that `text` (UTF-8) takes on a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks.
size_t DisplayWidth(absl::string_view text);

// `text` without control characters ("?" instead), so that a name can't move the cursor or colour the screen.
std::string Printable(absl::string_view text);

// Rows of cells, written in columns two blanks apart.
class Table final {
 public:
  explicit Table(std::vector<std::string> titles) : rows_{std::move(titles)} {}
  Table() = default;

  // A row may be shorter than the others.
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // Rows so far, titles included: the number of the next one.
  size_t size() const { return rows_.size(); }
  void Write(std::ostream& out, absl::string_view indent = "") const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lmp::cli

#endif  // CLIENT_CLI_TABLE_H_
