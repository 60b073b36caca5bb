// What time does by itself to a customer: scheduled changes take effect, terms renew, the history tells that a license
// expires soon or has expired (license/announcement.h), licenses end. Each happens on the exact day on which it is due,
// whenever it is noticed: by the worker, by the next command on the customer, or by a reader (which stores nothing). So
// a server that was stopped for a week, or that runs no worker at all, computes the same states.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_DUE_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_DUE_H_

#include <optional>
#include <string>

#include "server/domain/env.h"
#include "server/domain/subscription/due_dates.h"
#include "storage/model/due.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct DueStep {
  // SCHEDULED_CHANGE_APPLIED, SCHEDULED_CHANGE_DROPPED, SUBSCRIPTION_RENEWED, LICENSE_EXPIRING_SOON, LICENSE_EXPIRED or
  // LICENSE_ENDED
  const char* event_kind;
  Date effective_date;
};

// Does the earliest thing that is due by `today`; of one day, a scheduled change comes before a renewal, a renewal
// before what is told of a coming end, and that before an end. Returns nothing if nothing is due. A scheduled change
// that is no longer possible (its license is gone, the pool is exhausted) becomes DROPPED and says why. Pools are
// settled with each step. For a disabled customer, changes and renewals wait until the customer is enabled.
std::optional<DueStep> ApplyNextDue(model::World& world, const std::string& customer_id, Date today);

// Plays a subscription's plan (scheduled_changes.h): does all that is due before `day`, and the scheduled changes of
// that day, but nothing else that is due on it. So a change that is then added for that day finds what it would find on
// the day itself.
void PassTimeUpTo(model::World& world, const std::string& customer_id, Date day);

// Sets the marks that tell a reader at a glance: `due_date` of the licenses that are not closed (the next day on which
// ApplyNextDue would do something about them) and `pending_changes` of the subscriptions.
void SetDueDates(model::World& world);

// The first thing that is due to the customer, now or later: what ApplyNextDue would do when its day comes. Nothing if
// nothing will ever be due.
std::optional<model::Due> NextDue(const model::World& world, const std::string& customer_id);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_DUE_H_
