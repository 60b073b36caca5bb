#include "storage/world_store.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "storage/affected.h"
#include "storage/catalog_refresh.h"
#include "storage/license_checks.h"
#include "storage/mysql/errors.h"
#include "storage/related_rows.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

using Ids = std::set<std::string>;

constexpr char kCatalogVersion[] = "SELECT version FROM catalogue_version WHERE id = 1";
// The version is the time in microseconds: so a number that was used before a backup was restored, or on a node that is
// gone, is never used again for something else.
constexpr char kNextCatalogVersion[] =
    "UPDATE catalogue_version SET version = GREATEST(version + 1, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', "
    "UTC_TIMESTAMP(6))) "
    "WHERE id = 1";
constexpr char kUnpooledUnits[] =
    "SELECT COALESCE(SUM(l.units), 0) FROM licenses l JOIN customers c ON c.customer_id = l.customer_id "
    "WHERE l.product_id = ? AND c.partner_id = ? AND l.closed = 0";
// A deleted plan has no live_name.
constexpr char kPlanByName[] = "SELECT service_plan_id FROM service_plans WHERE partner_id = ? AND live_name = ?";
constexpr char kCustomerByExternalId[] = "SELECT customer_id FROM customers WHERE partner_id = ? AND external_id = ?";
constexpr char kEraseAgain[] = "UPDATE customers SET erasing = 1 WHERE erase_time IS NOT NULL AND customer_id IN ";
constexpr char kClaimCustomers[] = "UPDATE customers SET claims = claims + 1 WHERE customer_id IN ";

// The subscriptions of a customer that a writer needs; it must name others. Otherwise a customer's past, which only
// grows, would be read, copied and compared for each of its commands.
constexpr char kRunning[] = " AND state IN ('ACTIVE', 'SUSPENDED')";

// Loads the rows with these two-column keys that are not loaded yet.
template <class Row>
absl::Status LoadNamed(Connection& connection, const std::vector<model::RowKey>& keys, model::Rows<Row>& rows) {
  static const std::string& sql = *new std::string(
      absl::StrCat(SelectFrom<Row>(), " WHERE ", ColumnNames<Row>()[0], " = ? AND ", ColumnNames<Row>()[1], " = ?"));
  for (const model::RowKey& key : keys) {
    if (Find(rows, key.first, key.second) != nullptr) continue;
    RETURN_IF_ERROR(LoadRows<Row>(connection, sql, {key.first, key.second}, rows));
  }
  return absl::OkStatus();
}

// Everybody else waits behind a writer that waits for the catalog exclusively, so it waits for this long at most. After
// that somebody else holds the catalog for long, and the others go first.
constexpr int kCatalogWaitMilliseconds = 500;

std::string ExclusiveCatalogVersion(const Connection& connection) {
  const absl::string_view version = absl::StripPrefix(kCatalogVersion, "SELECT ");
  return connection.is_mariadb()
             ? absl::StrFormat("SET STATEMENT max_statement_time=%.3f FOR SELECT %s FOR UPDATE",
                               kCatalogWaitMilliseconds / 1000.0, version)
             : absl::StrFormat("SELECT /*+ MAX_EXECUTION_TIME(%d) */ %s FOR UPDATE", kCatalogWaitMilliseconds, version);
}

// Returns zero if the footprint changes the catalog, and another session holds the catalog for too long.
absl::StatusOr<int64_t> LoadCatalogVersion(Connection& connection, const model::Footprint& footprint, Locking locking,
                                           LockedRows* locked) {
  std::string sql = kCatalogVersion;
  const bool exclusive = locking == Locking::kWrite && footprint.changes_catalog;
  if (exclusive) {
    sql = locked != nullptr ? ExclusiveCatalogVersion(connection) : sql + " FOR UPDATE";
  } else if (locking == Locking::kWrite) {
    sql += " LOCK IN SHARE MODE";
  }
  const auto rows_or = connection.Query(sql, {});
  if (exclusive && locked != nullptr && IsStatementTimeout(rows_or.status())) {
    locked->catalog = true;
    return 0;
  }
  RETURN_IF_ERROR(rows_or.status());
  const auto& rows = *rows_or;
  const int64_t version = rows->Next() ? rows->Int64(0) : 0;
  RETURN_IF_ERROR(rows->status());
  if (version == 0) return absl::InternalError("catalogue_version has no row");
  return version;
}

// Loads rows of the catalog at one version.
class CatalogLoader final {
 public:
  CatalogLoader(Connection& connection, CatalogCache& cache, int64_t version, const CatalogIds& wanted)
      : connection_(connection), cache_(cache), version_(version), refresh_(connection, cache, version, wanted) {}

  // Adds the rows to `out`, from the cache if it has them.
  template <class Row>
  absl::Status Load(const Ids& ids, model::Rows<Row>& out) {
    if (cache_.Lookup<Row>(version_, ids, out).empty()) return absl::OkStatus();
    RETURN_IF_ERROR(refresh_.Once());
    const std::vector<std::string> missing = cache_.Lookup<Row>(version_, ids, out);
    if (missing.empty()) return absl::OkStatus();
    model::Rows<Row> loaded;
    RETURN_IF_ERROR(LoadByFirstKey<Row>(connection_, missing, "", loaded));
    cache_.Store(version_, loaded);
    out.merge(loaded);
    return absl::OkStatus();
  }

 private:
  Connection& connection_;
  CatalogCache& cache_;
  const int64_t version_;
  CatalogRefresh refresh_;
};

// Puts those of `ids` into `locked` that are not among the rows although they exist: another session has locked them.
// This costs another statement only if a row is missing, which is also so when it is about to be made.
template <class Row>
absl::Status FindLocked(Connection& connection, const std::vector<std::string>& ids, const model::Rows<Row>& rows,
                        LockedRows& locked) {
  std::vector<std::string> missing;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(missing),
               [&](const std::string& id) { return Find(rows, id) == nullptr; });
  if (missing.empty()) return absl::OkStatus();
  std::vector<Value> params;
  const std::string& key = ColumnNames<Row>()[0];
  const std::string places = InList(missing, params);
  ASSIGN_OR_RETURN(
      const auto found,
      connection.Query(absl::StrCat("SELECT ", key, " FROM ", Row::kTable, " WHERE ", key, " IN ", places), params));
  while (found->Next()) locked.rows.insert(NameOf<Row>(found->String(0)));
  return found->status();
}

// Loads rows by their keys; a writer locks them in the order of the keys.
template <class Row>
absl::Status LoadLocking(Connection& connection, const std::vector<std::string>& ids, Locking locking,
                         LockedRows* locked, model::Rows<Row>& rows) {
  if (ids.empty()) return absl::OkStatus();
  if (locking == Locking::kNone) return LoadByFirstKey<Row>(connection, ids, "", rows);
  const absl::string_view skip = locked != nullptr ? " SKIP LOCKED" : "";
  const std::string suffix = absl::StrCat(" ORDER BY ", ColumnNames<Row>()[0], " FOR UPDATE", skip);
  RETURN_IF_ERROR(LoadByFirstKey<Row>(connection, ids, suffix, rows));
  return locked != nullptr ? FindLocked(connection, ids, rows, *locked) : absl::OkStatus();
}

// Leaves out customers, those that have most first, until the others have no more rows than may be loaded together.
absl::Status LeaveOutLarge(Connection& connection, std::vector<std::string>& ids, LockedRows& locked,
                           model::World& world) {
  ASSIGN_OR_RETURN(const auto counts, CountRowsOfCustomers(connection, ids));
  std::vector<std::pair<int64_t, std::string>> by_size;
  int64_t rows = 0;
  for (const auto& [id, count] : counts) {
    if (locked.always.contains(id)) {
      rows += count;
    } else {
      by_size.emplace_back(count, id);
    }
  }
  std::sort(by_size.begin(), by_size.end());
  for (size_t i = 0; i < by_size.size(); ++i) {
    const auto& [count, id] = by_size[i];
    rows += count;
    if (i == 0 || rows <= static_cast<int64_t>(locked.most_licenses)) continue;
    locked.rows.insert(NameOf<model::Customer>(id));
    world.customers.erase({id, ""});
    std::erase(ids, id);
  }
  return absl::OkStatus();
}

// Loads the licenses of customers that the writer has locked; leaves out customers if it may, see LockedRows.
absl::Status LoadLicensesOf(Connection& connection, std::vector<std::string>& ids, LockedRows* locked,
                            model::World& world) {
  const bool limited = locked != nullptr && locked->most_licenses > 0 && ids.size() > 1;
  const std::string limit = limited ? absl::StrCat(" LIMIT ", locked->most_licenses + 1) : "";
  RETURN_IF_ERROR(LoadByFirstKey<model::License>(connection, ids, limit, world.licenses));
  if (!limited || world.licenses.size() <= locked->most_licenses) return absl::OkStatus();
  world.licenses.clear();
  RETURN_IF_ERROR(LeaveOutLarge(connection, ids, *locked, world));
  return LoadByFirstKey<model::License>(connection, ids, "", world.licenses);
}

// Loads customers with all their rows. The customers are locked before any of these rows is read.
absl::Status LoadCustomers(Connection& connection, std::vector<std::string> ids, Locking locking, LockedRows* locked,
                           model::World& world) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  RETURN_IF_ERROR(LoadLocking(connection, ids, locking, locked, world.customers));
  if (world.customers.empty()) return absl::OkStatus();  // all of them are new, or locked by others
  if (locked != nullptr) {
    std::erase_if(ids, [&](const std::string& id) { return locked->rows.contains(NameOf<model::Customer>(id)); });
  }
  RETURN_IF_ERROR(LoadLicensesOf(connection, ids, locked, world));
  RETURN_IF_ERROR(LoadByFirstKey<model::Subscription>(connection, ids, locking == Locking::kWrite ? kRunning : "",
                                                      world.subscriptions));
  std::vector<std::string> waiting;  // few customers have scheduled changes, so most batches save this statement
  for (const auto& [key, subscription] : world.subscriptions) {
    if (subscription.pending_changes > 0 && (waiting.empty() || waiting.back() != key.first))
      waiting.push_back(key.first);
  }
  return LoadByFirstKey<model::ScheduledChange>(connection, waiting, " AND state = 'PENDING'", world.scheduled_changes);
}

// What the footprint and the world name of the catalog by themselves.
CatalogIds NamedOfCatalog(const model::Footprint& footprint, const model::World& world) {
  CatalogIds named;
  named.service_plans.insert(footprint.service_plans.begin(), footprint.service_plans.end());
  for (const auto& [key, subscription] : world.subscriptions) named.service_plans.insert(subscription.service_plan_id);
  for (const auto& [key, registration_key] : world.registration_keys) {
    named.service_plans.insert(registration_key.service_plan_id);
  }
  named.partners.insert(footprint.partners.begin(), footprint.partners.end());
  named.products.insert(footprint.products.begin(), footprint.products.end());
  for (const auto& [partner_id, product_id] : footprint.pools) {
    named.partners.insert(partner_id);
    named.products.insert(product_id);
  }
  for (const auto& [key, customer] : world.customers) named.partners.insert(customer.partner_id);
  for (const auto& [key, api_key] : world.api_keys) {
    if (api_key.partner_id.has_value()) named.partners.insert(*api_key.partner_id);
  }
  for (const auto& [key, license] : world.licenses) named.products.insert(license.product_id);  // for their end of life
  return named;
}

absl::Status LoadCatalog(Connection& connection, CatalogCache& cache, int64_t version,
                         const model::Footprint& footprint, model::World& world) {
  model::Catalog catalog;
  CatalogIds named = NamedOfCatalog(footprint, world);
  CatalogLoader loader(connection, cache, version, named);
  RETURN_IF_ERROR(loader.Load(named.service_plans, catalog.service_plans));
  for (const auto& [key, plan] : catalog.service_plans) {
    named.partners.insert(plan.partner_id);
    named.products.insert(plan.product_id);
    named.products.insert(plan.components.begin(), plan.components.end());
  }
  RETURN_IF_ERROR(loader.Load(named.products, catalog.products));
  Ids components;
  for (const auto& [key, product] : catalog.products) {
    components.insert(product.components.begin(), product.components.end());
  }
  RETURN_IF_ERROR(loader.Load(components, catalog.products));
  RETURN_IF_ERROR(loader.Load(named.partners, catalog.partners));
  Ids parents;
  for (const auto& [key, partner] : catalog.partners) {
    if (partner.parent_id.has_value()) parents.insert(*partner.parent_id);
  }
  RETURN_IF_ERROR(loader.Load(parents, catalog.partners));
  world.catalog = std::make_shared<const model::Catalog>(std::move(catalog));
  return absl::OkStatus();
}

// Loads pools that a command names itself. For a pool that is to be made, it also counts what is assigned already. The
// maker of a pool holds the catalog lock exclusively, so that no license comes in between.
absl::Status LoadNamedPools(Connection& connection, const std::vector<model::RowKey>& keys, Locking locking,
                            LockedRows* locked, model::World& world) {
  RETURN_IF_ERROR(LoadPoolsByKey(connection, keys, locking, world, locked));
  if (locking == Locking::kNone) return absl::OkStatus();
  for (const model::RowKey& key : keys) {
    const bool is_locked = locked != nullptr && locked->pools.contains(key);
    if (is_locked || Find(world.pools, key.first, key.second) != nullptr) continue;
    ASSIGN_OR_RETURN(const auto rows, connection.Query(kUnpooledUnits, {key.second, key.first}));
    if (rows->Next())
      world.unpooled_units[key] = static_cast<int>(std::min<int64_t>(rows->Int64(0), std::numeric_limits<int>::max()));
    RETURN_IF_ERROR(rows->status());
  }
  return absl::OkStatus();
}

// The partner that a lookup is about; empty if the row that would tell does not exist.
std::string PartnerOf(const model::UniqueLookup& lookup, const model::World& world) {
  if (!lookup.partner_id.empty()) return lookup.partner_id;
  if (lookup.column == model::kUniquePlanName) {
    const auto* plan = Find(world.catalog->service_plans, lookup.row_id);
    return plan != nullptr ? plan->partner_id : "";
  }
  const auto* customer = Find(world.customers, lookup.row_id);
  return customer != nullptr ? customer->partner_id : "";
}

// If a writer finds that another customer has the external_id that it wants, it gets that customer's own row, locked:
// if the customer was deleted too long ago to come back, it gives up the value. This lock is outside of the order of
// locks. But nobody who holds such a lock waits for another customer's lock, except a writer that wants the same value.
absl::Status LoadExternalIdOwner(Connection& connection, const std::string& customer_id, Locking locking,
                                 LockedRows* locked, model::World& world) {
  if (locking == Locking::kNone || Find(world.customers, customer_id) != nullptr) return absl::OkStatus();
  return LoadLocking(connection, {customer_id}, locking, locked, world.customers);
}

absl::Status LoadOwners(Connection& connection, const model::Footprint& footprint, Locking locking, LockedRows* locked,
                        model::World& world) {
  for (const model::UniqueLookup& lookup : footprint.unique) {
    const model::UniqueValue unique{lookup.column, PartnerOf(lookup, world), lookup.value};
    const char* sql = unique.column == model::kUniquePlanName ? kPlanByName : kCustomerByExternalId;
    ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, {unique.partner_id, unique.value}));
    std::string owner;
    if (rows->Next()) owner = rows->String(0);
    RETURN_IF_ERROR(rows->status());
    if (owner.empty()) continue;
    world.unique_holders[unique] = owner;
    if (unique.column != model::kUniqueExternalId) continue;
    RETURN_IF_ERROR(LoadExternalIdOwner(connection, owner, locking, locked, world));
  }
  return absl::OkStatus();
}

// Writes to the row of each customer of whom anything changes, if the changes themselves do not: on a cluster the lock
// of a customer is its row's being written (storage/README.md).
absl::Status ClaimCustomers(Connection& connection, const model::ChangeSet& changes) {
  Ids customers;
  changes.ForEachKind([&](const auto& rows) {
    for (const auto& change : rows) {
      if constexpr (requires { change.after.customer_id; }) {
        const std::optional<std::string> customer = change.after.customer_id;
        if (customer.has_value()) customers.insert(*customer);
      }
    }
  });
  for (const auto& change : changes.customers) customers.erase(change.after.customer_id);
  if (customers.empty()) return absl::OkStatus();
  std::vector<Value> params;
  const std::string list = InList({customers.begin(), customers.end()}, params);
  return connection.Update(absl::StrCat(kClaimCustomers, list), params).status();
}

// What is told of a key of an erased customer, such as why it is revoked, is to be erased as well: by one more pass.
absl::Status EraseAgain(Connection& connection, const model::ChangeSet& changes) {
  Ids customers;
  for (const auto& change : changes.api_keys) {
    if (change.after.customer_id.has_value()) customers.insert(*change.after.customer_id);
  }
  if (customers.empty()) return absl::OkStatus();
  std::vector<Value> params;
  const std::string list = InList({customers.begin(), customers.end()}, params);
  return connection.Update(absl::StrCat(kEraseAgain, list), params).status();
}

}  // namespace

absl::StatusOr<model::World> LoadWorld(Connection& connection, const model::Footprint& footprint, Locking locking,
                                       CatalogCache& cache, LockedRows* locked) {
  model::World world;
  if (footprint.only_license_checks()) {
    RETURN_IF_ERROR(LoadLicenseChecks(connection, footprint.license_checks, world));
    return world;
  }
  ASSIGN_OR_RETURN(const int64_t version, LoadCatalogVersion(connection, footprint, locking, locked));
  if (locked != nullptr && locked->catalog) return world;
  // A check that comes with other reads gets its whole customer.
  std::vector<std::string> customers = footprint.customers;
  for (const auto& [customer_id, product_id] : footprint.license_checks) customers.push_back(customer_id);
  std::vector<std::string> keys = footprint.registration_keys;
  std::sort(keys.begin(), keys.end());
  RETURN_IF_ERROR(LoadLocking(connection, keys, locking, locked, world.registration_keys));
  RETURN_IF_ERROR(LoadCustomers(connection, std::move(customers), locking, locked, world));
  RETURN_IF_ERROR(LoadLoneRows(connection, footprint, world));
  RETURN_IF_ERROR(LoadNamed(connection, footprint.subscriptions, world.subscriptions));
  RETURN_IF_ERROR(LoadNamed(connection, footprint.scheduled_changes, world.scheduled_changes));
  RETURN_IF_ERROR(LoadLocking(connection, footprint.api_keys, locking, locked, world.api_keys));
  RETURN_IF_ERROR(LoadCatalog(connection, cache, version, footprint, world));
  RETURN_IF_ERROR(LoadOwners(connection, footprint, locking, locked, world));
  if (locking == Locking::kWrite) RETURN_IF_ERROR(LoadPools(connection, locking, world, locked));
  RETURN_IF_ERROR(LoadNamedPools(connection, footprint.pools, locking, locked, world));
  for (const model::AffectedBy& by : footprint.affected) {
    ASSIGN_OR_RETURN(world.affected[by], CountAffected(connection, by, footprint.customers));
  }
  return world;
}

absl::Status SaveChanges(Connection& connection, const model::ChangeSet& changes) {
  if (changes.rewrites_catalog()) RETURN_IF_ERROR(connection.Update(kNextCatalogVersion, {}).status());
  absl::Status status;
  changes.ForEachKind([&](const auto& rows) {
    if (status.ok() && !rows.empty()) status = SaveRows(connection, rows);
  });
  if (status.ok()) status = EraseAgain(connection, changes);
  if (status.ok() && connection.is_cluster_node()) status = ClaimCustomers(connection, changes);
  return status;
}

}  // namespace lmp::storage
