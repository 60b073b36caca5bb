// Brings subscriptions up to their plan after the plan's suite changed and the partner approved that. [LMP]
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
  std::map<std::string, int> units;  // by product id; of added components
  CrossgradeChoice crossgrade;
};

struct ApplyPlanUpdatesResult : CrossgradeResult {
  std::vector<std::string> unbundled_licenses;  // ids, in order
  std::vector<std::string> dropped_change_ids;
};

// Components that the plan has and the subscription does not: a license for each, from today (or the subscription's
// start, if that is to come) to the subscription's expiration. Units as given; else a transferred license keeps its
// units and a new one gets as many as the largest of the subscription, within the product's range [ours]. What the
// customer has of them elsewhere is resolved as in an assignment. Licenses of removed components become unbundled.
// [LMP] Refusals, in this order: those of customer, partner and etag; WRONG_STATE; PLAN_UP_TO_DATE; SUBSCRIPTION_ENDED;
// WRONG_STATE GRACE (renew first); PRODUCT_END_OF_LIFE, PRODUCT_END_OF_SALE, PLAN_LOCKED; NFR_SETTINGS_FIXED;
// INVALID_ARGUMENT; CROSSGRADE_REQUIRED; TRIAL_AFTER_FULL, TRIAL_REPEATED (added to a trial); CROSSGRADE_NOT_ALLOWED;
// START_DATE_FORBIDDEN (a crossgrade into one that starts later).
absl::StatusOr<ApplyPlanUpdatesResult> ApplyPlanUpdates(model::World& world, const ApplyPlanUpdatesCommand& command,
                                                        const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_PLAN_UPDATES_H_
