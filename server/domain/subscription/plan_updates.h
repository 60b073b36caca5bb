// Brings subscriptions up to date with their plan after the plan's suite changed and the partner approved the change.
// [LMP]
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_PLAN_UPDATES_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_PLAN_UPDATES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/subscription/crossgrade.h"
#include "server/domain/subscription/license_grant.h"
#include "server/domain/subscription/verbs.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct ApplyPlanUpdatesCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kApplyPlanUpdates;
  std::map<std::string, int> units;  // by product id; for added components only
  CrossgradeChoice crossgrade;
};

struct ApplyPlanUpdatesResult : CrossgradeResult {
  std::vector<std::string> unbundled_licenses;  // ids, in order
  std::vector<std::string> dropped_change_ids;
};

// For each component that the plan has and the subscription does not, the subscription gets a license, from today (or
// from the subscription's start, if that is still to come) to the subscription's expiration. The units are those given.
// If none are given, a transferred license keeps its units, and a new license gets as many as the subscription's
// largest one, within the product's range [ours]. If the customer has such a component elsewhere, the duplicate is
// resolved as in an assignment. Licenses of removed components become unbundled. [LMP] The update is refused, in this
// order, with: the refusals of customer, partner and etag; WRONG_STATE; PLAN_UP_TO_DATE; SUBSCRIPTION_ENDED;
// WRONG_STATE GRACE (renew first); PRODUCT_END_OF_LIFE, PRODUCT_END_OF_SALE, PLAN_LOCKED; NFR_SETTINGS_FIXED;
// INVALID_ARGUMENT; CROSSGRADE_REQUIRED; TRIAL_AFTER_FULL, TRIAL_REPEATED (for a component added to a trial);
// CROSSGRADE_NOT_ALLOWED; START_DATE_FORBIDDEN (for a crossgrade into a subscription that starts later).
absl::StatusOr<ApplyPlanUpdatesResult> ApplyPlanUpdates(model::World& world, const ApplyPlanUpdatesCommand& command,
                                                        const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_PLAN_UPDATES_H_
