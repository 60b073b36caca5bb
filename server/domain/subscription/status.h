// The state of a subscription as everybody is shown it: a function of its row, its licenses and the day.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_STATUS_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_STATUS_H_

#include <optional>

#include "storage/model/world.h"

namespace lmp::domain {

using model::Date;

// As stored, but ENDED for one that still runs there although all its licenses have ended, or its partner is canceled.
// Of a world without its licenses nothing is known about them: then as stored. [ours]
model::SubscriptionState SubscriptionStateIn(const model::World& world, const model::Subscription& subscription,
                                             Date today);

// The latest expiration, as shown, of its licenses that have not ended; none if all have.
std::optional<Date> ExpirationIn(const model::World& world, const model::Subscription& subscription, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_STATUS_H_
