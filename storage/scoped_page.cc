#include "storage/scoped_page.h"

#include "absl/strings/str_cat.h"
#include "storage/rows/columns.h"

namespace lmp::storage {
namespace {

// Behind the query's position, in its order.
void AddAfter(const std::vector<std::string>& keys, const PageQuery& query, PageStatement& statement) {
  const char* const beyond = query.descending ? " < ?" : " > ?";
  const auto& [first, second] = query.after->key;
  std::string after = absl::StrCat("(", keys[0], beyond, " OR (", keys[0], " = ? AND ", keys[1], beyond, "))");
  if (!query.order_by.empty()) {
    after = absl::StrCat("(", query.order_by, beyond, " OR (", query.order_by, " = ? AND ", after, "))");
    for (int i = 0; i < 2; ++i) statement.params.emplace_back(query.after->value);
  }
  absl::StrAppend(&statement.sql, " AND ", after);
  for (const std::string& value : {first, first, second}) statement.params.emplace_back(value);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> PartnersInScope(Connection& connection, const std::string& partner_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT partner_id FROM partners WHERE partner_id = ? OR parent_id = ? LIMIT ?",
                                    {partner_id, partner_id, static_cast<int64_t>(kMaxMergedPartners) + 1}));
  std::vector<std::string> partners;
  while (rows->Next()) partners.push_back(rows->String(0));
  RETURN_IF_ERROR(rows->status());
  return partners;
}

PageStatement CustomersOfPartnerSql(const std::string& partner_id, const std::string& from, bool inclusive,
                                    bool descending, int limit) {
  PageStatement statement;
  statement.sql = "SELECT customer_id FROM customers FORCE INDEX (customers_by_partner) WHERE partner_id = ?";
  statement.params.emplace_back(partner_id);
  if (!from.empty()) {
    absl::StrAppend(&statement.sql, " AND customer_id ", descending ? "<" : ">", inclusive ? "=" : "", " ?");
    statement.params.emplace_back(from);
  }
  absl::StrAppend(&statement.sql, " ORDER BY customer_id", descending ? " DESC" : "", " LIMIT ?");
  statement.params.emplace_back(static_cast<int64_t>(limit));
  return statement;
}

PageStatement OfCustomersSql(const std::string& table, const std::string& column_list,
                             const std::vector<std::string>& keys, const PageQuery& query,
                             const std::vector<std::string>& customers) {
  PageStatement statement;
  statement.sql = absl::StrCat("SELECT ", column_list, " FROM ", table, " FORCE INDEX (PRIMARY) WHERE ", keys[0],
                               " IN ", InList(customers, statement.params));
  for (const auto& [column, value] : query.equals) {
    absl::StrAppend(&statement.sql, " AND ", column, " = ?");
    statement.params.emplace_back(value);
  }
  for (const PageQuery::Comparison& bound : query.bounds) {
    absl::StrAppend(&statement.sql, " AND ", bound.column, " ", bound.op, " ?");
    statement.params.emplace_back(bound.value);
  }
  if (query.after.has_value()) AddAfter(keys, query, statement);
  if (query.created_by != absl::InfiniteFuture()) {
    absl::StrAppend(&statement.sql, " AND create_time <= ?");
    statement.params.emplace_back(FormatDateTime(query.created_by));
  }
  const char* const direction = query.descending ? " DESC" : "";
  absl::StrAppend(&statement.sql, " ORDER BY ", query.order_by, query.order_by.empty() ? "" : direction,
                  query.order_by.empty() ? "" : ", ", keys[0], direction, ", ", keys[1], direction, " LIMIT ?");
  statement.params.emplace_back(static_cast<int64_t>(query.limit) + 1);
  return statement;
}

absl::StatusOr<std::vector<std::string>> CustomersOfPartners(Connection& connection,
                                                             const std::vector<std::string>& partners,
                                                             const std::string& from, bool inclusive, bool descending,
                                                             int limit) {
  std::vector<std::string> customers;
  for (const std::string& partner : partners) {
    const PageStatement statement = CustomersOfPartnerSql(partner, from, inclusive, descending, limit);
    ASSIGN_OR_RETURN(const auto rows, connection.Query(statement.sql, statement.params));
    while (rows->Next()) customers.push_back(rows->String(0));
    RETURN_IF_ERROR(rows->status());
  }
  std::sort(customers.begin(), customers.end());
  if (descending) std::reverse(customers.begin(), customers.end());
  if (customers.size() > static_cast<size_t>(limit)) customers.resize(static_cast<size_t>(limit));
  return customers;
}

bool HasPathOfPartner(absl::string_view table, const PageQuery& query) {
  std::vector<std::string> fixed = {"partner_id"};
  for (const auto& [column, value] : query.equals) fixed.push_back(column);
  const AccessPath* path = ChooseAccessPath(table, fixed, query.order_by);
  return path != nullptr && !path->equals.empty();
}

}  // namespace lmp::storage
