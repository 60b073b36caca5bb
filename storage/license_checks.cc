#include "storage/license_checks.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kSelectCustomers[] =
    "SELECT c.customer_id, c.partner_id, c.state, c.delete_time, p.parent_id, p.state "
    "FROM customers c JOIN partners p ON p.partner_id = c.partner_id WHERE c.customer_id IN ";

// Reads the six columns with which both statements begin.
void ReadOwners(ResultSet& rows, model::Catalog& catalog, model::World& world) {
  model::Customer customer;
  FromColumn(rows, 0, customer.customer_id);
  FromColumn(rows, 1, customer.partner_id);
  FromColumn(rows, 2, customer.state);
  FromColumn(rows, 3, customer.delete_time);
  model::Partner partner;
  partner.partner_id = customer.partner_id;
  FromColumn(rows, 4, partner.parent_id);
  FromColumn(rows, 5, partner.state);
  catalog.partners.try_emplace({partner.partner_id, ""}, std::move(partner));
  world.customers.try_emplace({customer.customer_id, ""}, std::move(customer));
}

// Only a subscription that renews its licenses by itself is read: no other affects their states.
void ReadSubscription(ResultSet& rows, model::License& license, model::World& world) {
  int renewal_term_months = 0;
  FromColumn(rows, 22, renewal_term_months);
  if (renewal_term_months == 0) return;
  model::Subscription subscription;
  FromColumn(rows, 21, subscription.subscription_id);
  subscription.customer_id = license.customer_id;
  subscription.state = model::SubscriptionState::kActive;
  subscription.terms.auto_renewal = true;
  subscription.terms.renewal_term_months = renewal_term_months;
  license.subscription_id = subscription.subscription_id;
  model::RowKey key = KeyOf(subscription);
  world.subscriptions.try_emplace(std::move(key), std::move(subscription));
}

const model::License& ReadLicense(ResultSet& rows, model::Catalog& catalog, model::World& world) {
  model::License license;
  FromColumn(rows, 0, license.customer_id);
  FromColumn(rows, 6, license.license_id);
  FromColumn(rows, 7, license.product_id);
  FromColumn(rows, 8, license.product_kind);
  FromColumn(rows, 9, license.units);
  FromColumn(rows, 10, license.used_units);
  FromColumn(rows, 11, license.start_date);
  FromColumn(rows, 12, license.expiration_date);
  FromColumn(rows, 13, license.grace_end_date);
  FromColumn(rows, 14, license.expiration_notice_days);
  FromColumn(rows, 15, license.activation_policy);
  FromColumn(rows, 16, license.activate_time);
  FromColumn(rows, 17, license.closed);
  FromColumn(rows, 18, license.suspend_date);
  FromColumn(rows, 19, license.due_date);
  model::Product product;
  product.product_id = license.product_id;
  FromColumn(rows, 20, product.end_of_life_date);
  FromColumn(rows, 23, license.stamp.update_time);  // when the license was closed, if it was
  catalog.products.try_emplace({product.product_id, ""}, std::move(product));
  ReadSubscription(rows, license, world);
  model::RowKey key(license.customer_id, license.license_id);
  return world.licenses.try_emplace(std::move(key), std::move(license)).first->second;
}

// Adds the licenses that a statement selects.
absl::Status LoadLicenses(Connection& connection, const std::string& sql, const std::vector<model::RowKey>& pairs,
                          model::Catalog& catalog, model::World& world) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, {PairsToJson(pairs)}));
  const std::string* owner = nullptr;  // whose licenses come one after the other
  while (rows->Next()) {
    const std::string& customer_id = ReadLicense(*rows, catalog, world).customer_id;
    if (owner == nullptr || *owner != customer_id) ReadOwners(*rows, catalog, world);
    owner = &customer_id;
  }
  return rows->status();
}

absl::Status LoadMissingCustomers(Connection& connection, const std::vector<model::RowKey>& pairs,
                                  model::Catalog& catalog, model::World& world) {
  std::set<std::string> missing;
  for (const auto& [customer_id, product_id] : pairs) {
    if (Find(world.customers, customer_id) == nullptr) missing.insert(customer_id);
  }
  if (missing.empty()) return absl::OkStatus();
  std::vector<Value> ids;
  const std::string places = InList({missing.begin(), missing.end()}, ids);
  ASSIGN_OR_RETURN(const auto rows, connection.Query(absl::StrCat(kSelectCustomers, places), ids));
  while (rows->Next()) ReadOwners(*rows, catalog, world);
  return rows->status();
}

// Of the pairs, those of which no license is in the world.
std::vector<model::RowKey> PairsWithoutLicense(const std::vector<model::RowKey>& pairs, const model::World& world) {
  std::vector<std::pair<absl::string_view, absl::string_view>> found;
  found.reserve(world.licenses.size());
  for (const auto& [key, license] : world.licenses) found.emplace_back(license.customer_id, license.product_id);
  std::sort(found.begin(), found.end());
  std::vector<model::RowKey> without;
  for (const auto& [customer_id, product_id] : pairs) {
    const std::pair<absl::string_view, absl::string_view> pair(customer_id, product_id);
    if (!std::binary_search(found.begin(), found.end(), pair)) without.emplace_back(customer_id, product_id);
  }
  return without;
}

// The order of tables and the index are forced, whatever the statistics say: the plan must be the same at any size.
std::string SelectLicenses(absl::string_view join) {
  const auto as = [](const ReadAs& how, const char* column) { return absl::StrCat(how.before, column, how.after); };
  const auto day = [&](const char* column) { return as(kReadAs<model::Date>, column); };
  const auto time = [&](const char* column) { return as(kReadAs<absl::Time>, column); };
  return absl::StrCat(
      "SELECT STRAIGHT_JOIN c.customer_id, c.partner_id, c.state, ", time("c.delete_time"), ", p.parent_id, p.state, ",
      "l.license_id, l.product_id, l.product_kind, l.units, l.used_units, ",
      absl::StrJoin({day("l.start_date"), day("l.expiration_date"), day("l.grace_end_date")}, ", "),
      ", l.expiration_notice_days, l.activation_policy, ", time("l.activate_time"), ", l.closed, ",
      absl::StrJoin({day("l.suspend_date"), day("l.due_date"), day("pr.end_of_life_date")}, ", "),
      ", l.subscription_id, "
      "CASE WHEN s.state = 'ACTIVE' AND s.auto_renewal THEN s.renewal_term_months ELSE 0 END, ",
      time("l.update_time"), " FROM ", PairsTable(), join,
      " JOIN customers c ON c.customer_id = l.customer_id JOIN partners p ON p.partner_id = c.partner_id "
      "JOIN products pr ON pr.product_id = l.product_id "
      "LEFT JOIN subscriptions s ON s.customer_id = l.customer_id AND s.subscription_id = l.subscription_id");
}

const std::string& LastClosedSql() {
  static const auto& sql = *new std::string(
      SelectLicenses(" JOIN licenses l ON l.customer_id = wanted.key1 AND l.license_id = ("
                     "SELECT last.license_id FROM licenses last FORCE INDEX (licenses_product) "
                     "WHERE last.customer_id = wanted.key1 AND last.product_id = wanted.key2 AND last.closed = 1 "
                     "ORDER BY last.grace_end_date DESC, last.license_id DESC LIMIT 1)"));
  return sql;
}

}  // namespace

const std::string& LicenseChecksSql() {
  static const auto& sql = *new std::string(
      absl::StrCat(SelectLicenses(" JOIN licenses l FORCE INDEX (licenses_product) "
                                  "ON l.customer_id = wanted.key1 AND l.product_id = wanted.key2 AND l.closed = 0"),
                   " LIMIT ", kMaxLicensesOfChecks + 1));
  return sql;
}

absl::Status LoadLicenseChecks(Connection& connection, const std::vector<model::RowKey>& checks, model::World& world) {
  if (checks.empty()) return absl::OkStatus();
  model::Catalog& catalog = world.MutableCatalog();
  RETURN_IF_ERROR(LoadLicenses(connection, LicenseChecksSql(), checks, catalog, world));
  if (std::ssize(world.licenses) > kMaxLicensesOfChecks) return absl::OkStatus();
  const std::vector<model::RowKey> without = PairsWithoutLicense(checks, world);
  if (without.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(LoadLicenses(connection, LastClosedSql(), without, catalog, world));
  return LoadMissingCustomers(connection, without, catalog, world);
}

}  // namespace lmp::storage
