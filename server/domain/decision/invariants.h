// What must hold in every state that is stored (I1, I2 of the reliability rules). The engine asks after every decision,
// so no decision that breaks one can be stored; `lmp-server check` asks of a whole database.
#ifndef LMP_SERVER_DOMAIN_DECISION_INVARIANTS_H_
#define LMP_SERVER_DOMAIN_DECISION_INVARIANTS_H_

#include <string>
#include <vector>

#include "storage/model/world.h"

namespace lmp::domain {

// One sentence for each violation, naming the rows; empty if all hold.
//   I1  a customer has at most one unended license for each SERVICE product
//   I2  in every pool, 0 <= assigned <= total
//   licenses are well formed: units > 0, start < expiration <= end of grace, a code for software and only for it,
//   and a subscription of theirs that is there
std::vector<std::string> InvariantViolations(const model::World& world, model::Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_DECISION_INVARIANTS_H_
