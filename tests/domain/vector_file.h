// Reading the example files under tests/domain/vectors: "key: value" lines, "#" comments, blank lines. Whatever can't
// be read becomes a problem "file:line: …" that fails a test; nothing is skipped in silence.
#ifndef LMP_TESTS_DOMAIN_VECTOR_FILE_H_
#define LMP_TESTS_DOMAIN_VECTOR_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "storage/model/row.h"

namespace lmp::domain {

struct Line {
  std::string where;  // "assign.txt:12"
  std::string key;
  std::string value;
};

struct VectorFile {
  std::vector<Line> lines;
  std::vector<std::string> problems;
};

// The lines of vectors/<name>. A file that is missing or empty is a problem too.
VectorFile ReadVectorFile(const std::string& name);

// "a b, c  d" → {"a b", "c d"}: comma-separated, spaces squeezed; "" → {}.
std::vector<std::string> Phrases(absl::string_view value);
std::vector<std::string> Words(absl::string_view phrase);

// None if the text is not a date of the calendar, or not a whole number.
std::optional<model::Date> ParseDate(absl::string_view text);
std::optional<int> ParseNumber(absl::string_view text);

std::string ToString(model::Date date);

}  // namespace lmp::domain

#endif  // LMP_TESTS_DOMAIN_VECTOR_FILE_H_
