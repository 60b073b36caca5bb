// Does one verb for many subscriptions of a customer, all in one transaction. [ours]
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_BATCH_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_BATCH_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/subscription/verbs.h"
#include "storage/model/world.h"

namespace lmp::domain {

// A verb, without the name of a subscription.
using SubscriptionAction = std::variant<UpdateSubscriptionCommand, RenewSubscriptionCommand, SuspendSubscriptionCommand,
                                        UnsuspendSubscriptionCommand, CancelSubscriptionCommand>;

struct BatchUpdateSubscriptionsCommand {
  std::string customer_id;
  std::string etag;                           // the customer's etag
  std::vector<std::string> subscription_ids;  // empty: all subscriptions that run
  std::string service_plan_id;                // only subscriptions of this plan; empty: of any plan
  std::string product_id;  // only those with a license of this product that has not ended; empty: of any product
  SubscriptionAction action;

  model::Footprint footprint() const;
  // The kind of the verb's events.
  const char* event_kind() const;
};

// A subscription that the verb refused.
struct SkippedSubscription {
  std::string subscription_id;
  absl::Status why;
};

struct BatchUpdateSubscriptionsResult {
  std::string customer_id;
  std::vector<SubscriptionResult> results;   // in order of name
  std::vector<SkippedSubscription> skipped;  // in order of name
};

// If subscriptions are named, the verb is done for all of them or for none. Otherwise it is done for every subscription
// that is ACTIVE or SUSPENDED and has a license that has not ended; those that refuse the verb, whatever the reason,
// stay as they are and are reported. Errors: INVALID_ARGUMENT for what would be wrong for any subscription.
absl::StatusOr<BatchUpdateSubscriptionsResult> BatchUpdateSubscriptions(model::World& world,
                                                                        const BatchUpdateSubscriptionsCommand& command,
                                                                        const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_BATCH_H_
