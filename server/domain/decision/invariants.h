// What must hold in every state that is stored (I1 and I2 of the reliability rules). The engine checks it after every
// decision, so no decision that breaks an invariant can be stored; `lmp-server check` checks a whole database.
#ifndef LMP_SERVER_DOMAIN_DECISION_INVARIANTS_H_
#define LMP_SERVER_DOMAIN_DECISION_INVARIANTS_H_

#include <string>
#include <vector>

#include "storage/model/world.h"

namespace lmp::domain {

// One sentence for each violation, naming the rows; empty if all invariants hold:
//   I1  A customer has at most one unended license for each SERVICE product.
//   I2  In every pool, 0 <= assigned <= total.
//   Licenses are well formed: units > 0, start < expiration <= end of grace; software has an activation code, and
//   nothing else has one; the subscription that a license names exists.
std::vector<std::string> InvariantViolations(const model::World& world, model::Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_DECISION_INVARIANTS_H_
