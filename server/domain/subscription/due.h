// What time does by itself to a customer: scheduled changes take effect, terms renew, licenses end. It happens on the
// exact day it was due, whenever it is noticed: by the worker, by the next command on the customer, or by a reader (who
// keeps nothing). So a server that was away for a week, or runs no worker at all, computes the same states.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_DUE_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_DUE_H_

#include <optional>
#include <string>

#include "server/domain/env.h"
#include "storage/model/due.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct DueStep {
  const char* event_kind;  // SCHEDULED_CHANGE_APPLIED, SCHEDULED_CHANGE_DROPPED, SUBSCRIPTION_RENEWED, LICENSE_ENDED
  Date effective_date;
};

// Does the earliest thing that was due by `today`, of equal days a scheduled change before a renewal before an end.
// Nothing if nothing is due. A scheduled change that is no longer possible (its license is gone, the pool is exhausted)
// is DROPPED and says why. Pools are settled with each step. For a disabled customer, changes and renewals wait until
// it is enabled.
std::optional<DueStep> ApplyNextDue(model::World& world, const std::string& customer_id, Date today);

// Along a plan (planned_changes.h): all that is due before `day`, and the scheduled changes of that day, but not what
// else is due on it. So a change that is added for that day finds what it would find.
void PassTimeUpTo(model::World& world, const std::string& customer_id, Date day);

// The first that is due to the customer, now or later: what ApplyNextDue would do when its day comes. Nothing if
// nothing ever is.
std::optional<model::Due> NextDue(const model::World& world, const std::string& customer_id);

// Sets what a reader can see at a glance: `due_date` of the licenses that are not closed (the next day on which
// ApplyNextDue would do something about them) and `pending_changes` of the subscriptions.
void SetDueDates(model::World& world);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_DUE_H_
