#include "server/domain/affected.h"

namespace lmp::domain {

model::Affected AffectedOf(const model::World& world, const std::string& customer_id) {
  model::Affected affected{.what = model::AffectedBy::What::kCustomer, .customers = 1};
  for (const auto& [key, subscription] : Range(world.subscriptions, customer_id)) affected.subscriptions += Runs(subscription) ? 1 : 0;
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (license.closed) continue;
    ++affected.licenses;
    if (affected.first.size() < model::kMaxFirst) affected.first.push_back(key);
  }
  return affected;
}

}  // namespace lmp::domain
