// The state machine of a subscription, as one table. The README has a drawing of it; a test covers every state and
// verb.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_TRANSITIONS_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_TRANSITIONS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "storage/model/subscription.h"

namespace lmp::domain {

enum class SubscriptionVerb {
  kUpdate,
  kChangePlan,
  kRenew,
  kSuspend,
  kUnsuspend,
  kCancel,
  kApplyPlanUpdates,
  kCrossgrade
};
inline constexpr int kSubscriptionVerbs = 8;

struct Transition {
  model::SubscriptionState from;
  SubscriptionVerb verb;
  model::SubscriptionState to;
};

// A transition that is not in the table is refused with WRONG_STATE. Nothing leads out of DISABLED and UNBUNDLED.
inline constexpr Transition kTransitions[] = {
    {model::SubscriptionState::kActive, SubscriptionVerb::kUpdate, model::SubscriptionState::kActive},
    {model::SubscriptionState::kActive, SubscriptionVerb::kChangePlan, model::SubscriptionState::kActive},
    {model::SubscriptionState::kActive, SubscriptionVerb::kRenew, model::SubscriptionState::kActive},
    {model::SubscriptionState::kActive, SubscriptionVerb::kApplyPlanUpdates, model::SubscriptionState::kActive},
    {model::SubscriptionState::kActive, SubscriptionVerb::kSuspend, model::SubscriptionState::kSuspended},
    {model::SubscriptionState::kSuspended, SubscriptionVerb::kUnsuspend, model::SubscriptionState::kActive},
    {model::SubscriptionState::kActive, SubscriptionVerb::kCancel, model::SubscriptionState::kDisabled},
    {model::SubscriptionState::kSuspended, SubscriptionVerb::kCancel, model::SubscriptionState::kDisabled},
    // This row is for a crossgrade that took all licenses; if it left some, the state becomes UNBUNDLED instead.
    {model::SubscriptionState::kActive, SubscriptionVerb::kCrossgrade, model::SubscriptionState::kDisabled},
    {model::SubscriptionState::kSuspended, SubscriptionVerb::kCrossgrade, model::SubscriptionState::kDisabled},
};

absl::string_view NameOf(SubscriptionVerb verb);

// Moves the subscription to the state that the verb leads to. Errors: FAILED_PRECONDITION WRONG_STATE, naming state and
// verb.
absl::Status ApplyTransition(model::Subscription& subscription, SubscriptionVerb verb);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_TRANSITIONS_H_
