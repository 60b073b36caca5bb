#include "server/engine/slice.h"

#include <string>
#include <utility>

namespace lmp::engine {
namespace {

template <class T>
void Append(const std::vector<T>& part, std::vector<T>& all) {
  all.insert(all.end(), part.begin(), part.end());
}

template <class Row>
void CopyRange(const model::Rows<Row>& from, const std::string& first, model::Rows<Row>& to) {
  const auto range = model::Range(from, first);
  to.insert(range.begin(), range.end());
}

template <class Row>
void PutRows(const std::vector<model::RowChange<Row>>& changes, model::Rows<Row>& to) {
  for (const model::RowChange<Row>& change : changes) to.insert_or_assign(KeyOf(change.after), change.after);
}

}  // namespace

void AddFootprint(const model::Footprint& part, model::Footprint& all) {
  all.changes_catalog = all.changes_catalog || part.changes_catalog;
  Append(part.partners, all.partners);
  Append(part.products, all.products);
  Append(part.service_plans, all.service_plans);
  Append(part.customers, all.customers);
  Append(part.subscriptions, all.subscriptions);
  Append(part.pools, all.pools);
  Append(part.registration_keys, all.registration_keys);
  Append(part.api_keys, all.api_keys);
  Append(part.scheduled_changes, all.scheduled_changes);
  Append(part.unique, all.unique);
  Append(part.affected, all.affected);
  Append(part.lone_subscriptions, all.lone_subscriptions);
  Append(part.lone_licenses, all.lone_licenses);
  Append(part.lone_customers, all.lone_customers);
  Append(part.license_checks, all.license_checks);
}

model::World SliceOf(const model::World& world, const model::Footprint& footprint) {
  model::World slice;
  slice.catalog = world.catalog;
  slice.unique_holders = world.unique_holders;
  for (const std::string& id : footprint.customers) {
    const model::Customer* customer = Find(world.customers, id);
    if (customer == nullptr) continue;
    slice.customers[{id, ""}] = *customer;
    for (const auto& [key, subscription] : Range(world.subscriptions, id)) {
      if (Runs(subscription)) slice.subscriptions.emplace(key, subscription);
    }
    CopyRange(world.licenses, id, slice.licenses);
    CopyRange(world.scheduled_changes, id, slice.scheduled_changes);
    CopyRange(world.pools, customer->partner_id, slice.pools);
  }
  // Adds the customers that hold unique values which the command wants: they may have to give them up.
  if (!footprint.unique.empty()) {
    for (const auto& [unique, id] : world.unique_holders) {
      const model::Customer* owner = unique.column == model::kUniqueExternalId ? Find(world.customers, id) : nullptr;
      if (owner != nullptr) slice.customers.emplace(model::RowKey{id, ""}, *owner);
    }
  }
  for (const auto& [customer_id, subscription_id] : footprint.subscriptions) {
    const model::Subscription* subscription = Find(world.subscriptions, customer_id, subscription_id);
    if (subscription != nullptr) slice.subscriptions.emplace(KeyOf(*subscription), *subscription);
  }
  for (const auto& [partner_id, product_id] : footprint.pools) {
    const model::LicensePool* pool = Find(world.pools, partner_id, product_id);
    if (pool != nullptr) slice.pools[{partner_id, product_id}] = *pool;
  }
  for (const std::string& id : footprint.registration_keys) {
    const model::RegistrationKey* key = Find(world.registration_keys, id);
    if (key != nullptr) slice.registration_keys[{id, ""}] = *key;
  }
  for (const std::string& id : footprint.api_keys) {
    if (const model::ApiKey* key = Find(world.api_keys, id); key != nullptr) slice.api_keys[{id, ""}] = *key;
  }
  slice.unpooled_units = world.unpooled_units;
  return slice;
}

void Merge(model::World decided, const model::ChangeSet& changes, model::World& world) {
  world.catalog = std::move(decided.catalog);
  world.unique_holders = std::move(decided.unique_holders);
  world.unpooled_units = std::move(decided.unpooled_units);
  model::OwnKinds::ForEach([&]<class Row>() { PutRows(model::ChangesOf<Row>(changes), model::OwnRowsOf<Row>(world)); });
}

}  // namespace lmp::engine
