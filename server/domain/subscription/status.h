// The state of a subscription as everybody is shown it: a function of its row, its licenses and the day.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_STATUS_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_STATUS_H_

#include <optional>

#include "storage/model/world.h"

namespace lmp::domain {

using model::Date;

// The stored state, but ENDED for a subscription that still runs by its row although all its licenses have ended or its
// partner is canceled. If the world has none of its licenses, nothing is known about them, and the state is the stored
// one. [ours]
model::SubscriptionState SubscriptionStateIn(const model::World& world, const model::Subscription& subscription,
                                             Date today);

// The latest expiration, as shown, of the subscription's licenses that have not ended; nothing if all have.
std::optional<Date> ExpirationIn(const model::World& world, const model::Subscription& subscription, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_STATUS_H_
