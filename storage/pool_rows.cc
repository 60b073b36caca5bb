#include "storage/pool_rows.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "storage/mysql/errors.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

using Ids = std::set<std::string>;

// Longer than what others who draw on the pool usually take, and far shorter than what callers notice.
constexpr int kWaitMilliseconds = 30;

// The condition of a statement on pools, and its parameters.
struct Which {
  std::string where;
  std::vector<Value> params;
};

// Those of the partners and products, by their keys, in whose order they are to be locked: at ten million licenses the
// optimizer would prefer the products' index, and sort rows that it has locked already.
Which Among(const Ids& partners, const Ids& products) {
  Which which;
  const std::string partner_places = InList({partners.begin(), partners.end()}, which.params);
  const std::string product_places = InList({products.begin(), products.end()}, which.params);
  which.where = absl::StrCat(" FORCE INDEX (PRIMARY) WHERE partner_id IN ", partner_places, " AND product_id IN ",
                             product_places);
  return which;
}

// All but these, of which the last is repeated, so that few different texts are prepared.
void LeaveOut(const std::vector<model::RowKey>& keys, Which& which) {
  for (size_t i = 0; i < (keys.empty() ? 0 : PaddedSize(keys.size())); ++i) {
    const model::RowKey& key = keys[std::min(i, keys.size() - 1)];
    which.where += " AND NOT (partner_id = ? AND product_id = ?)";
    which.params.emplace_back(key.first);
    which.params.emplace_back(key.second);
  }
}

std::string ForAMoment(const Connection& connection, const std::string& select) {
  if (connection.is_mariadb()) {
    return absl::StrFormat("SET STATEMENT max_statement_time=%.3f FOR %s", kWaitMilliseconds / 1000.0, select);
  }
  return absl::StrFormat("SELECT /*+ MAX_EXECUTION_TIME(%d) */%s", kWaitMilliseconds,
                         absl::StripPrefix(select, "SELECT"));
}

// Loads and locks what is free, and finds out what is not.
absl::Status LoadFree(Connection& connection, const Which& which, model::Rows<model::LicensePool>& pools,
                      LockedRows& locked) {
  RETURN_IF_ERROR(LoadRows<model::LicensePool>(connection,
                                               absl::StrCat(SelectFrom<model::LicensePool>(), which.where,
                                                            " ORDER BY partner_id, product_id FOR UPDATE SKIP LOCKED"),
                                               which.params, pools));
  ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query(absl::StrCat("SELECT partner_id, product_id FROM license_pools", which.where), which.params));
  while (rows->Next()) {
    model::RowKey key(rows->String(0), rows->String(1));
    if (Find(pools, key.first, key.second) == nullptr) locked.pools.insert(std::move(key));
  }
  return rows->status();
}

absl::Status LoadLocking(Connection& connection, const Which& which, model::Rows<model::LicensePool>& pools,
                         LockedRows* locked) {
  const std::string select =
      absl::StrCat(SelectFrom<model::LicensePool>(), which.where, " ORDER BY partner_id, product_id FOR UPDATE");
  if (locked == nullptr) return LoadRows<model::LicensePool>(connection, select, which.params, pools);
  model::Rows<model::LicensePool> loaded;
  const absl::Status status =
      LoadRows<model::LicensePool>(connection, ForAMoment(connection, select), which.params, loaded);
  if (IsStatementTimeout(status)) {
    loaded.clear();
    RETURN_IF_ERROR(LoadFree(connection, which, loaded, *locked));
  } else {
    RETURN_IF_ERROR(status);
  }
  pools.merge(loaded);
  return absl::OkStatus();
}

void AddProductsOfPlan(const model::World& world, const std::string& plan_id, Ids& products) {
  const model::ServicePlan* plan = Find(world.catalog->service_plans, plan_id);
  if (plan == nullptr) return;
  products.insert(plan->product_id);
  products.insert(plan->components.begin(), plan->components.end());
}

}  // namespace

absl::Status LoadPools(Connection& connection, Locking locking, model::World& world, LockedRows* locked) {
  // From the whole catalog of the batch, so that a customer or plan made in the batch finds its pools too.
  Ids partners, products;
  for (const auto& [key, partner] : world.catalog->partners) partners.insert(key.first);
  for (const auto& [key, product] : world.catalog->products) products.insert(key.first);
  for (const auto& [key, license] : world.licenses) products.insert(license.product_id);
  if (partners.empty() || products.empty()) return absl::OkStatus();
  Which which = Among(partners, products);
  if (locking == Locking::kNone) {
    return LoadRows<model::LicensePool>(connection, absl::StrCat(SelectFrom<model::LicensePool>(), which.where),
                                        which.params, world.pools);
  }
  if (locked != nullptr && !locked->known_pools.empty()) {
    std::vector<model::RowKey> known;
    for (const model::RowKey& key : locked->known_pools) {
      if (partners.contains(key.first) && products.contains(key.second)) known.push_back(key);
    }
    LeaveOut(known, which);
    locked->pools.insert(known.begin(), known.end());
  }
  return LoadLocking(connection, which, world.pools, locked);
}

absl::Status LoadPoolsByKey(Connection& connection, const std::vector<model::RowKey>& keys, Locking locking,
                            model::World& world, LockedRows* locked) {
  for (const model::RowKey& key : keys) {
    const bool is_locked = locked != nullptr && locked->pools.contains(key);
    if (is_locked || Find(world.pools, key.first, key.second) != nullptr) continue;
    const Which which{" WHERE partner_id = ? AND product_id = ?", {key.first, key.second}};
    if (locking == Locking::kWrite && locked != nullptr && locked->known_pools.contains(key)) {
      locked->pools.insert(key);
    } else if (locking == Locking::kWrite) {
      RETURN_IF_ERROR(LoadLocking(connection, which, world.pools, locked));
    } else {
      RETURN_IF_ERROR(LoadRows<model::LicensePool>(
          connection, absl::StrCat(SelectFrom<model::LicensePool>(), which.where), which.params, world.pools));
    }
  }
  return absl::OkStatus();
}

std::set<model::RowKey> PoolsDrawnOn(const model::World& world, const model::Footprint& footprint) {
  Ids partners(footprint.partners.begin(), footprint.partners.end());
  Ids products(footprint.products.begin(), footprint.products.end());
  for (const std::string& id : footprint.service_plans) {
    AddProductsOfPlan(world, id, products);
    if (const auto* plan = Find(world.catalog->service_plans, id); plan != nullptr) partners.insert(plan->partner_id);
  }
  for (const std::string& id : footprint.registration_keys) {
    const model::RegistrationKey* key = Find(world.registration_keys, id);
    if (key != nullptr) AddProductsOfPlan(world, key->service_plan_id, products);
  }
  for (const std::string& id : footprint.customers) {
    if (const auto* customer = Find(world.customers, id); customer != nullptr) partners.insert(customer->partner_id);
    for (const auto& [key, license] : Range(world.licenses, id)) products.insert(license.product_id);
    for (const auto& [key, subscription] : Range(world.subscriptions, id)) {
      AddProductsOfPlan(world, subscription.service_plan_id, products);
    }
  }
  std::set<model::RowKey> pools(footprint.pools.begin(), footprint.pools.end());
  for (const std::string& partner : partners) {
    for (const std::string& product : products) pools.emplace(partner, product);
  }
  return pools;
}

absl::StatusOr<std::set<model::RowKey>> StillLockedPools(Connection& connection, const std::set<model::RowKey>& pools) {
  std::set<model::RowKey> locked;
  for (const model::RowKey& key : pools) {
    ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT partner_id FROM license_pools WHERE partner_id = ? AND "
                                                       "product_id = ? FOR UPDATE SKIP LOCKED",
                                                       {key.first, key.second}));
    if (!rows->Next()) locked.insert(key);
    RETURN_IF_ERROR(rows->status());
  }
  return locked;
}

}  // namespace lmp::storage
