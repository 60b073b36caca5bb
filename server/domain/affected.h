// What hangs on a customer: counted in the answer and the preview of what stops or ends it.
#ifndef LMP_SERVER_DOMAIN_AFFECTED_H_
#define LMP_SERVER_DOMAIN_AFFECTED_H_

#include <string>

#include "storage/model/world.h"

namespace lmp::domain {

// Its subscriptions that run and its licences that are not closed, as the world has them; the licences are the first.
model::Affected AffectedOf(const model::World& world, const std::string& customer_id);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_AFFECTED_H_
