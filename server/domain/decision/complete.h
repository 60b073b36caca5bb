// What follows from a decision, whichever verb it was.
#ifndef LMP_SERVER_DOMAIN_DECISION_COMPLETE_H_
#define LMP_SERVER_DOMAIN_DECISION_COMPLETE_H_

#include "absl/status/status.h"
#include "server/domain/env.h"
#include "storage/model/world.h"

namespace lmp::domain {

// Settles the pools by what changed in the licenses, and sets the day on which each license is next due. Errors:
// POOL_EXHAUSTED; INTERNAL if an invariant does not hold afterwards, naming each violation.
absl::Status Complete(const model::World& before, model::World& after, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_DECISION_COMPLETE_H_
