#include "storage/due_customers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
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

// The time worker's pages. All that is due is along one index, in order of day and customer; then come the products
// whose life has ended and that have licenses left, one after the other.
constexpr char kByDueDate[] =
    "SELECT due_date, customer_id FROM licenses FORCE INDEX (licenses_due) "
    "WHERE due_date <= ? AND (due_date > ? OR (due_date = ? AND customer_id > ?)) ORDER BY due_date, customer_id "
    "LIMIT ";
constexpr char kOfEndedProduct[] =
    "SELECT product_id, customer_id FROM licenses FORCE INDEX (licenses_open_by_product) "
    "WHERE product_id = ? AND closed = 0 AND customer_id > ? ORDER BY customer_id LIMIT ";
constexpr char kNextEnded[] =
    "SELECT p.product_id FROM products p WHERE p.end_of_life_date <= ? AND p.product_id > ? AND EXISTS "
    "(SELECT 1 FROM licenses l FORCE INDEX (licenses_open_by_product) "
    "WHERE l.product_id = p.product_id AND l.closed = 0) ORDER BY p.product_id LIMIT 1";
constexpr char kNoDay[] = "1000-01-01";
constexpr char kEnds[] = "ended";
constexpr int kRowsAtOnce = 1000;

// How far the time worker has come: the rows of this day, or product whose life has ended, up to this customer.
struct DuePlace {
  bool of_ended = false;
  std::string key;  // the day or the product
  std::string customer_id;
};

DuePlace PlaceOf(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  return parts.size() == 3 ? DuePlace{parts[0] == kEnds, parts[1], parts[2]} : DuePlace();
}

// Takes the customers of a statement's rows (key, customer), and moves the place behind them. Returns false if there
// are no rows beyond.
absl::StatusOr<bool> Take(Connection& connection, const char* sql, const std::vector<Value>& params, size_t limit,
                          DuePlace& place, std::vector<std::string>& customers) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(absl::StrCat(sql, kRowsAtOnce), params));
  int count = 0;
  std::set<std::string> taken;
  while (rows->Next()) {
    ++count;
    std::string id = rows->String(1);
    if (taken.size() == limit && !taken.contains(id)) return true;
    place.key = rows->String(0);
    place.customer_id = id;
    if (taken.insert(id).second) customers.push_back(std::move(id));
  }
  RETURN_IF_ERROR(rows->status());
  return count == kRowsAtOnce;
}

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

absl::StatusOr<CustomerPage> ListDueCustomers(Connection& connection, model::Date today, const std::string& after,
                                              size_t limit) {
  DuePlace place = PlaceOf(after);
  CustomerPage page;
  if (!place.of_ended) {
    const std::string day = place.key.empty() ? kNoDay : place.key;
    ASSIGN_OR_RETURN(const bool more, Take(connection, kByDueDate, {FormatDate(today), day, day, place.customer_id},
                                           limit, place, page.customers));
    if (!more) place = {.of_ended = true};
  } else {
    ASSIGN_OR_RETURN(const bool more,
                     Take(connection, kOfEndedProduct, {place.key, place.customer_id}, limit, place, page.customers));
    if (!more) place.customer_id.clear();
  }
  if (place.of_ended && place.customer_id.empty()) {
    ASSIGN_OR_RETURN(const auto next, connection.Query(kNextEnded, {FormatDate(today), place.key}));
    const bool any = next->Next();
    if (any) place.key = next->String(0);
    RETURN_IF_ERROR(next->status());
    if (!any) return page;
  }
  page.last = absl::StrJoin({std::string(place.of_ended ? kEnds : ""), place.key, place.customer_id}, "/");
  return page;
}

// Where nothing was told the mark is the notice's day at the latest, and where the notice was, the expiration.
absl::StatusOr<CustomerPage> ListDoubtfulCustomers(Connection& connection, const std::string& after, int many) {
  static constexpr char kLast[] =
      "SELECT customer_id FROM customers WHERE customer_id > ? ORDER BY customer_id "
      "LIMIT 1 OFFSET ";
  static constexpr char kDoubtful[] =
      "SELECT STRAIGHT_JOIN DISTINCT l.customer_id FROM licenses l JOIN products p ON p.product_id = l.product_id "
      "LEFT JOIN subscriptions s ON s.customer_id = l.customer_id AND s.subscription_id = l.subscription_id "
      "AND s.state = 'ACTIVE' AND s.auto_renewal AND s.renewal_term_months > 0 "
      "AND (p.end_of_life_date IS NULL OR p.end_of_life_date > l.expiration_date) "
      "WHERE l.closed = 0 AND (l.due_date > p.end_of_life_date OR "
      "s.subscription_id IS NULL AND l.suspend_date IS NULL "
      "AND (l.activation_policy <> 'ON_FIRST_SIGN_IN' OR l.activate_time IS NOT NULL) "
      "AND (l.announced_date IS NULL OR l.announced_date <> l.grace_end_date) "
      "AND (l.due_date > l.expiration_date OR l.due_date > "
      "LEAST(l.expiration_date, COALESCE(p.end_of_life_date, l.expiration_date)) - INTERVAL "
      "LEAST(l.expiration_notice_days, DATEDIFF(LEAST(l.expiration_date, "
      "COALESCE(p.end_of_life_date, l.expiration_date)), l.start_date) DIV 2) DAY "
      "AND (l.announced_date IS NULL OR l.announced_date <> l.expiration_date))) AND l.customer_id > ?";
  CustomerPage found;
  ASSIGN_OR_RETURN(const auto end, connection.Query(absl::StrCat(kLast, many - 1), {after}));
  if (end->Next()) found.last = end->String(0);
  RETURN_IF_ERROR(end->status());
  std::vector<Value> params{after};
  if (!found.last.empty()) params.emplace_back(found.last);
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query(absl::StrCat(kDoubtful, found.last.empty() ? "" : " AND l.customer_id <= ?",
                                                 " ORDER BY l.customer_id"),
                                    params));
  while (rows->Next()) found.customers.push_back(rows->String(0));
  RETURN_IF_ERROR(rows->status());
  return found;
}

}  // namespace lmp::storage
