#include "tests/domain/vector_file.h"

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace lmp::domain {

VectorFile ReadVectorFile(const std::string& name) {
  VectorFile file;
  std::ifstream in(absl::StrCat(LMP_DOMAIN_VECTORS, "/", name));
  std::string text;
  for (int number = 1; std::getline(in, text); ++number) {
    const std::string where = absl::StrCat(name, ":", number);
    const absl::string_view line = absl::StripAsciiWhitespace(text);
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (parts.size() != 2) {
      file.problems.push_back(absl::StrCat(where, ": no \"key: value\" here: ", line));
      continue;
    }
    file.lines.push_back(
        {where, absl::StrJoin(Words(parts[0]), " "), std::string(absl::StripAsciiWhitespace(parts[1]))});
  }
  if (file.lines.empty()) file.problems.push_back(absl::StrCat(name, ":1: missing or empty"));
  return file;
}

std::vector<std::string> Phrases(absl::string_view value) {
  std::vector<std::string> phrases;
  for (absl::string_view phrase : absl::StrSplit(value, ',')) {
    const std::string squeezed = absl::StrJoin(Words(phrase), " ");
    if (!squeezed.empty()) phrases.push_back(squeezed);
  }
  return phrases;
}

std::vector<std::string> Words(absl::string_view phrase) {
  return absl::StrSplit(phrase, absl::ByAnyChar(" \t"), absl::SkipWhitespace());
}

std::optional<model::Date> ParseDate(absl::string_view text) {
  model::Date date;
  if (!absl::ParseCivilTime(text, &date) || ToString(date) != text) return std::nullopt;
  return date;
}

std::optional<int> ParseNumber(absl::string_view text) {
  int number = 0;
  if (!absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

std::string ToString(model::Date date) { return absl::FormatCivilTime(date); }

}  // namespace lmp::domain
