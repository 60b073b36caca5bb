#include "storage/rows/columns.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace lmp::storage {
namespace {

// The digits of text[from, from + count) as a number. The database formatted the text, so they are digits.
int Number(absl::string_view text, size_t from, size_t count) {
  int number = 0;
  for (size_t i = from; i < from + count && i < text.size(); ++i) number = number * 10 + (text[i] - '0');
  return number;
}

// Writes the last `count` decimal digits of a number that is not negative.
void PutNumber(std::string& text, size_t at, size_t count, int64_t number) {
  for (size_t i = at + count; i-- > at; number /= 10) text[i] = static_cast<char>('0' + number % 10);
}

}  // namespace

// Formatted and parsed by hand: every row has two to five dates and times, and the general formatters take ten times as
// long.
std::string FormatDate(model::Date date) {
  std::string text = "0000-00-00";
  PutNumber(text, 0, 4, date.year());
  PutNumber(text, 5, 2, date.month());
  PutNumber(text, 8, 2, date.day());
  return text;
}

std::string FormatDateTime(absl::Time time) {
  const absl::TimeZone::CivilInfo at = absl::UTCTimeZone().At(time);
  std::string text = "0000-00-00 00:00:00.000000";
  PutNumber(text, 0, 4, at.cs.year());
  PutNumber(text, 5, 2, at.cs.month());
  PutNumber(text, 8, 2, at.cs.day());
  PutNumber(text, 11, 2, at.cs.hour());
  PutNumber(text, 14, 2, at.cs.minute());
  PutNumber(text, 17, 2, at.cs.second());
  PutNumber(text, 20, 6, absl::ToInt64Microseconds(at.subsecond));
  return text;
}

model::Date ParseDate(absl::string_view text) {
  return model::Date(Number(text, 0, 4), Number(text, 5, 2), Number(text, 8, 2));
}

model::Date DateOfDays(int64_t days) {
  constexpr int64_t kDaysOf1970 = 719528;
  const std::chrono::year_month_day day{std::chrono::sys_days(std::chrono::days(days - kDaysOf1970))};
  return model::Date(int{day.year()}, unsigned{day.month()}, unsigned{day.day()});
}

absl::Time ParseDateTime(absl::string_view text) {
  const absl::CivilSecond second(Number(text, 0, 4), Number(text, 5, 2), Number(text, 8, 2), Number(text, 11, 2),
                                 Number(text, 14, 2), Number(text, 17, 2));
  int micros = text.size() > 20 ? Number(text, 20, 6) : 0;
  for (size_t digits = text.size() > 20 ? text.size() - 20 : 6; digits < 6; ++digits) micros *= 10;
  return absl::FromCivil(second, absl::UTCTimeZone()) + absl::Microseconds(micros);
}

void AppendJsonString(std::string& out, absl::string_view text) {
  out.push_back('"');
  size_t done = 0;  // `text` up to here is in `out`; plain characters are appended in one piece
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.data() + done, i - done);
    done = i + 1;
    if (c >= 0x20) {
      out.push_back('\\');
      out.push_back(text[i]);
    } else {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(c));
    }
  }
  out.append(text.data() + done, text.size() - done);
  out.push_back('"');
}

std::string ListToJson(const std::vector<std::string>& list) {
  std::string json = "[";
  for (const std::string& item : list) {
    if (json.size() > 1) json.push_back(',');
    AppendJsonString(json, item);
  }
  return json + "]";
}

std::string MapToJson(const model::StringMap& map) {
  std::string json = "{";
  for (const auto& [key, value] : map) {
    if (json.size() > 1) json.push_back(',');
    AppendJsonString(json, key);
    json.push_back(':');
    AppendJsonString(json, value);
  }
  return json + "}";
}

std::optional<std::vector<std::string>> ListFromJson(const std::string& json) {
  std::vector<std::string> list;
  if (json.size() <= 2) return list;
  const nlohmann::json parsed = nlohmann::json::parse(json, nullptr, false);
  if (!parsed.is_array()) return std::nullopt;
  list.reserve(parsed.size());
  for (const nlohmann::json& item : parsed) {
    if (!item.is_string()) return std::nullopt;
    list.push_back(item.get<std::string>());
  }
  return list;
}

std::optional<model::StringMap> MapFromJson(const std::string& json) {
  model::StringMap map;
  if (json.size() <= 2) return map;
  const nlohmann::json parsed = nlohmann::json::parse(json, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  for (const auto& [key, value] : parsed.items()) {
    if (!value.is_string()) return std::nullopt;
    map.emplace(key, value.get<std::string>());
  }
  return map;
}

std::string Places(size_t n) {
  std::string text = "(";
  text.reserve(3 * n + 1);
  for (size_t i = 0; i < n; ++i) text += i == 0 ? "?" : ", ?";
  return text + ")";
}

size_t PaddedSize(size_t n) {
  size_t size = 1;
  while (size < n) size *= 2;
  return size;
}

std::string InList(const std::vector<std::string>& keys, std::vector<Value>& params) {
  const size_t size = PaddedSize(keys.size());
  for (size_t i = 0; i < size; ++i) params.push_back(keys[std::min(i, keys.size() - 1)]);
  return Places(size);
}

std::string PairsTable(absl::string_view type1, absl::string_view type2) {
  return absl::StrCat("JSON_TABLE(CONVERT(? USING utf8mb4), '$[*]' COLUMNS (key1 ", type1, " PATH '$[0]', key2 ", type2,
                      " PATH '$[1]')) AS wanted");
}

std::string PairsToJson(const std::vector<model::RowKey>& pairs) {
  std::string json = "[";
  for (const auto& [first, second] : pairs) {
    json += json.size() == 1 ? "[" : ",[";
    AppendJsonString(json, first);
    json.push_back(',');
    AppendJsonString(json, second);
    json.push_back(']');
  }
  return json + "]";
}

}  // namespace lmp::storage
