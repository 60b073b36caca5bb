// What hangs on a row: counted in the answer and the preview of what stops or ends it.
#ifndef LMP_SERVER_DOMAIN_DECISION_AFFECTED_H_
#define LMP_SERVER_DOMAIN_DECISION_AFFECTED_H_

#include "storage/model/world.h"

namespace lmp::domain {

// Of the world's customers as they are in it, and what was counted of others (World::affected). Licenses that are not
// closed and the subscriptions they belong to: so time has to have passed in the world, and for all others nothing may
// be due.
model::Affected AffectedOf(const model::World& world, const model::AffectedBy& by);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_DECISION_AFFECTED_H_
