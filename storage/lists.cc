#include "storage/lists.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/sql_rows.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::storage {
namespace {

// A WHERE clause and its parameters, grown condition by condition.
struct Where {
  std::string text;
  std::vector<Value> params;

  void And(absl::string_view condition, std::initializer_list<std::string> values = {}) {
    absl::StrAppend(&text, text.empty() ? " WHERE " : " AND ", condition);
    for (const std::string& value : values) params.emplace_back(value);
  }
};

// The caller's partner and those directly below it, for a condition on `column`.
std::string InScope(absl::string_view column) {
  return absl::StrCat("(", column, " = ? OR ", column, " IN (SELECT partner_id FROM partners WHERE parent_id = ?))");
}

// One page of a table: rows after the last key, one more than asked for to know whether there are more.
template <class Row>
absl::StatusOr<Page> LoadPage(Connection& connection, const PageOptions& options, Where where, model::Rows<Row>& rows) {
  const std::vector<std::string>& names = ColumnNames<Row>();
  std::string order = names[0];
  if constexpr (Row::kKeyColumns == 1) {
    if (!options.after.first.empty()) where.And(absl::StrCat(names[0], " > ?"), {options.after.first});
  } else {
    absl::StrAppend(&order, ", ", names[1]);
    if (!options.parent_id.empty()) {
      where.And(absl::StrCat(names[0], " = ?"), {options.parent_id});
      if (!options.after.second.empty()) where.And(absl::StrCat(names[1], " > ?"), {options.after.second});
    } else if (!options.after.first.empty()) {
      // Not (a, b) > (?, ?): that one reads the index from its start.
      where.And(absl::StrCat(names[0], " >= ? AND (", names[0], " > ? OR ", names[1], " > ?)"),
                {options.after.first, options.after.first, options.after.second});
    }
  }
  RETURN_IF_ERROR(LoadRows<Row>(
      connection, absl::StrCat(SelectFrom<Row>(), where.text, " ORDER BY ", order, " LIMIT ", options.limit + 1), where.params,
      rows));
  Page page;
  if (rows.size() > static_cast<size_t>(options.limit)) {
    page.more = true;
    rows.erase(std::prev(rows.end()));
  }
  for (const auto& [key, row] : rows) page.keys.push_back(key);
  return page;
}

// Adds the catalogue rows that `footprint` names to the page, and the customers' own rows, but not their aggregates.
absl::Status LoadOwnersOf(Connection& connection, const std::set<std::string>& customers, model::Footprint footprint,
                          CatalogueCache& cache, model::World& world) {
  RETURN_IF_ERROR(LoadByFirstKey<model::Customer>(connection, {customers.begin(), customers.end()}, "", world.customers));
  for (const auto& [key, customer] : world.customers) footprint.partners.push_back(customer.partner_id);
  ASSIGN_OR_RETURN(const model::World catalogue, LoadWorld(connection, footprint, Locking::kNone, cache));
  world.catalogue = catalogue.catalogue;
  return absl::OkStatus();
}

// Rows of a two-column key, e.g. the subscriptions that a page of licences belongs to.
template <class Row>
absl::Status LoadByPairs(Connection& connection, absl::string_view second_column, const std::set<model::RowKey>& keys,
                         model::Rows<Row>& out) {
  if (keys.empty()) return absl::OkStatus();
  return LoadRows<Row>(connection,
                       absl::StrCat("SELECT STRAIGHT_JOIN ", ColumnList<Row>("t."), " FROM ", PairsTable(), " JOIN ", Row::kTable,
                                    " AS t ON t.customer_id = wanted.key1 AND t.", second_column, " = wanted.key2"),
                       {PairsToJson({keys.begin(), keys.end()})}, out);
}

// For their end of life.
std::vector<std::string> ProductsOf(const model::World& world) {
  std::set<std::string> products;
  for (const auto& [key, license] : world.licenses) products.insert(license.product_id);
  return {products.begin(), products.end()};
}

Where CustomersInScope(const PageOptions& options) {
  Where where;
  if (!options.partner_id.empty()) {
    where.And(absl::StrCat("customer_id IN (SELECT customer_id FROM customers WHERE ", InScope("partner_id"), ")"),
              {options.partner_id, options.partner_id});
  }
  return where;
}

}  // namespace

absl::StatusOr<Page> ListPartners(Connection& connection, const PageOptions& options) {
  Where where;
  if (!options.partner_id.empty()) where.And("(partner_id = ? OR parent_id = ?)", {options.partner_id, options.partner_id});
  model::Catalogue catalogue;
  ASSIGN_OR_RETURN(Page page, LoadPage<model::Partner>(connection, options, std::move(where), catalogue.partners));
  page.world.catalogue = std::make_shared<const model::Catalogue>(std::move(catalogue));
  return page;
}

absl::StatusOr<Page> ListCustomers(Connection& connection, const PageOptions& options, CatalogueCache& cache) {
  Where where;
  if (!options.partner_id.empty()) where.And(InScope("partner_id"), {options.partner_id, options.partner_id});
  if (!options.show_deleted) where.And("delete_time IS NULL");
  model::Rows<model::Customer> rows;
  ASSIGN_OR_RETURN(Page page, LoadPage(connection, options, std::move(where), rows));
  model::Footprint footprint;
  for (const auto& [key, row] : rows) footprint.partners.push_back(row.partner_id);
  ASSIGN_OR_RETURN(page.world, LoadWorld(connection, footprint, Locking::kNone, cache));
  page.world.customers = std::move(rows);
  return page;
}

absl::StatusOr<Page> ListProducts(Connection& connection, const PageOptions& options) {
  model::Catalogue catalogue;
  ASSIGN_OR_RETURN(Page page, LoadPage<model::Product>(connection, options, {}, catalogue.products));
  page.world.catalogue = std::make_shared<const model::Catalogue>(std::move(catalogue));
  return page;
}

absl::StatusOr<Page> ListServicePlans(Connection& connection, const PageOptions& options, CatalogueCache& cache) {
  Where where;
  if (!options.partner_id.empty()) where.And(InScope("partner_id"), {options.partner_id, options.partner_id});
  // Plans of products at END_OF_LIFE are hidden. [LMP]
  where.And("delete_time IS NULL");
  where.And("product_id NOT IN (SELECT product_id FROM products WHERE lifecycle = 'END_OF_LIFE')");
  model::Rows<model::ServicePlan> rows;
  ASSIGN_OR_RETURN(Page page, LoadPage(connection, options, std::move(where), rows));
  model::Footprint footprint;
  for (const auto& [key, row] : rows) footprint.service_plans.push_back(row.service_plan_id);
  ASSIGN_OR_RETURN(page.world, LoadWorld(connection, footprint, Locking::kNone, cache));
  return page;
}

absl::StatusOr<Page> ListSubscriptions(Connection& connection, const PageOptions& options, CatalogueCache& cache) {
  model::World world;
  Where where = CustomersInScope(options);
  if (!options.service_plan_id.empty()) where.And("service_plan_id = ? AND state = 'ACTIVE'", {options.service_plan_id});
  ASSIGN_OR_RETURN(Page page, LoadPage(connection, options, std::move(where), world.subscriptions));
  RETURN_IF_ERROR(LoadByPairs(connection, "subscription_id", {page.keys.begin(), page.keys.end()}, world.licenses));
  std::set<std::string> customers;
  for (const model::RowKey& key : page.keys) customers.insert(key.first);
  RETURN_IF_ERROR(LoadOwnersOf(connection, customers, {.products = ProductsOf(world)}, cache, world));
  page.world = std::move(world);
  return page;
}

absl::StatusOr<Page> ListLicenses(Connection& connection, const PageOptions& options, CatalogueCache& cache) {
  model::World world;
  ASSIGN_OR_RETURN(Page page, LoadPage(connection, options, CustomersInScope(options), world.licenses));
  std::set<std::string> customers;
  std::set<model::RowKey> subscriptions;
  for (const auto& [key, license] : world.licenses) {
    customers.insert(key.first);
    if (license.subscription_id.has_value()) subscriptions.insert({key.first, *license.subscription_id});
  }
  RETURN_IF_ERROR(LoadByPairs(connection, "subscription_id", subscriptions, world.subscriptions));
  RETURN_IF_ERROR(LoadOwnersOf(connection, customers, {.products = ProductsOf(world)}, cache, world));
  page.world = std::move(world);
  return page;
}

absl::StatusOr<Page> ListLicensePools(Connection& connection, const PageOptions& options) {
  Where where;
  if (!options.partner_id.empty()) where.And(InScope("partner_id"), {options.partner_id, options.partner_id});
  model::World world;
  ASSIGN_OR_RETURN(Page page, LoadPage(connection, options, std::move(where), world.pools));
  page.world = std::move(world);
  return page;
}

absl::StatusOr<Page> ListRegistrationKeys(Connection& connection, const PageOptions& options, CatalogueCache& cache) {
  Where where;
  if (!options.partner_id.empty()) where.And(InScope("partner_id"), {options.partner_id, options.partner_id});
  if (!options.service_plan_id.empty()) where.And("service_plan_id = ?", {options.service_plan_id});
  model::Rows<model::RegistrationKey> rows;
  ASSIGN_OR_RETURN(Page page, LoadPage(connection, options, std::move(where), rows));
  model::Footprint footprint;
  for (const auto& [key, row] : rows) footprint.service_plans.push_back(row.service_plan_id);
  ASSIGN_OR_RETURN(page.world, LoadWorld(connection, footprint, Locking::kNone, cache));
  page.world.registration_keys = std::move(rows);
  return page;
}

absl::StatusOr<int> CountSubscriptions(Connection& connection, const std::string& service_plan_id,
                                       const model::RowKey& after) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT COUNT(*) FROM subscriptions WHERE service_plan_id = ? AND state = 'ACTIVE' AND "
                                    "customer_id >= ? AND (customer_id > ? OR subscription_id > ?)",
                                    {service_plan_id, after.first, after.first, after.second}));
  const int count = rows->Next() ? static_cast<int>(rows->Int64(0)) : 0;
  RETURN_IF_ERROR(rows->status());
  return count;
}

absl::StatusOr<Page> ListLicenseTokens(Connection& connection, const PageOptions& options, absl::Time now,
                                       CatalogueCache& cache) {
  Where where;
  where.And("expire_time > ?", {FormatDateTime(now)});
  if (!options.partner_id.empty()) {
    where.And("customer_id IN (SELECT customer_id FROM customers WHERE partner_id = ?)", {options.partner_id});
  }
  model::World world;
  ASSIGN_OR_RETURN(Page page, LoadPage(connection, options, std::move(where), world.license_tokens));
  std::set<std::string> customers;
  std::set<model::RowKey> licenses;
  for (const auto& [key, token] : world.license_tokens) {
    customers.insert(key.first);
    licenses.insert({key.first, token.license_id});
  }
  RETURN_IF_ERROR(LoadByPairs(connection, "license_id", licenses, world.licenses));
  std::set<std::string> products;
  for (const auto& [key, license] : world.licenses) products.insert(license.product_id);
  RETURN_IF_ERROR(LoadOwnersOf(connection, customers, {.products = {products.begin(), products.end()}}, cache, world));
  page.world = std::move(world);
  return page;
}

absl::StatusOr<model::World> LoadScheduledChanges(Connection& connection, const std::string& customer_id,
                                                  CatalogueCache& cache) {
  ASSIGN_OR_RETURN(model::World world, LoadWorld(connection, {.customers = {customer_id}}, Locking::kNone, cache));
  RETURN_IF_ERROR(LoadByFirstKey<model::ScheduledChange>(connection, {customer_id}, "", world.scheduled_changes));
  return world;
}

absl::StatusOr<std::vector<std::string>> ListDueCustomers(Connection& connection, model::Date today,
                                                          const std::string& after, int limit) {
  // Two indexes, so two halves: an OR over both would read the whole table.
  static const std::string& sql = *new std::string(
      "SELECT DISTINCT customer_id FROM (SELECT customer_id FROM licenses WHERE due_date <= ? AND customer_id > ? "
      "UNION ALL SELECT l.customer_id FROM products p JOIN licenses l ON l.product_id = p.product_id "
      "WHERE p.end_of_life_date <= ? AND l.closed = 0 AND l.customer_id > ?) AS due ORDER BY customer_id LIMIT ");
  ASSIGN_OR_RETURN(const auto rows, connection.Query(absl::StrCat(sql, limit), {FormatDate(today), after, FormatDate(today), after}));
  std::vector<std::string> customers;
  while (rows->Next()) customers.push_back(rows->String(0));
  RETURN_IF_ERROR(rows->status());
  return customers;
}

absl::StatusOr<model::Rows<model::Customer>> ListCustomersOf(Connection& connection, const std::string& partner_id,
                                                             const std::string& from, int limit) {
  model::Rows<model::Customer> rows;
  RETURN_IF_ERROR(LoadRows<model::Customer>(
      connection,
      absl::StrCat(SelectFrom<model::Customer>(), " WHERE partner_id = ? AND customer_id >= ? ORDER BY customer_id LIMIT ", limit),
      {partner_id, from}, rows));
  return rows;
}

absl::StatusOr<model::World> LoadCustomerRow(Connection& connection, const std::string& customer_id,
                                             CatalogueCache& cache) {
  model::World world;
  RETURN_IF_ERROR(LoadOwnersOf(connection, {customer_id}, {}, cache, world));
  return world;
}

absl::StatusOr<Page> ListPlansForCustomer(Connection& connection, const std::string& customer_id, CatalogueCache& cache) {
  Page page;
  ASSIGN_OR_RETURN(page.world, LoadWorld(connection, {.customers = {customer_id}}, Locking::kNone, cache));
  const model::Customer* customer = Find(page.world.customers, customer_id);
  if (customer == nullptr) return page;
  model::Rows<model::ServicePlan> plans;
  RETURN_IF_ERROR(LoadRows<model::ServicePlan>(
      connection, absl::StrCat(SelectFrom<model::ServicePlan>(), " WHERE partner_id = ?"), {customer->partner_id}, plans));
  model::Footprint footprint{.partners = {customer->partner_id}};
  for (const auto& [key, plan] : plans) {
    page.keys.push_back(key);
    footprint.service_plans.push_back(key.first);
  }
  ASSIGN_OR_RETURN(const model::World catalogue, LoadWorld(connection, footprint, Locking::kNone, cache));
  page.world.catalogue = catalogue.catalogue;
  return page;
}

}  // namespace lmp::storage
