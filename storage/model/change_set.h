// What a decision changed: the difference of two worlds. From this one list come the rows to write, the events, and the
// `changes` of a validate_only answer.
#ifndef LMP_STORAGE_MODEL_CHANGE_SET_H_
#define LMP_STORAGE_MODEL_CHANGE_SET_H_

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "storage/model/world.h"

namespace lmp::model {

// One row, new or changed. Rows are never deleted: history needs them.
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

  // Calls f(vector of RowChange<Row>) for each kind, parents before children.
  template <class F>
  void ForEachKind(F&& f) const {
    f(partners), f(products), f(service_plans), f(customers), f(subscriptions), f(licenses),
        f(scheduled_changes), f(pools), f(registration_keys), f(license_tokens);
  }

  bool empty() const {
    bool any = false;
    ForEachKind([&](const auto& changes) { any = any || !changes.empty(); });
    return !any;
  }
  bool changes_catalogue() const { return !partners.empty() || !products.empty() || !service_plans.empty(); }
};

// Calls f(row of `before` with this key or null, row) for each row of `after` that is new or differs. Both are in order, and
// the next one is mostly the next one in both: no search for each. Map may be const or not.
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

// Rows of `after` that are new or differ from `before`.
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
  if (before.catalogue != after.catalogue) {
    set.partners = DiffRows(before.catalogue->partners, after.catalogue->partners);
    set.products = DiffRows(before.catalogue->products, after.catalogue->products);
    set.service_plans = DiffRows(before.catalogue->service_plans, after.catalogue->service_plans);
  }
  set.customers = DiffRows(before.customers, after.customers);
  set.subscriptions = DiffRows(before.subscriptions, after.subscriptions);
  set.licenses = DiffRows(before.licenses, after.licenses);
  set.scheduled_changes = DiffRows(before.scheduled_changes, after.scheduled_changes);
  set.pools = DiffRows(before.pools, after.pools);
  set.registration_keys = DiffRows(before.registration_keys, after.registration_keys);
  set.license_tokens = DiffRows(before.license_tokens, after.license_tokens);
  return set;
}

// Whether a row became another for those who read it: it is new, or has a new stamp. Else only a mark differs.
template <class Row>
bool IsNews(const RowChange<Row>& change) {
  return !change.before.has_value() || change.before->stamp.revision != change.after.stamp.revision;
}

// Gives every new or changed row its next revision and the time; not if only a mark differs.
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
  if (before.catalogue != after.catalogue) {
    Catalogue& catalogue = after.MutableCatalogue();
    StampRows(before.catalogue->partners, catalogue.partners, now);
    StampRows(before.catalogue->products, catalogue.products, now);
    StampRows(before.catalogue->service_plans, catalogue.service_plans, now);
  }
  StampRows(before.customers, after.customers, now);
  StampRows(before.subscriptions, after.subscriptions, now);
  StampRows(before.licenses, after.licenses, now);
  StampRows(before.scheduled_changes, after.scheduled_changes, now);
  StampRows(before.pools, after.pools, now);
  StampRows(before.registration_keys, after.registration_keys, now);
  StampRows(before.license_tokens, after.license_tokens, now);
}

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_CHANGE_SET_H_
