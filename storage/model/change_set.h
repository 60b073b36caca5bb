// What a decision changed: the difference of two worlds. The rows to write, the events, and the `changes` of a
// validate_only answer all come from it.
#ifndef LMP_STORAGE_MODEL_CHANGE_SET_H_
#define LMP_STORAGE_MODEL_CHANGE_SET_H_

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "storage/model/world.h"

namespace lmp::model {

// One row that is new or changed. Rows are never deleted, because the history needs them.
template <class Row>
struct RowChange {
  std::optional<Row> before;
  Row after;
};

struct ChangeSet {
  std::vector<RowChange<Partner>> partners;
  std::vector<RowChange<Product>> products;
  std::vector<RowChange<ServicePlan>> service_plans;
  std::vector<RowChange<Customer>> customers;
  std::vector<RowChange<Subscription>> subscriptions;
  std::vector<RowChange<License>> licenses;
  std::vector<RowChange<ScheduledChange>> scheduled_changes;
  std::vector<RowChange<LicensePool>> pools;
  std::vector<RowChange<RegistrationKey>> registration_keys;
  std::vector<RowChange<LicenseToken>> license_tokens;
  std::vector<RowChange<ApiKey>> api_keys;

  // Calls f(vector of RowChange<Row>) for each kind of row, parents before children.
  template <class F>
  void ForEachKind(F&& f) const;

  bool empty() const {
    bool any = false;
    ForEachKind([&](const auto& changes) { any = any || !changes.empty(); });
    return !any;
  }
  bool changes_catalog() const { return !partners.empty() || !products.empty() || !service_plans.empty(); }
  // True if a row of the catalog that others may know becomes another. What is new nobody knows.
  bool rewrites_catalog() const;
};

// The changes of one kind of row. The set may be const or not.
template <class Row, class AnySet>
auto& ChangesOf(AnySet& set) {
  if constexpr (std::is_same_v<Row, Partner>) {
    return set.partners;
  } else if constexpr (std::is_same_v<Row, Product>) {
    return set.products;
  } else if constexpr (std::is_same_v<Row, ServicePlan>) {
    return set.service_plans;
  } else if constexpr (std::is_same_v<Row, Customer>) {
    return set.customers;
  } else if constexpr (std::is_same_v<Row, Subscription>) {
    return set.subscriptions;
  } else if constexpr (std::is_same_v<Row, License>) {
    return set.licenses;
  } else if constexpr (std::is_same_v<Row, ScheduledChange>) {
    return set.scheduled_changes;
  } else if constexpr (std::is_same_v<Row, LicensePool>) {
    return set.pools;
  } else if constexpr (std::is_same_v<Row, RegistrationKey>) {
    return set.registration_keys;
  } else if constexpr (std::is_same_v<Row, ApiKey>) {
    return set.api_keys;
  } else {
    static_assert(std::is_same_v<Row, LicenseToken>);
    return set.license_tokens;
  }
}

template <class F>
void ChangeSet::ForEachKind(F&& f) const {
  model::ForEachKind([&]<class Row>() { f(ChangesOf<Row>(*this)); });
}

inline bool ChangeSet::rewrites_catalog() const {
  bool rewrites = false;
  CatalogKinds::ForEach([&]<class Row>() {
    for (const RowChange<Row>& change : ChangesOf<Row>(*this)) rewrites = rewrites || change.before.has_value();
  });
  return rewrites;
}

// Calls f(row of `before` with this key or null, row) for each row of `after` that is new or differs. Both maps are in
// order and mostly have the same next key, so no row is searched for. Map may be const or not.
template <class Map, class F>
void ForEachChange(const std::remove_const_t<Map>& before, Map& after, F&& f) {
  auto old = before.begin();
  for (auto& [key, row] : after) {
    if (old != before.end() && old->first < key) ++old;
    if (old != before.end() && old->first < key) old = before.lower_bound(key);
    const bool known = old != before.end() && old->first == key;
    if (!known || !(old->second == row)) f(known ? &old->second : nullptr, row);
  }
}

// The rows of `after` that are new or differ from `before`.
template <class Row>
std::vector<RowChange<Row>> DiffRows(const Rows<Row>& before, const Rows<Row>& after) {
  std::vector<RowChange<Row>> changes;
  ForEachChange(before, after, [&](const Row* old, const Row& row) {
    changes.push_back({old == nullptr ? std::nullopt : std::optional<Row>(*old), row});
  });
  return changes;
}

inline ChangeSet Diff(const World& before, const World& after) {
  ChangeSet set;
  const auto diff = [&]<class Row>() { ChangesOf<Row>(set) = DiffRows(RowsOf<Row>(before), RowsOf<Row>(after)); };
  if (before.catalog != after.catalog) CatalogKinds::ForEach(diff);
  OwnKinds::ForEach(diff);
  return set;
}

// True if the row changed for its readers: it is new, or it has a new stamp. Otherwise only a mark differs.
template <class Row>
bool IsNews(const RowChange<Row>& change) {
  return !change.before.has_value() || change.before->stamp.revision != change.after.stamp.revision;
}

// Gives every new or changed row its next revision and the time, but not if only a mark differs.
template <class Row>
void StampRows(const Rows<Row>& before, Rows<Row>& after, absl::Time now) {
  ForEachChange(before, after, [now](const Row* old, Row& row) {
    if (old != nullptr && OnlyMarkDiffers(*old, row)) return;
    row.stamp.revision = old == nullptr ? 1 : old->stamp.revision + 1;
    row.stamp.create_time = old == nullptr ? now : old->stamp.create_time;
    row.stamp.update_time = now;
  });
}

inline void StampChanges(const World& before, World& after, absl::Time now) {
  if (before.catalog != after.catalog) {
    Catalog& catalog = after.MutableCatalog();
    CatalogKinds::ForEach([&]<class Row>() { StampRows(RowsOf<Row>(before), CatalogRowsOf<Row>(catalog), now); });
  }
  OwnKinds::ForEach([&]<class Row>() { StampRows(RowsOf<Row>(before), OwnRowsOf<Row>(after), now); });
}

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_CHANGE_SET_H_
