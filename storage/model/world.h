// What one decision sees and changes: the rows that its footprint names, in memory.
#ifndef LMP_STORAGE_MODEL_WORLD_H_
#define LMP_STORAGE_MODEL_WORLD_H_

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "storage/model/affected.h"
#include "storage/model/api_key.h"
#include "storage/model/customer.h"
#include "storage/model/license.h"
#include "storage/model/license_pool.h"
#include "storage/model/license_token.h"
#include "storage/model/partner.h"
#include "storage/model/product.h"
#include "storage/model/registration_key.h"
#include "storage/model/row.h"
#include "storage/model/scheduled_change.h"
#include "storage/model/service_plan.h"
#include "storage/model/subscription.h"

namespace lmp::model {

template <class Row>
using Rows = std::map<RowKey, Row>;

// The kinds of row, parents before children. Code that handles every kind walks these lists, and so forgets none.
template <class... Row>
struct Kinds {
  // Calls f.operator()<Row>() for each kind.
  template <class F>
  static void ForEach(F&& f) {
    (f.template operator()<Row>(), ...);
  }
  template <class Asked>
  static constexpr bool kHas = (std::is_same_v<Asked, Row> || ...);
};
using CatalogKinds = Kinds<Partner, Product, ServicePlan>;
using OwnKinds =
    Kinds<Customer, Subscription, License, ScheduledChange, LicensePool, RegistrationKey, LicenseToken, ApiKey>;
template <class F>
void ForEachKind(F&& f) {
  CatalogKinds::ForEach(f);
  OwnKinds::ForEach(f);
}

// What seldom changes: every decision reads it, few change it, and only one at a time (the catalog lock).
struct Catalog {
  Rows<Partner> partners;
  Rows<Product> products;
  Rows<ServicePlan> service_plans;
};

// A value that at most one row may have, e.g. {"service_plans.display_name", "msp-one", "Suite, monthly"}.
struct UniqueValue {
  std::string column;
  std::string partner_id;
  std::string value;
  auto operator<=>(const UniqueValue&) const = default;
};
inline constexpr char kUniquePlanName[] = "service_plans.display_name";
inline constexpr char kUniqueExternalId[] = "customers.external_id";

// Asks which row has a unique value now, among the rows of a partner. The partner is named, or it is that of a named
// row.
struct UniqueLookup {
  std::string column;
  std::string partner_id;  // the partner; if empty,
  std::string row_id;      // the partner of this customer or plan, which is in the footprint
  std::string value;
};

// The rows that a command may look at or change. It also includes the keys of rows that do not exist yet.
struct Footprint {
  bool changes_catalog = false;  // rows of it that are there, so that nobody else may use it; a new row disturbs nobody
  std::vector<std::string> partners;       // with their parents
  std::vector<std::string> products;       // with their components
  std::vector<std::string> service_plans;  // with their product and its components
  std::vector<std::string> customers;  // with their partners, subscriptions, licenses, and the pools that they draw on
  // These are loaded whatever their state. Subscriptions of the customers that run are loaded without being named. A
  // reader gets all subscriptions of its customers.
  std::vector<RowKey> subscriptions;
  std::vector<RowKey> pools;                   // (partner, product), besides those that the customers draw on
  std::vector<std::string> registration_keys;  // with their plans
  std::vector<std::string> api_keys;           // with their partners
  std::vector<RowKey>
      scheduled_changes;  // whatever became of them; those of the customers that wait come without being named
  std::vector<UniqueLookup> unique;  // answered in World::unique_holders
  // Rows that a command acts on with all that hangs on them; answered in World::affected.
  std::vector<AffectedBy> affected;
  // For readers only: rows of customers with what their computed fields depend on, however much else the customers
  // have. Of the customers' own rows likewise.
  std::vector<RowKey> lone_subscriptions;
  std::vector<RowKey> lone_licenses;
  std::vector<std::string> lone_customers;
  // For readers only: (customer, product) pairs. Of their rows only what storage/license_checks.h lists is loaded.
  std::vector<RowKey> license_checks;

  bool only_license_checks() const {
    return !license_checks.empty() && partners.empty() && products.empty() && service_plans.empty() &&
           customers.empty() && registration_keys.empty() && api_keys.empty() && lone_customers.empty() &&
           lone_subscriptions.empty() && lone_licenses.empty();
  }
};

struct World {
  // Shared and immutable. Who changes it, or adds to it, asks for a copy of its own.
  std::shared_ptr<const Catalog> catalog = std::make_shared<const Catalog>();
  Rows<Customer> customers;
  Rows<Subscription> subscriptions;
  Rows<License> licenses;
  Rows<ScheduledChange> scheduled_changes;
  Rows<LicensePool> pools;
  Rows<RegistrationKey> registration_keys;
  Rows<LicenseToken> license_tokens;  // only those that a decision adds
  Rows<ApiKey> api_keys;
  // Units of the unended licenses of a (partner, product) that has no pool, for pools that the footprint names.
  std::map<RowKey, int> unpooled_units;
  std::map<UniqueValue, std::string> unique_holders;  // the id of the row that has the unique value
  std::map<AffectedBy, Affected> affected;            // of partners, products and suites, as the database has them

  Catalog& MutableCatalog() {
    auto copy = std::make_shared<Catalog>(*catalog);
    Catalog& mutable_copy = *copy;
    catalog = std::move(copy);
    return mutable_copy;
  }
};

// The rows of one kind. Catalog and world may be const or not.
template <class Row, class AnyCatalog>
auto& CatalogRowsOf(AnyCatalog& catalog) {
  static_assert(CatalogKinds::kHas<Row>);
  if constexpr (std::is_same_v<Row, Partner>) {
    return catalog.partners;
  } else if constexpr (std::is_same_v<Row, Product>) {
    return catalog.products;
  } else {
    return catalog.service_plans;
  }
}
template <class Row, class AnyWorld>
auto& OwnRowsOf(AnyWorld& world) {
  static_assert(OwnKinds::kHas<Row>);
  if constexpr (std::is_same_v<Row, Customer>) {
    return world.customers;
  } else if constexpr (std::is_same_v<Row, Subscription>) {
    return world.subscriptions;
  } else if constexpr (std::is_same_v<Row, License>) {
    return world.licenses;
  } else if constexpr (std::is_same_v<Row, ScheduledChange>) {
    return world.scheduled_changes;
  } else if constexpr (std::is_same_v<Row, LicensePool>) {
    return world.pools;
  } else if constexpr (std::is_same_v<Row, RegistrationKey>) {
    return world.registration_keys;
  } else if constexpr (std::is_same_v<Row, ApiKey>) {
    return world.api_keys;
  } else {
    return world.license_tokens;
  }
}
template <class Row>
const Rows<Row>& RowsOf(const World& world) {
  if constexpr (CatalogKinds::kHas<Row>) {
    return CatalogRowsOf<Row>(*world.catalog);
  } else {
    return OwnRowsOf<Row>(world);
  }
}

// Those of `rows` whose key starts with `first`, e.g. all licenses of a customer. Map may be const or not.
template <class Map>
auto Range(Map& rows, const std::string& first) {
  struct {
    decltype(rows.begin()) from, to;
    auto begin() const { return from; }
    auto end() const { return to; }
  } range{rows.lower_bound({first, ""}), rows.lower_bound({first + '\x01', ""})};
  return range;
}

template <class Row>
const Row* Find(const Rows<Row>& rows, const std::string& first, const std::string& second = "") {
  const auto it = rows.find({first, second});
  return it == rows.end() ? nullptr : &it->second;
}
template <class Row>
Row* Find(Rows<Row>& rows, const std::string& first, const std::string& second = "") {
  const auto it = rows.find({first, second});
  return it == rows.end() ? nullptr : &it->second;
}

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_WORLD_H_
