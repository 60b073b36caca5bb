#include "storage/related_rows.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

// Loads rows with a two-column key, e.g. the subscriptions to which a page of licenses belongs. The index is forced:
// the optimizer also considers an index by customer alone, and would read all rows of a large customer once for each
// pair.
template <class Row>
absl::Status LoadByPairs(Connection& connection, absl::string_view second_column, absl::string_view index,
                         const std::set<model::RowKey>& keys, model::Rows<Row>& out) {
  if (keys.empty()) return absl::OkStatus();
  return LoadRows<Row>(connection,
                       absl::StrCat("SELECT STRAIGHT_JOIN ", SelectList<Row>("t."), " FROM ", PairsTable(), " JOIN ",
                                    Row::kTable, " AS t FORCE INDEX (", index,
                                    ") ON t.customer_id = wanted.key1 AND t.", second_column, " = wanted.key2"),
                       {PairsToJson({keys.begin(), keys.end()})}, out);
}

}  // namespace

absl::Status LoadLicenses(Connection& connection, const std::set<model::RowKey>& keys,
                          model::Rows<model::License>& out) {
  return LoadByPairs(connection, "license_id", "PRIMARY", keys, out);
}

absl::Status LoadSubscriptions(Connection& connection, const std::set<model::RowKey>& keys,
                               model::Rows<model::Subscription>& out) {
  return LoadByPairs(connection, "subscription_id", "PRIMARY", keys, out);
}

absl::StatusOr<std::set<std::string>> LoadRelated(Connection& connection, model::World& world) {
  std::set<std::string> customers;
  // Subscriptions whose state is needed, and subscriptions whose licenses are needed.
  std::set<model::RowKey> of_licenses, whole;
  for (const auto& [key, license] : world.licenses) {
    customers.insert(key.first);
    if (license.subscription_id.has_value()) of_licenses.insert({key.first, *license.subscription_id});
  }
  for (const auto& [key, subscription] : world.subscriptions) whole.insert(key);
  for (const auto& [key, change] : world.scheduled_changes) whole.insert({key.first, change.subscription_id});
  for (const model::RowKey& key : whole) customers.insert(key.first);
  RETURN_IF_ERROR(LoadByPairs(connection, "subscription_id", "licenses_subscription", whole, world.licenses));
  RETURN_IF_ERROR(LoadSubscriptions(connection, of_licenses, world.subscriptions));
  return customers;
}

std::set<std::string> LoneCustomersOf(const model::Footprint& footprint) {
  std::set<std::string> customers(footprint.lone_customers.begin(), footprint.lone_customers.end());
  for (const auto& [customer_id, id] : footprint.lone_subscriptions) customers.insert(customer_id);
  for (const auto& [customer_id, id] : footprint.lone_licenses) customers.insert(customer_id);
  return customers;
}

absl::Status LoadLoneRows(Connection& connection, const model::Footprint& footprint, model::World& world) {
  const std::vector<model::RowKey>& subscriptions = footprint.lone_subscriptions;
  const std::vector<model::RowKey>& licenses = footprint.lone_licenses;
  const std::set<std::string> customers = LoneCustomersOf(footprint);
  if (customers.empty()) return absl::OkStatus();
  model::World lone;
  RETURN_IF_ERROR(
      LoadByFirstKey<model::Customer>(connection, {customers.begin(), customers.end()}, "", lone.customers));
  RETURN_IF_ERROR(LoadLicenses(connection, {licenses.begin(), licenses.end()}, lone.licenses));
  RETURN_IF_ERROR(LoadSubscriptions(connection, {subscriptions.begin(), subscriptions.end()}, lone.subscriptions));
  RETURN_IF_ERROR(LoadRelated(connection, lone).status());
  world.customers.merge(lone.customers);
  world.licenses.merge(lone.licenses);
  world.subscriptions.merge(lone.subscriptions);
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, int64_t>> CountRowsOfCustomers(Connection& connection,
                                                                    const std::vector<std::string>& ids) {
  std::map<std::string, int64_t> counts;
  if (ids.empty()) return counts;
  std::vector<Value> params;
  std::string sql;
  for (const absl::string_view table :
       {model::Subscription::kTable, model::License::kTable, model::ScheduledChange::kTable}) {
    absl::StrAppend(&sql, sql.empty() ? "" : " UNION ALL ", "SELECT customer_id, COUNT(*) FROM ", table,
                    " WHERE customer_id IN ", InList(ids, params), " GROUP BY customer_id");
  }
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, params));
  while (rows->Next()) counts[rows->String(0)] += rows->Int64(1);
  RETURN_IF_ERROR(rows->status());
  return counts;
}

}  // namespace lmp::storage
