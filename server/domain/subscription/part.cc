#include "server/domain/subscription/part.h"

#include <map>

namespace lmp::domain {

std::vector<Part> PartsOf(const model::World& world, const std::string& customer_id) {
  std::vector<Part> parts;
  std::map<std::string, size_t> places;  // by subscription id
  const auto of = [&](const std::string& subscription_id) -> Part& {
    const auto [place, added] = places.emplace(subscription_id, parts.size());
    if (added) parts.push_back({customer_id, subscription_id, {}, {}});
    return parts[place->second];
  };
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (license.subscription_id.has_value()) {
      of(*license.subscription_id).licenses.push_back(key);
    } else if (!license.closed) {
      parts.push_back({customer_id, std::nullopt, {key}, {}});
    }
  }
  for (const auto& [key, change] : Range(world.scheduled_changes, customer_id))
    of(change.subscription_id).changes.push_back(key);
  return parts;
}

void CopyRows(const model::World& world, const Part& part, model::World& slice) {
  for (const model::RowKey& key : part.licenses) slice.licenses.emplace(key, world.licenses.at(key));
  for (const model::RowKey& key : part.changes) slice.scheduled_changes.emplace(key, world.scheduled_changes.at(key));
}

}  // namespace lmp::domain
