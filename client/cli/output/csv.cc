#include "client/cli/output/csv.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/output/columns.h"
#include "client/cli/output/field_text.h"

namespace lmp::cli {
namespace {

std::string Quoted(const std::string& text) {
  const bool is_formula = text.find_first_of("=+-@") == 0;
  const std::string safe = is_formula ? absl::StrCat("'", text) : text;
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  return absl::StrCat("\"", absl::StrReplaceAll(safe, {{"\"", "\"\""}}), "\"");
}

void WriteLine(const std::vector<std::string>& cells, std::ostream& out) { out << absl::StrJoin(cells, ",") << "\r\n"; }

}  // namespace

void WriteCsv(const google::protobuf::Descriptor& type, const MessageList& items,
              const google::protobuf::FieldMask& mask, std::ostream& out) {
  const std::vector<Column> columns = AllColumnsOf(type, mask);
  std::vector<std::string> line;
  for (const Column& column : columns) line.push_back(column.title.text);
  WriteLine(line, out);
  for (const auto& item : items) {
    line.clear();
    for (const Column& column : columns) line.push_back(Quoted(PathText(*item, column.path)));
    WriteLine(line, out);
  }
}

}  // namespace lmp::cli
