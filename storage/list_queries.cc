#include "storage/list_queries.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/related_rows.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::storage {
namespace {

// Adds the catalog rows that `footprint` names to the page, and the customers' own rows without their other rows.
absl::Status LoadOwnersOf(Connection& connection, const std::set<std::string>& customers, model::Footprint footprint,
                          CatalogCache& cache, model::World& world) {
  if (customers.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(
      LoadByFirstKey<model::Customer>(connection, {customers.begin(), customers.end()}, "", world.customers));
  for (const auto& [key, customer] : world.customers) footprint.partners.push_back(customer.partner_id);
  ASSIGN_OR_RETURN(const model::World catalog, LoadWorld(connection, footprint, Locking::kNone, cache));
  world.catalog = catalog.catalog;
  return absl::OkStatus();
}

}  // namespace

absl::Status LoadAround(Connection& connection, CatalogCache& cache, model::World& world) {
  ASSIGN_OR_RETURN(const std::set<std::string> customers, LoadRelated(connection, world));
  model::Footprint footprint;
  std::set<std::string> products, plans;
  // Needed for their end of life.
  for (const auto& [key, license] : world.licenses) products.insert(license.product_id);
  for (const auto& [key, subscription] : world.subscriptions) plans.insert(subscription.service_plan_id);
  footprint.products = {products.begin(), products.end()};
  footprint.service_plans = {plans.begin(), plans.end()};
  return LoadOwnersOf(connection, customers, std::move(footprint), cache, world);
}

absl::StatusOr<std::string> LoadPageTokenSecret(Connection& connection) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT secret FROM page_token_secret WHERE id = 1", {}));
  std::string secret = rows->Next() ? rows->String(0) : "";
  RETURN_IF_ERROR(rows->status());
  if (secret.empty()) return absl::InternalError("page_token_secret has no row");
  return secret;
}

// There are few products. When an end of life comes, what ends is due, and is stored with the dates that were shown.
absl::StatusOr<bool> AnyDateStale(Connection& connection, model::Date today) {
  const std::string day = FormatDate(today);
  ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query("SELECT EXISTS (SELECT 1 FROM licenses WHERE due_date <= ?) OR "
                       "EXISTS (SELECT STRAIGHT_JOIN 1 FROM products p JOIN licenses l FORCE INDEX "
                       "(licenses_open_by_product) ON l.product_id = p.product_id AND l.closed = 0 "
                       "WHERE p.end_of_life_date <= ?) OR EXISTS (SELECT 1 FROM products WHERE end_of_life_date > ?)",
                       {day, day, day}));
  const bool any = rows->Next() && rows->Int64(0) != 0;
  RETURN_IF_ERROR(rows->status());
  return any;
}

absl::StatusOr<int> CountSubscriptions(Connection& connection, const std::string& service_plan_id,
                                       const model::RowKey& after) {
  ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query(
          absl::StrCat("SELECT COUNT(*) FROM (SELECT 1 FROM subscriptions WHERE service_plan_id = ? AND "
                       "state = 'ACTIVE' AND (customer_id > ? OR (customer_id = ? AND subscription_id > ?))"
                       " LIMIT ",
                       kMaxRemaining, ") AS remaining"),
          {service_plan_id, after.first, after.first, after.second}));
  const int count = rows->Next() ? static_cast<int>(rows->Int64(0)) : 0;
  RETURN_IF_ERROR(rows->status());
  return count;
}

absl::StatusOr<LicenseTokenPage> ListLicenseTokens(Connection& connection, const LicenseTokenOptions& options,
                                                   absl::Time now, CatalogCache& cache) {
  // Read along the primary key: few tokens have expired and are not deleted yet, compared with those that are valid.
  const std::string select =
      absl::StrCat(SelectFrom<model::LicenseToken>(), " FORCE INDEX (PRIMARY) WHERE expire_time > ? AND ");
  LicenseTokenPage page;
  const auto load = [&](const std::string& which, const std::vector<Value>& of) -> absl::Status {
    std::vector<Value> params{FormatDateTime(now)};
    params.insert(params.end(), of.begin(), of.end());
    params.emplace_back(static_cast<int64_t>(options.limit) + 1 - std::ssize(page.world.license_tokens));
    return LoadRows<model::LicenseToken>(connection, absl::StrCat(select, which, " LIMIT ?"), params,
                                         page.world.license_tokens);
  };
  // What is left of the last page's customer comes alone: with an OR the database would read all that it has once more
  // for each page.
  const auto& [customer_id, token_id] = options.after;
  if (!customer_id.empty())
    RETURN_IF_ERROR(load("customer_id = ? AND token_id > ? ORDER BY token_id", {customer_id, token_id}));
  std::vector<std::string> others = options.customers;
  std::erase_if(others, [&](const std::string& id) { return id <= customer_id; });
  if (!others.empty() && std::ssize(page.world.license_tokens) <= options.limit) {
    std::vector<Value> params;
    const std::string places = InList(others, params);
    RETURN_IF_ERROR(load(absl::StrCat("customer_id IN ", places, " ORDER BY customer_id, token_id"), params));
  }
  page.more = page.world.license_tokens.size() > static_cast<size_t>(options.limit);
  if (page.more) page.world.license_tokens.erase(std::prev(page.world.license_tokens.end()));
  std::set<model::RowKey> licenses;
  for (const auto& [key, token] : page.world.license_tokens) {
    page.last = key;
    licenses.insert({key.first, token.license_id});
  }
  RETURN_IF_ERROR(LoadLicenses(connection, licenses, page.world.licenses));
  RETURN_IF_ERROR(LoadAround(connection, cache, page.world));
  return page;
}

absl::StatusOr<model::Rows<model::Customer>> ListCustomersOf(Connection& connection, const std::string& partner_id,
                                                             const std::string& from, int limit) {
  model::Rows<model::Customer> rows;
  RETURN_IF_ERROR(LoadRows<model::Customer>(
      connection,
      absl::StrCat(
          SelectFrom<model::Customer>(),
          " FORCE INDEX (customers_by_partner) WHERE partner_id = ? AND customer_id >= ? ORDER BY customer_id LIMIT ",
          limit),
      {partner_id, from}, rows));
  return rows;
}

absl::StatusOr<model::World> LoadCustomerRow(Connection& connection, const std::string& customer_id,
                                             CatalogCache& cache) {
  model::World world;
  RETURN_IF_ERROR(LoadOwnersOf(connection, {customer_id}, {}, cache, world));
  return world;
}

absl::StatusOr<model::World> LoadPlansForCustomer(Connection& connection, const std::string& customer_id,
                                                  CatalogCache& cache) {
  ASSIGN_OR_RETURN(model::World world, LoadWorld(connection, {.customers = {customer_id}}, Locking::kNone, cache));
  const model::Customer* customer = Find(world.customers, customer_id);
  if (customer == nullptr) return world;
  model::Rows<model::ServicePlan> plans;
  RETURN_IF_ERROR(LoadRows<model::ServicePlan>(connection,
                                               absl::StrCat(SelectFrom<model::ServicePlan>(), " WHERE partner_id = ?"),
                                               {customer->partner_id}, plans));
  model::Footprint footprint{.partners = {customer->partner_id}};
  for (const auto& [key, plan] : plans) footprint.service_plans.push_back(key.first);
  for (const auto& [key, license] : world.licenses) footprint.products.push_back(license.product_id);
  ASSIGN_OR_RETURN(const model::World catalog, LoadWorld(connection, footprint, Locking::kNone, cache));
  world.catalog = catalog.catalog;
  return world;
}

}  // namespace lmp::storage
