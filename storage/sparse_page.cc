#include "storage/sparse_page.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/rows/columns.h"

namespace lmp::storage {
namespace {

// The caller's partner and those directly below it; both parts are found by an index.
constexpr char kPartners[] =
    "(SELECT partner_id AS id FROM partners WHERE partner_id = ? "
    "UNION ALL SELECT partner_id FROM partners WHERE parent_id = ?) AS p";

// The order's column and the keys, each with this in front, as ORDER BY has them.
std::string OrderBy(const PageQuery& query, std::vector<std::string> columns) {
  for (std::string& column : columns) column += query.descending ? " DESC" : "";
  return absl::StrJoin(columns, ", ");
}

std::vector<std::string> OrderColumns(const PageQuery& query, const std::vector<std::string>& keys,
                                      const std::string& prefix) {
  std::vector<std::string> columns;
  if (!query.order_by.empty()) columns.push_back(prefix + query.order_by);
  for (const std::string& key : keys) columns.push_back(prefix + key);
  return columns;
}

// The columns are beyond the values: (a > ? OR (a = ? AND (b > ? …))).
std::string Beyond(const std::vector<std::string>& columns, const std::vector<std::string>& values, const char* beyond,
                   std::vector<Value>& params, size_t i = 0) {
  params.emplace_back(values[i]);
  const std::string here = absl::StrCat(columns[i], beyond);
  if (i + 1 == columns.size()) return here;
  params.emplace_back(values[i]);
  const std::string rest = Beyond(columns, values, beyond, params, i + 1);
  return absl::StrCat("(", here, " OR (", columns[i], " = ? AND ", rest, "))");
}

void And(const std::string& condition, const std::string& value, PageStatement& statement) {
  absl::StrAppend(&statement.sql, " AND ", condition, " ?");
  statement.params.emplace_back(value);
}

// What the query asks for beside its partner, of the table that is called x.
void AddConditions(const std::vector<std::string>& keys, const PageQuery& query, PageStatement& statement) {
  for (const auto& [column, value] : query.equals) And(absl::StrCat("x.", column, " ="), value, statement);
  for (const PageQuery::Comparison& bound : query.bounds)
    And(absl::StrCat("x.", bound.column, " ", bound.op), bound.value, statement);
  if (query.created_by != absl::InfiniteFuture()) And("x.create_time <=", FormatDateTime(query.created_by), statement);
  if (!query.after.has_value()) return;
  std::vector<std::string> values;
  if (!query.order_by.empty()) values.push_back(query.after->value);
  values.push_back(query.after->key.first);
  if (keys.size() > 1) values.push_back(query.after->key.second);
  const std::string beyond =
      Beyond(OrderColumns(query, keys, "x."), values, query.descending ? " < ?" : " > ?", statement.params);
  absl::StrAppend(&statement.sql, " AND ", beyond);
}

// "x.customer_id AS k0, x.license_id AS k1"
std::string KeysAs(const std::vector<std::string>& keys, const std::string& prefix) {
  std::vector<std::string> columns;
  for (size_t i = 0; i < keys.size(); ++i) columns.push_back(absl::StrCat(prefix, keys[i], " AS k", i));
  return absl::StrJoin(columns, ", ");
}

// Reads whole rows only of the keys that `inner` finds in the end.
PageStatement RowsOfKeys(const std::string& table, const std::string& column_list, const std::vector<std::string>& keys,
                         const PageQuery& query, PageStatement inner) {
  std::vector<std::string> same;
  for (size_t i = 0; i < keys.size(); ++i) same.push_back(absl::StrCat(table, ".", keys[i], " = own.k", i));
  return {absl::StrCat("SELECT ", column_list, " FROM (", inner.sql, ") AS own STRAIGHT_JOIN ", table, " ON ",
                       absl::StrJoin(same, " AND "), " ORDER BY ", OrderBy(query, OrderColumns(query, keys, ""))),
          std::move(inner.params)};
}

// The index by which the rows of an owner are found, in the query's order if there is one.
std::string IndexOfOwner(const std::string& table, const std::string& owner, const PageQuery& query) {
  for (const std::string& order : {query.order_by, std::string()}) {
    const AccessPath* path = ChooseAccessPath(table, {owner}, order);
    if (path != nullptr && !path->equals.empty()) return std::string(path->index);
  }
  return "PRIMARY";
}

}  // namespace

absl::StatusOr<PageStatement> WindowSql(const std::string& table, const std::string& column_list,
                                        const std::vector<std::string>& keys, OwnedBy owned_by, const PageQuery& query,
                                        int window) {
  PageQuery all = query;
  all.partner_id.clear();
  all.limit = window - 1;  // a page's statement asks for one row more
  std::string columns = KeysAs(keys, "");
  if (!query.order_by.empty()) absl::StrAppend(&columns, ", ", query.order_by, " AS o");
  if (owned_by == OwnedBy::kPartner) absl::StrAppend(&columns, ", partner_id AS owner");
  ASSIGN_OR_RETURN(PageStatement inner, PageSql(table, columns, keys, all));
  const char* const join = owned_by == OwnedBy::kCustomer ? " STRAIGHT_JOIN customers AS c ON c.customer_id = near.k0 "
                                                            "STRAIGHT_JOIN partners AS p ON p.partner_id = c.partner_id"
                                                          : " STRAIGHT_JOIN partners AS p ON p.partner_id = near.owner";
  std::vector<std::string> found, order;
  if (!query.order_by.empty()) order.emplace_back("near.o");
  for (size_t i = 0; i < keys.size(); ++i) found.push_back(absl::StrCat("near.k", i));
  order.insert(order.end(), found.begin(), found.end());
  inner.sql = absl::StrCat("SELECT ", absl::StrJoin(found, ", "), " FROM (", inner.sql, ") AS near", join,
                           " WHERE (p.partner_id = ? OR p.parent_id = ?) ORDER BY ", OrderBy(query, order), " LIMIT ?");
  inner.params.emplace_back(query.partner_id);
  inner.params.emplace_back(query.partner_id);
  inner.params.emplace_back(static_cast<int64_t>(query.limit) + 1);
  return RowsOfKeys(table, column_list, keys, query, std::move(inner));
}

PageStatement OwnRowsSql(const std::string& table, const std::string& column_list, const std::vector<std::string>& keys,
                         OwnedBy owned_by, const PageQuery& query) {
  PageStatement inner;
  inner.sql = absl::StrCat("SELECT ", KeysAs(keys, "x."), " FROM ", kPartners, " STRAIGHT_JOIN ");
  inner.params = {query.partner_id, query.partner_id};
  if (owned_by == OwnedBy::kCustomer) {
    absl::StrAppend(
        &inner.sql, "customers AS c FORCE INDEX (customers_by_partner) ON c.partner_id = p.id STRAIGHT_JOIN ", table,
        " AS x FORCE INDEX (", IndexOfOwner(table, "customer_id", query), ") ON x.customer_id = c.customer_id");
  } else if (owned_by == OwnedBy::kPartner) {
    absl::StrAppend(&inner.sql, table, " AS x FORCE INDEX (", IndexOfOwner(table, "partner_id", query),
                    ") ON x.partner_id = p.id");
  } else {
    absl::StrAppend(&inner.sql, table, " AS x FORCE INDEX (PRIMARY) ON x.partner_id = p.id");
  }
  absl::StrAppend(&inner.sql, " WHERE TRUE");
  AddConditions(keys, query, inner);
  absl::StrAppend(&inner.sql, " ORDER BY ", OrderBy(query, OrderColumns(query, keys, "x.")), " LIMIT ?");
  inner.params.emplace_back(static_cast<int64_t>(query.limit) + 1);
  return RowsOfKeys(table, column_list, keys, query, std::move(inner));
}

}  // namespace lmp::storage
