#include "storage/rows/row_page.h"

namespace lmp::storage {
namespace {

// A WHERE clause and its parameters, which grow condition by condition.
struct Where {
  std::string text;
  std::vector<Value> params;

  void And(absl::string_view condition, std::vector<std::string> values) {
    absl::StrAppend(&text, text.empty() ? " WHERE " : " AND ", condition);
    for (std::string& value : values) params.emplace_back(std::move(value));
  }
};

// The caller's partner and those directly below it, as a condition on `column`.
std::string InScope(absl::string_view column) {
  return absl::StrCat("(", column, " = ? OR ", column, " IN (SELECT partner_id FROM partners WHERE parent_id = ?))");
}

void AddScope(const std::string& table, const std::string& partner_id, Where& where) {
  if (partner_id.empty() || table == "products") return;
  std::string condition;
  if (table == "partners") {
    condition = "(partner_id = ? OR parent_id = ?)";
  } else if (table == "subscriptions" || table == "licenses" || table == "scheduled_changes") {
    condition = absl::StrCat("customer_id IN (SELECT customer_id FROM customers WHERE ", InScope("partner_id"), ")");
  } else {
    condition = InScope("partner_id");
  }
  where.And(condition, {partner_id, partner_id});
}

// The condition for rows after a position. It is written so that both databases begin to read at the position and not
// before. For a row comparison, (a, b) > (?, ?), they would read the index from its start; for a >= ? AND (a > ? OR b >
// ?), from the start of a.
void AddAfter(const std::vector<std::string>& keys, const PageQuery& query, bool first_key_fixed, Where& where) {
  const Position& after = *query.after;
  const std::string beyond = query.descending ? " < ?" : " > ?";
  std::string key;
  std::vector<std::string> values;
  if (keys.size() == 1) {
    key = keys[0] + beyond;
    values = {after.key.first};
  } else if (first_key_fixed) {
    key = keys[1] + beyond;
    values = {after.key.second};
  } else {
    key = absl::StrCat("(", keys[0], beyond, " OR (", keys[0], " = ? AND ", keys[1], beyond, "))");
    values = {after.key.first, after.key.first, after.key.second};
  }
  if (query.order_by.empty()) return where.And(key, values);
  values.insert(values.begin(), {after.value, after.value});
  where.And(absl::StrCat("(", query.order_by, beyond, " OR (", query.order_by, " = ? AND ", key, "))"),
            std::move(values));
}

}  // namespace

absl::StatusOr<PageStatement> PageSql(const std::string& table, const std::string& column_list,
                                      const std::vector<std::string>& keys, const PageQuery& query) {
  std::vector<std::string> fixed;
  for (const auto& [column, value] : query.equals) fixed.push_back(column);
  const AccessPath* path = ChooseAccessPath(table, fixed, query.order_by);
  if (path == nullptr) return absl::InternalError(absl::StrCat("no access path to ", table, " by ", query.order_by));
  Where where;
  bool first_key_fixed = false;
  for (const auto& [column, value] : query.equals) {
    where.And(column + " = ?", {value});
    first_key_fixed |= column == keys[0];
  }
  for (const PageQuery::Comparison& bound : query.bounds)
    where.And(absl::StrCat(bound.column, " ", bound.op, " ?"), {bound.value});
  if (query.after.has_value()) AddAfter(keys, query, first_key_fixed, where);
  AddScope(table, query.partner_id, where);
  if (query.created_by != absl::InfiniteFuture()) where.And("create_time <= ?", {FormatDateTime(query.created_by)});

  const absl::string_view direction = query.descending ? " DESC" : "";
  std::string order = query.order_by.empty() ? "" : absl::StrCat(query.order_by, direction, ", ");
  for (size_t i = 0; i < keys.size(); ++i) absl::StrAppend(&order, i == 0 ? "" : ", ", keys[i], direction);
  PageStatement statement{absl::StrCat("SELECT ", column_list, " FROM ", table, " FORCE INDEX (", path->index, ")",
                                       where.text, " ORDER BY ", order, " LIMIT ?"),
                          std::move(where.params)};
  statement.params.emplace_back(static_cast<int64_t>(query.limit) + 1);
  return statement;
}

}  // namespace lmp::storage
