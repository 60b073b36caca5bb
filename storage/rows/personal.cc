#include "storage/rows/personal.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/model/personal.h"
#include "storage/model/world.h"
#include "storage/rows/length_prefixed.h"

namespace lmp::storage {
namespace {

constexpr char kNothing[] = "{}";

bool IsPersonal(absl::string_view row_table, absl::string_view column) {
  bool personal = false;
  model::ForEachKind([&]<class Row>() {
    if (Row::kTable == row_table) personal = model::IsPersonal<Row>(column);
  });
  return personal;
}

// Where the member of a JSON object ends that begins at `from`: at the next comma of this object, or at its end.
size_t EndOfMember(absl::string_view json, size_t from) {
  int depth = 0;
  bool in_text = false;
  for (size_t i = from; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (depth > 0 && (c == '}' || c == ']')) {
      --depth;
    } else if (depth == 0 && (c == ',' || c == '}')) {
      return i;
    }
  }
  return json.size();
}

absl::string_view NameOf(absl::string_view member) {
  const size_t begin = member.find('"');
  const size_t end = begin == absl::string_view::npos ? begin : member.find('"', begin + 1);
  return end == absl::string_view::npos ? "" : member.substr(begin + 1, end - begin - 1);
}

void AddMember(std::string& object, absl::string_view member) {
  absl::StrAppend(&object, object.size() == 1 ? "" : ",", member);
}

std::optional<std::string> PersonalPart(absl::string_view row_table, const std::optional<std::string>& image) {
  if (!image.has_value()) return std::nullopt;
  return Split(row_table, *image).personal;
}

}  // namespace

const std::vector<std::string>& PersonalTables() {
  static const auto* tables = [] {
    auto* list = new std::vector<std::string>();
    model::ForEachKind([&]<class Row>() {
      if constexpr (requires { Row::kPersonal; }) list->emplace_back(Row::kTable);
    });
    return list;
  }();
  return *tables;
}

// By the text alone, so that what is hashed is what is stored, whoever wrote it.
SplitImage Split(absl::string_view row_table, absl::string_view image) {
  const std::vector<std::string>& tables = PersonalTables();
  if (std::find(tables.begin(), tables.end(), row_table) == tables.end() || image.empty() || image.front() != '{')
    return {std::string(image), kNothing};
  SplitImage split{"{", "{"};
  size_t at = 1;
  while (at < image.size() && image[at] != '}') {
    const size_t end = EndOfMember(image, at);
    const absl::string_view member = image.substr(at, end - at);
    const bool personal = IsPersonal(row_table, NameOf(member));
    AddMember(personal ? split.personal : split.rest, member);
    at = end < image.size() && image[end] == ',' ? end + 1 : end;
  }
  absl::StrAppend(&split.rest, image.substr(std::min(at, image.size())));  // "}", and what should not be behind it
  split.personal += "}";
  return split;
}

bool HoldsPersonal(const model::Event& event) {
  return !event.reason.empty() || Split(event.row_table, event.after).personal != kNothing ||
         PersonalPart(event.row_table, event.before).value_or(kNothing) != kNothing;
}

std::string PersonalBytes(const model::Event& event) {
  std::string bytes;
  AppendField(bytes, event.reason);
  AppendNullable(bytes, PersonalPart(event.row_table, event.before));
  AppendField(bytes, Split(event.row_table, event.after).personal);
  return bytes;
}

void ForgetPersonal(model::Event& event) {
  event.reason.clear();
  if (event.before.has_value()) event.before = Split(event.row_table, *event.before).rest;
  event.after = Split(event.row_table, event.after).rest;
}

}  // namespace lmp::storage
