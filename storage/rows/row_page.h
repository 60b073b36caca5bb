// Reads one page of a table's rows along an index. Pages begin after a key and not at an offset, so any page costs as
// much as the first.
#ifndef LMP_STORAGE_ROWS_ROW_PAGE_H_
#define LMP_STORAGE_ROWS_ROW_PAGE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "storage/model/row.h"
#include "storage/mysql/connection.h"
#include "storage/rows/access_paths.h"
#include "storage/rows/sql_rows.h"

namespace lmp::storage {

// Where a page ended.
struct Position {
  std::string value;  // value of the order's column, as text; empty in order of key
  model::RowKey key;
  bool operator==(const Position&) const = default;
};

struct PageQuery {
  // A comparison of a column with a value, as text: "expiration_date", "<", "2027-01-01".
  struct Comparison {
    std::string column;
    std::string op;
    std::string value;
  };

  std::vector<std::pair<std::string, std::string>> equals;  // column and value; all must hold
  std::vector<Comparison> bounds;                           // on the order's column
  std::string order_by;  // a column that some access path is ordered by; empty: the key
  bool descending = false;
  std::optional<Position> after;  // empty: the first page
  // Only rows that this partner may see, its own and those of partners below it; empty: all rows.
  std::string partner_id;
  absl::Time created_by = absl::InfiniteFuture();  // only rows that existed by then
  int limit = 50;
};

template <class Row>
struct RowPage {
  std::vector<Row> rows;  // in order
  bool more = false;      // there are rows after these
};

// The statement for a page of `table`, with the columns `column_list` and the key `keys`. Errors: INTERNAL for an order
// that no access path has.
struct PageStatement {
  std::string sql;
  std::vector<Value> params;
};
absl::StatusOr<PageStatement> PageSql(const std::string& table, const std::string& column_list,
                                      const std::vector<std::string>& keys, const PageQuery& query);

template <class Row>
absl::StatusOr<PageStatement> PageSqlOf(const PageQuery& query) {
  const std::vector<std::string>& names = ColumnNames<Row>();
  return PageSql(std::string(Row::kTable), SelectList<Row>(), {names.begin(), names.begin() + Row::kKeyColumns}, query);
}

// The page of a statement that asks for one row more than `limit`. Errors: those of the connection.
template <class Row>
absl::StatusOr<RowPage<Row>> ReadPage(Connection& connection, const PageStatement& statement, int limit) {
  ASSIGN_OR_RETURN(const auto result, connection.Query(statement.sql, statement.params));
  RowPage<Row> page;
  while (result->Next()) page.rows.push_back(ReadRow<Row>(*result));
  RETURN_IF_ERROR(result->status());
  page.more = page.rows.size() > static_cast<size_t>(limit);
  if (page.more) page.rows.pop_back();
  return page;
}

// Errors: those of the connection; INTERNAL as above.
template <class Row>
absl::StatusOr<RowPage<Row>> LoadPage(Connection& connection, const PageQuery& query) {
  ASSIGN_OR_RETURN(const PageStatement statement, PageSqlOf<Row>(query));
  return ReadPage<Row>(connection, statement, query.limit);
}

// Returns the position of `row` in the order of this column.
template <class Row>
Position PositionOf(const Row& row, const std::string& order_by) {
  Position position{"", KeyOf(row)};
  Row::Visit(row, [&](absl::string_view name, const auto& field) {
    if (name != order_by) return;
    const Value value = ToValue(field);
    if (const auto* text = std::get_if<std::string>(&value)) position.value = *text;
  });
  return position;
}

}  // namespace lmp::storage

#endif  // LMP_STORAGE_ROWS_ROW_PAGE_H_
