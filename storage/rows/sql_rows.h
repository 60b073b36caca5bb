// The few statements that every table needs, made from its noun's field list.
#ifndef LMP_STORAGE_ROWS_SQL_ROWS_H_
#define LMP_STORAGE_ROWS_SQL_ROWS_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "storage/model/change_set.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"
#include "storage/mysql/errors.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {

// The most rows in one multi-row INSERT: it keeps a statement well below 65 535 parameters.
inline constexpr size_t kMaxRowsPerInsert = 200;

template <class Row>
const std::string& SelectFrom() {
  static const std::string& sql = *new std::string(absl::StrCat("SELECT ", SelectList<Row>(), " FROM ", Row::kTable));
  return sql;
}

// Runs a query whose columns are those of the noun, and adds the rows to `out`.
template <class Row>
absl::Status LoadRows(Connection& connection, const std::string& sql, const std::vector<Value>& params,
                      model::Rows<Row>& out) {
  ASSIGN_OR_RETURN(const auto result, connection.Query(sql, params));
  while (result->Next()) {
    Row row = ReadRow<Row>(*result);
    model::RowKey key = KeyOf(row);
    out.insert_or_assign(std::move(key), std::move(row));
  }
  return result->status();
}

// All rows whose first key column is one of `keys`; `suffix` is SQL that orders or locks them.
template <class Row>
absl::Status LoadByFirstKey(Connection& connection, const std::vector<std::string>& keys, absl::string_view suffix,
                            model::Rows<Row>& out) {
  if (keys.empty()) return absl::OkStatus();
  std::vector<Value> params;
  const std::string places = InList(keys, params);
  return LoadRows<Row>(connection,
                       absl::StrCat(SelectFrom<Row>(), " WHERE ", ColumnNames<Row>()[0], " IN ", places, suffix),
                       params, out);
}

template <class Row>
absl::Status InsertRows(Connection& connection, const std::vector<const Row*>& rows) {
  static const std::string& head =
      *new std::string(absl::StrCat("INSERT INTO ", Row::kTable, " (", ColumnList<Row>(), ") VALUES "));
  static const std::string& places = *new std::string(Places(ColumnNames<Row>().size()));
  for (size_t from = 0; from < rows.size(); from += kMaxRowsPerInsert) {
    std::string sql = head;
    std::vector<Value> params;
    const size_t to = std::min(rows.size(), from + kMaxRowsPerInsert);
    params.reserve((to - from) * ColumnNames<Row>().size());
    for (size_t i = from; i < to; ++i) {
      absl::StrAppend(&sql, i == from ? "" : ", ", places);
      AppendValues(*rows[i], params);
    }
    RETURN_IF_ERROR(connection.Update(sql, params).status());
  }
  return absl::OkStatus();
}

template <class Row>
absl::Status InsertRows(Connection& connection, const std::vector<Row>& rows) {
  std::vector<const Row*> pointers;
  pointers.reserve(rows.size());
  for (const Row& row : rows) pointers.push_back(&row);
  return InsertRows(connection, pointers);
}

template <class Row>
absl::Status UpdateRow(Connection& connection, const model::RowChange<Row>& change) {
  static const std::string& sql = *new std::string([] {
    std::string text = absl::StrCat("UPDATE ", Row::kTable, " SET ");
    const std::vector<std::string>& names = ColumnNames<Row>();
    for (size_t i = 0; i < names.size(); ++i) absl::StrAppend(&text, i == 0 ? "" : ", ", names[i], " = ?");
    for (int i = 0; i < Row::kKeyColumns; ++i)
      absl::StrAppend(&text, i == 0 ? " WHERE " : " AND ", names[static_cast<size_t>(i)], " = ?");
    return text + " AND revision = ?";
  }());
  std::vector<Value> params;
  AppendValues(change.after, params);
  const model::RowKey key = KeyOf(change.after);
  params.push_back(key.first);
  if (Row::kKeyColumns == 2) params.push_back(key.second);
  params.push_back(static_cast<int64_t>(change.before->stamp.revision));
  ASSIGN_OR_RETURN(const int64_t matched, connection.Update(sql, params));
  if (matched != 1) {
    return LostUpdate(absl::StrCat("update of ", Row::kTable, " ", key.first, " ", key.second));
  }
  return absl::OkStatus();
}

// True if the row ends for good, and with that gives up its unique values.
template <class Row>
bool Closes(const model::RowChange<Row>& change) {
  if constexpr (requires { change.after.closed; }) return change.after.closed;
  if constexpr (requires { change.after.delete_time; }) return change.after.delete_time.has_value();
  return false;
}

// Saves the rows that end first, then the other changed ones, then the new ones: a row may give up a unique value that
// a later one takes.
template <class Row>
absl::Status SaveRows(Connection& connection, const std::vector<model::RowChange<Row>>& changes) {
  std::vector<const Row*> inserts;
  for (const bool closes : {true, false}) {
    for (const model::RowChange<Row>& change : changes) {
      if (Closes(change) != closes) continue;
      if (change.before.has_value()) {
        RETURN_IF_ERROR(UpdateRow(connection, change));
      } else {
        inserts.push_back(&change.after);
      }
    }
  }
  return InsertRows(connection, inserts);
}

}  // namespace lmp::storage

#endif  // LMP_STORAGE_ROWS_SQL_ROWS_H_
