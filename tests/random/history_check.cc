#include "tests/random/history_check.h"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace lmp::random_test {
namespace {

using nlohmann::json;

// An image as a row, over what it leaves out: what each column would be as text. Lists and maps stay JSON, as in the
// database.
RawRow RowOf(const std::string& image, RawRow row) {
  const json object = json::parse(image, nullptr, false);
  if (!object.is_object()) return {};
  for (const auto& [column, value] : object.items()) {
    if (value.is_null()) {
      row[column] = std::nullopt;
    } else if (value.is_string()) {
      row[column] = value.get<std::string>();
    } else if (value.is_boolean()) {
      row[column] = value.get<bool>() ? "1" : "0";
    } else {
      row[column] = value.dump();
    }
  }
  return row;
}

// What images leave out, by table: promised in a file, which is read here apart from the code that leaves it out.
const std::map<std::string, RawRow>& Defaults() {
  static const auto* defaults = [] {
    auto* rows = new std::map<std::string, RawRow>();
    std::ifstream file(absl::StrCat(LMP_SOURCE_DIR, "/tests/storage/rows/image_defaults.txt"));
    for (std::string line; std::getline(file, line);) {  // licenses.closed false
      const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(absl::ByAnyChar(". "), 2));
      RawRow& row = (*rows)[parts[0]];
      row = RowOf(absl::StrCat("{\"", parts[1], "\":", parts[2], "}"), row);
    }
    return rows;
  }();
  return *defaults;
}

bool SameValue(const std::optional<std::string>& a, const std::optional<std::string>& b) {
  if (a == b) return true;
  if (!a.has_value() || !b.has_value() || a->empty() || (a->front() != '[' && a->front() != '{')) return false;
  return json::parse(*a, nullptr, false) == json::parse(*b, nullptr, false);
}

}  // namespace

std::string Text(const RowName& name) {
  return absl::StrCat(name.table, " ", name.key1, name.key2.empty() ? "" : "/", name.key2);
}

std::vector<std::string> HistoryCheck::Take(const std::vector<RawEvent>& events) {
  std::vector<std::string> wrong;
  changes_.clear();
  changes_of_call_.clear();
  bool of_call = false;
  for (const RawEvent& event : events) {
    const std::string name = absl::StrCat("event ", event.id, " (", event.kind, ") of ", Text(event.row));
    if (event.id <= last_event_) wrong.push_back(absl::StrCat(name, " is not in order"));
    last_event_ = event.id;
    ++events_;
    const auto known = images_.find(event.row);
    of_call = of_call || event.actor != "system";
    const auto note = [&](RowChange& noted) {
      if (noted.events.empty()) {
        noted.created = known == images_.end();
        if (!noted.created) noted.before = rows_.at(event.row);
      }
      noted.events.push_back(event.effective_date.has_value() ? absl::StrCat(event.kind, " ", *event.effective_date)
                                                              : event.kind);
      noted.after = RowOf(event.after, Defaults().at(event.row.table));
    };
    RowChange& change = changes_[event.row];
    note(change);
    if (of_call) note(changes_of_call_[event.row]);
    const std::string revision = change.after.contains("revision") ? change.after["revision"].value_or("") : "";
    if (revision != absl::StrCat(event.revision))
      wrong.push_back(absl::StrCat(name, " has another revision than its image"));
    if (known == images_.end()) {
      if (event.before.has_value()) wrong.push_back(absl::StrCat(name, " is the first, but has a before"));
      if (event.revision != 1) wrong.push_back(absl::StrCat(name, " is the first, with revision ", event.revision));
    } else {
      if (event.before != known->second) wrong.push_back(absl::StrCat(name, ": before is not what the row was"));
      if (absl::StrCat(event.revision - 1) != rows_.at(event.row).at("revision")) {
        wrong.push_back(absl::StrCat(name, ": revision ", event.revision, " leaves a gap"));
      }
    }
    if (event.before == event.after) wrong.push_back(absl::StrCat(name, " changes nothing"));
    images_[event.row] = event.after;
    rows_[event.row] = change.after;
  }
  return wrong;
}

std::vector<std::string> HistoryCheck::Compare(const RawRows& rows, Which which) {
  std::vector<std::string> wrong;
  for (const auto& [name, row] : rows) {
    const auto known = rows_.find(name);
    if (known == rows_.end()) {
      wrong.push_back(absl::StrCat(Text(name), " has no event"));
      continue;
    }
    if (row == known->second) continue;
    for (const auto& [column, value] : row) {
      if (column == "due_date" || column == "claims")
        continue;  // notes of our own: no facts, and no part of the history
      const auto image = known->second.find(column);
      if (image == known->second.end()) {
        wrong.push_back(absl::StrCat(Text(name), ": no event has its column ", column));
      } else if (!SameValue(value, image->second)) {
        wrong.push_back(absl::StrCat(Text(name), ": ", column, " is ", value.value_or("NULL"), ", its last event says ",
                                     image->second.value_or("NULL")));
      }
    }
  }
  if (which == Which::kSome) return wrong;
  for (const auto& [name, row] : rows_) {
    if (!rows.contains(name)) wrong.push_back(absl::StrCat(Text(name), " is gone"));
  }
  return wrong;
}

}  // namespace lmp::random_test
