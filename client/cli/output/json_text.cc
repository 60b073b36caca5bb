#include "client/cli/output/json_text.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/output/table.h"

namespace lmp::cli {
namespace {

using Json = nlohmann::ordered_json;

// Reads {"year": 2026, "month": 11, "day": 24}, the JSON of google.type.Date; for a month, the day is missing.
std::string DateText(const Json& object) {
  for (const auto& [key, value] : object.items()) {
    if ((key != "year" && key != "month" && key != "day") || !value.is_number_integer()) return "";
  }
  if (!object.contains("year") || !object.contains("month")) return "";
  const std::string month = absl::StrFormat("%04d-%02d", object["year"].get<int>(), object["month"].get<int>());
  return object.contains("day") ? absl::StrFormat("%s-%02d", month, object["day"].get<int>()) : month;
}

std::string Text(const Json& value);

std::string ObjectText(const Json& object) {
  if (std::string date = DateText(object); !date.empty()) return date;
  if (object.size() == 2 && object.contains("product") && object.contains("units")) {
    const std::string product = Text(object["product"]);
    return absl::StrCat(product.substr(product.rfind('/') + 1), "=", Text(object["units"]));
  }
  std::vector<std::string> entries;
  for (const auto& [key, value] : object.items()) entries.push_back(absl::StrCat(Printable(key), "=", Text(value)));
  return absl::StrJoin(entries, ", ");
}

std::string Text(const Json& value) {
  if (value.is_string()) return Printable(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_null()) return "";
  if (value.is_object()) return ObjectText(value);
  if (!value.is_array()) return value.dump();
  std::vector<std::string> items;
  for (const Json& item : value) items.push_back(Text(item));
  return absl::StrJoin(items, ", ");
}

}  // namespace

std::string JsonValueText(const std::string& json) {
  const Json value = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  return value.is_discarded() ? Printable(json) : Text(value);
}

}  // namespace lmp::cli
