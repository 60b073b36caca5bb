// Goes from a noun's field list to SQL: column names, bound values, rows read back, and JSON images for the events.
#ifndef LMP_STORAGE_ROWS_COLUMNS_H_
#define LMP_STORAGE_ROWS_COLUMNS_H_

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/model/row.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// These convert single values to and from the database. Vectors and maps are JSON text.
std::string FormatDate(model::Date date);     // 2026-03-31
std::string FormatDateTime(absl::Time time);  // 2026-03-31 12:00:00.000001, UTC
model::Date ParseDate(absl::string_view text);
absl::Time ParseDateTime(absl::string_view text);
model::Date DateOfDays(int64_t days);  // as TO_DAYS counts
std::string ListToJson(const std::vector<std::string>& list);
std::string MapToJson(const model::StringMap& map);
// None for what is no list, or no map, of texts.
std::optional<std::vector<std::string>> ListFromJson(const std::string& json);
std::optional<model::StringMap> MapFromJson(const std::string& json);
// Appends `text` as a JSON string, quotes included.
void AppendJsonString(std::string& out, absl::string_view text);

inline Value ToValue(const std::string& value) { return value; }
inline Value ToValue(bool value) { return static_cast<int64_t>(value); }
inline Value ToValue(int value) { return static_cast<int64_t>(value); }
inline Value ToValue(model::Date value) { return FormatDate(value); }
inline Value ToValue(absl::Time value) { return FormatDateTime(value); }
inline Value ToValue(const std::vector<std::string>& value) { return ListToJson(value); }
inline Value ToValue(const model::StringMap& value) { return MapToJson(value); }
template <class Enum>
requires std::is_enum_v<Enum> Value ToValue(Enum value) { return std::string(model::NameOf(value)); }
template <class T>
Value ToValue(const std::optional<T>& value) {
  return value.has_value() ? ToValue(*value) : Value();
}

inline void FromColumn(ResultSet& rows, int column, std::string& value) { value = rows.String(column); }
inline void FromColumn(ResultSet& rows, int column, bool& value) { value = rows.Int64(column) != 0; }
inline void FromColumn(ResultSet& rows, int column, int& value) { value = static_cast<int>(rows.Int64(column)); }
// Dates and times are text, or what kReadAs made of them.
inline void FromColumn(ResultSet& rows, int column, model::Date& value) {
  value = rows.IsNumber(column) ? DateOfDays(rows.Int64(column)) : ParseDate(rows.String(column));
}
inline void FromColumn(ResultSet& rows, int column, absl::Time& value) {
  value = rows.IsNumber(column) ? absl::FromUnixMicros(rows.Int64(column)) : ParseDateTime(rows.String(column));
}
template <class T>
void TakeKnown(ResultSet& rows, std::optional<T> known, absl::string_view text, T& value) {
  if (!known.has_value()) {
    rows.Fail(absl::DataLossError(absl::StrCat("\"", text, "\" is nothing that this version knows")));
  }
  value = std::move(known).value_or(T{});
}
inline void FromColumn(ResultSet& rows, int column, std::vector<std::string>& value) {
  const std::string text = rows.String(column);
  TakeKnown(rows, ListFromJson(text), text, value);
}
inline void FromColumn(ResultSet& rows, int column, model::StringMap& value) {
  const std::string text = rows.String(column);
  TakeKnown(rows, MapFromJson(text), text, value);
}
template <class Enum>
requires std::is_enum_v<Enum>
void FromColumn(ResultSet& rows, int column, Enum& value) {
  // The value was written by a newer version. Any value that stood for it here would be acted upon, and written back.
  const std::string text = rows.String(column);
  TakeKnown(rows, model::ParseEnum<Enum>(text), text, value);
}
template <class T>
void FromColumn(ResultSet& rows, int column, std::optional<T>& value) {
  value.reset();
  if (!rows.IsNull(column)) FromColumn(rows, column, value.emplace());
}

// Names of all columns, in field order.
template <class Row>
const std::vector<std::string>& ColumnNames() {
  static const auto* names = [] {
    auto* list = new std::vector<std::string>();
    Row row;
    Row::Visit(row, [&](absl::string_view name, const auto&) { list->emplace_back(name); });
    return list;
  }();
  return *names;
}

// What a SELECT puts around a column, so that dates and times come as numbers. The connector makes text of both with
// printf, which takes longer than everything else about a row.
struct ReadAs {
  absl::string_view before, after;
};
template <class T>
constexpr ReadAs kReadAs;
template <>
constexpr inline ReadAs kReadAs<model::Date>{"TO_DAYS(", ")"};
template <>
constexpr inline ReadAs kReadAs<absl::Time>{"TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', ", ")"};
template <class T>
constexpr ReadAs kReadAs<std::optional<T>> = kReadAs<T>;

// "a, b, c", for an INSERT.
template <class Row>
std::string ColumnList() {
  return absl::StrJoin(ColumnNames<Row>(), ", ");
}

// The same for a SELECT whose rows are read by ReadRow, each with the prefix before it ("t." for a join).
template <class Row>
std::string SelectList(absl::string_view prefix = "") {
  std::string text;
  Row row;
  Row::Visit(row, [&]<class T>(absl::string_view name, const T&) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", kReadAs<T>.before, prefix, name, kReadAs<T>.after);
  });
  return text;
}

template <class Row>
void AppendValues(const Row& row, std::vector<Value>& values) {
  Row::Visit(row, [&](absl::string_view, const auto& value) { values.push_back(ToValue(value)); });
}

// Reads a row whose columns start at `column`. If something can't be read, rows.status() is DATA_LOSS with the row's
// key.
template <class Row>
Row ReadRow(ResultSet& rows, int column = 0) {
  Row row;
  const bool failed = rows.failed();
  Row::Visit(row, [&](absl::string_view, auto& value) { FromColumn(rows, column++, value); });
  if constexpr (requires { Row::kKeyColumns; }) {
    const model::RowKey key = rows.failed() && !failed ? KeyOf(row) : model::RowKey();
    if (rows.failed() && !failed) rows.FailedAt(absl::StrCat(Row::kTable, " ", key.first, " ", key.second));
  }
  return row;
}

// "(?, ?, ?)" with n question marks.
std::string Places(size_t n);
// The least power of two that is at least n. IN lists are padded to this size, so that few different texts are
// prepared.
size_t PaddedSize(size_t n);
// Appends the keys to `params`, repeating the last key up to the padded size, and returns the question marks for them.
std::string InList(const std::vector<std::string>& keys, std::vector<Value>& params);

// A table of pairs of keys for a FROM clause, from one JSON parameter. Its columns are wanted.key1 and wanted.key2, of
// these types. The parameter is converted, because the connector sends a text beyond 256 KiB as a blob, which Oracle's
// server does not read as JSON. The SQL text is the same whatever the number of pairs, and the plan is one lookup for
// each pair; with pairs joined by OR the optimizer spends ten times as long on weighing indexes as the lookups take. It
// works from MariaDB 10.6 and MySQL 8.0 on.
inline constexpr char kIdType[] = "VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin";
std::string PairsTable(absl::string_view type1 = kIdType, absl::string_view type2 = kIdType);
// The parameter of that table: [["a","b"],…].
std::string PairsToJson(const std::vector<model::RowKey>& pairs);

template <class T>
void AppendJson(std::string& json, const T& value) {
  if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    absl::StrAppend(&json, ListToJson(value));
  } else if constexpr (std::is_same_v<T, model::StringMap>) {
    absl::StrAppend(&json, MapToJson(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    absl::StrAppend(&json, value ? "true" : "false");
  } else {
    const Value stored = ToValue(value);
    if (const auto* text = std::get_if<std::string>(&stored)) {
      AppendJsonString(json, *text);
    } else if (const auto* number = std::get_if<int64_t>(&stored)) {
      absl::StrAppend(&json, *number);
    } else {
      absl::StrAppend(&json, "null");
    }
  }
}

// Each field of a new row in JSON, in field order.
template <class Row>
const std::vector<std::string>& DefaultsInJson() {
  static const auto* defaults = [] {
    auto* list = new std::vector<std::string>();
    Row row;
    Row::Visit(row, [&](absl::string_view, const auto& value) { AppendJson(list->emplace_back(), value); });
    return list;
  }();
  return *defaults;
}

// The row as a JSON object by column name, without its mark (row.h) and without the fields that are as in a new row,
// which leaves out a third of most rows. RowOf (images.h) gives the missing fields their defaults. So a default can
// never be changed (tests/storage/rows/image_defaults.txt).
template <class Row>
std::string ImageOf(const Row& row) {
  const std::vector<std::string>& defaults = DefaultsInJson<Row>();
  std::string json = "{";
  size_t field = 0;
  Row::Visit(row, [&](absl::string_view name, const auto& value) {
    const size_t start = json.size();
    absl::StrAppend(&json, start == 1 ? "\"" : ",\"", name, "\":");
    const size_t at = json.size();
    AppendJson(json, value);
    bool left_out = absl::string_view(json).substr(at) == defaults[field++];
    if constexpr (requires { Row::kMark; }) left_out = left_out || name == Row::kMark;
    if (left_out) json.resize(start);
  });
  return json + "}";
}

}  // namespace lmp::storage

#endif  // LMP_STORAGE_ROWS_COLUMNS_H_
