#include "server/domain/subscription/transitions.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"

namespace lmp::domain {

absl::string_view NameOf(SubscriptionVerb verb) {
  switch (verb) {
    case SubscriptionVerb::kUpdate:
      return "updated";
    case SubscriptionVerb::kChangePlan:
      return "given another plan";
    case SubscriptionVerb::kRenew:
      return "renewed";
    case SubscriptionVerb::kSuspend:
      return "suspended";
    case SubscriptionVerb::kUnsuspend:
      return "unsuspended";
    case SubscriptionVerb::kCancel:
      return "canceled";
    case SubscriptionVerb::kApplyPlanUpdates:
      return "brought up to its plan";
    case SubscriptionVerb::kCrossgrade:
      return "crossgraded";
  }
  return "";
}

absl::Status ApplyTransition(model::Subscription& subscription, SubscriptionVerb verb) {
  for (const Transition& transition : kTransitions) {
    if (transition.from == subscription.state && transition.verb == verb) {
      subscription.state = transition.to;
      return absl::OkStatus();
    }
  }
  const std::string name = SubscriptionName(subscription.customer_id, subscription.subscription_id);
  const std::string state(model::NameOf(subscription.state));
  return Precondition(reason::kWrongState, name, absl::StrCat(name, " is ", state, ": it can't be ", NameOf(verb)),
                      {{"state", state}});
}

}  // namespace lmp::domain
