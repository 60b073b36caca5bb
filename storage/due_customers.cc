#include "storage/due_customers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kChanges[] =
    "EXISTS (SELECT 1 FROM scheduled_changes s WHERE s.customer_id = l.customer_id AND s.state = 'PENDING' "
    "AND s.effective_date <= l.due_date)";

// Few licenses are due, and an index finds them; for each of them the customer, and whether it has a pool, is looked
// up.
constexpr char kDue[] =
    "FROM licenses l FORCE INDEX (licenses_due) STRAIGHT_JOIN customers c ON c.customer_id = l.customer_id ";
constexpr char kItsPool[] =
    "STRAIGHT_JOIN license_pools p ON p.partner_id = c.partner_id AND p.product_id = l.product_id ";

// A product's end of life is not written into the product's licenses. But pools show whether any licenses are left:
// nobody draws on a pool of which nothing is assigned. So licenses that ended long ago are not looked through again.
constexpr char kEndedOfPools[] =
    "FROM license_pools p STRAIGHT_JOIN products e ON e.product_id = p.product_id "
    "STRAIGHT_JOIN licenses l FORCE INDEX (licenses_open_by_product) ON l.product_id = p.product_id "
    "STRAIGHT_JOIN customers c ON c.customer_id = l.customer_id AND c.partner_id = p.partner_id "
    "WHERE e.end_of_life_date <= ? AND p.assigned > 0 AND l.closed = 0 AND p.partner_id IN ";
constexpr char kEnded[] =
    "FROM products e STRAIGHT_JOIN licenses l FORCE INDEX (licenses_open_by_product) ON l.product_id = e.product_id "
    "STRAIGHT_JOIN customers c ON c.customer_id = l.customer_id ";
constexpr char kOver[] = "WHERE e.end_of_life_date <= ? AND l.closed = 0 ";
constexpr char kOfSuites[] =
    "STRAIGHT_JOIN subscriptions s ON s.customer_id = l.customer_id AND s.subscription_id = l.subscription_id "
    "STRAIGHT_JOIN service_plans p ON p.service_plan_id = s.service_plan_id ";

}  // namespace

absl::StatusOr<std::set<model::Due>> ListDue(Connection& connection, const DueScope& scope, model::Date today) {
  const std::string select_due = absl::StrCat("SELECT l.customer_id, l.due_date, ", kChanges, " ", kDue);
  const std::string select_ended = "SELECT l.customer_id, e.end_of_life_date, 0 ";
  std::string sql;
  std::vector<Value> params;
  const auto add = [&](const std::string& select, const std::vector<std::string>& keys) {
    absl::StrAppend(&sql, sql.empty() ? "" : " UNION ALL ", select);
    params.emplace_back(FormatDate(today));
    params.insert(params.end(), keys.begin(), keys.end());
  };
  const auto add_in = [&](const std::string& select, const std::set<std::string>& ids) {
    if (ids.empty()) return;
    add(select, {});
    sql += InList({ids.begin(), ids.end()}, params);
  };
  add_in(absl::StrCat(select_due, kItsPool, "WHERE l.due_date <= ? AND c.partner_id IN "), scope.pools_of);
  add_in(absl::StrCat(select_ended, kEndedOfPools), scope.pools_of);
  for (const auto& [partner_id, product_id] : scope.pools_to_be) {
    add(absl::StrCat(select_due, "WHERE l.due_date <= ? AND c.partner_id = ? AND l.product_id = ?"),
        {partner_id, product_id});
    add(absl::StrCat(select_ended, kEnded, kOver, "AND c.partner_id = ? AND e.product_id = ?"),
        {partner_id, product_id});
  }
  add_in(absl::StrCat(select_due, "WHERE l.due_date <= ? AND c.partner_id IN "), scope.partners);
  add_in(absl::StrCat(select_ended, kEnded, kOver, "AND c.partner_id IN "), scope.partners);
  add_in(absl::StrCat(select_due, "WHERE l.due_date <= ? AND l.product_id IN "), scope.products);
  add_in(absl::StrCat(select_due, kOfSuites, "WHERE l.due_date <= ? AND p.product_id IN "), scope.suites);
  add_in(absl::StrCat(select_ended, kEnded, kOfSuites, kOver, "AND p.product_id IN "), scope.suites);
  if (sql.empty()) return std::set<model::Due>();
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, params));
  std::map<std::string, model::Due> first;  // by customer
  while (rows->Next()) {
    const model::Due due{ParseDate(rows->String(1)), rows->Int64(2) != 0, rows->String(0)};
    const auto [it, added] = first.emplace(due.customer_id, due);
    if (!added && (due.day < it->second.day || (due.day == it->second.day && due.change))) it->second = due;
  }
  RETURN_IF_ERROR(rows->status());
  std::set<model::Due> all;
  for (auto& [customer_id, due] : first) all.insert(std::move(due));
  return all;
}

}  // namespace lmp::storage
