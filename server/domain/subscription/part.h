// The part of a customer that is one subscription's. What a verb for it, or a step of time, looks at and changes is in
// it, beside the customer itself and the catalog: so neither costs more, however much else the customer has.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_PART_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_PART_H_

#include <optional>
#include <string>
#include <vector>

#include "storage/model/world.h"

namespace lmp::domain {

// A subscription with its licenses and scheduled changes, or a license without a subscription.
struct Part {
  std::string customer_id;
  std::optional<std::string> subscription_id;
  std::vector<model::RowKey> licenses, changes;
};

// The parts of a customer: of each subscription that has licenses or scheduled changes in the world, and of each
// license without one that is not closed.
std::vector<Part> PartsOf(const model::World& world, const std::string& customer_id);

// Copies a part's licenses and scheduled changes.
void CopyRows(const model::World& world, const Part& part, model::World& slice);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_PART_H_
