#include "server/domain/decision/affected.h"

#include <algorithm>
#include <set>
#include <string>

namespace lmp::domain {
namespace {

using model::AffectedBy;

// True if everything that the customer has is affected.
bool MeansAllOf(const AffectedBy& by, const model::Customer& customer) {
  if (by.what == AffectedBy::What::kPartner) return customer.partner_id == by.id && !customer.delete_time.has_value();
  return by.what == AffectedBy::What::kCustomer && customer.customer_id == by.id;
}

bool Means(const model::World& world, const AffectedBy& by, const model::License& license) {
  if (by.what == AffectedBy::What::kProduct) return license.product_id == by.id;
  if (by.what != AffectedBy::What::kSuite || !license.subscription_id.has_value()) return false;
  const auto* subscription = Find(world.subscriptions, license.customer_id, *license.subscription_id);
  if (subscription == nullptr) return false;
  const auto* plan = Find(world.catalog->service_plans, subscription->service_plan_id);
  return plan != nullptr && plan->product_id == by.id;
}

void Cap(int& count, bool& more) {
  more = more || count > model::kMaxCounted;
  count = std::min(count, model::kMaxCounted);
}

}  // namespace

model::Affected AffectedOf(const model::World& world, const AffectedBy& by) {
  const auto counted = world.affected.find(by);
  model::Affected affected = counted != world.affected.end() ? counted->second : model::Affected{};
  affected.what = by.what;
  const bool names_customers = by.what == AffectedBy::What::kPartner;
  const bool names_licenses = by.what == AffectedBy::What::kCustomer || by.what == AffectedBy::What::kProduct;
  std::set<model::RowKey> subscriptions;
  for (const auto& [id, customer] : world.customers) {
    const bool whole = MeansAllOf(by, customer);
    bool some = whole;
    if (whole && names_customers) affected.first.push_back(id);
    for (const auto& [key, license] : Range(world.licenses, id.first)) {
      if (license.closed || !(whole || Means(world, by, license))) continue;
      some = true;
      ++affected.licenses;
      if (license.subscription_id.has_value()) subscriptions.emplace(id.first, *license.subscription_id);
      if (names_licenses) affected.first.push_back(key);
    }
    affected.customers += some ? 1 : 0;
  }
  affected.subscriptions += static_cast<int>(subscriptions.size());
  std::sort(affected.first.begin(), affected.first.end());
  if (affected.first.size() > model::kMaxFirst) affected.first.resize(model::kMaxFirst);
  for (int* count : {&affected.customers, &affected.subscriptions, &affected.licenses, &affected.service_plans}) {
    Cap(*count, affected.more);
  }
  return affected;
}

}  // namespace lmp::domain
