// What hangs on a row. It is counted in the answer and the preview of a command that stops or ends the row.
#ifndef LMP_SERVER_DOMAIN_DECISION_AFFECTED_H_
#define LMP_SERVER_DOMAIN_DECISION_AFFECTED_H_

#include "storage/model/world.h"

namespace lmp::domain {

// Counts the world's customers, as the world has them, and adds what was counted of other customers (World::affected).
// Counted are licenses that are not closed, and the subscriptions they belong to. So what is due must have been applied
// to the world, and nothing may be due to any other customer.
model::Affected AffectedOf(const model::World& world, const model::AffectedBy& by);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_DECISION_AFFECTED_H_
