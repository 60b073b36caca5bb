// The verbs of a running subscription. Each is a command, a function, and one line of the service's table.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_VERBS_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_VERBS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/standing.h"
#include "server/domain/subscription/alignment.h"
#include "server/domain/subscription/terms.h"
#include "storage/model/world.h"

namespace lmp::domain {

// Which subscription, and its etag as the caller read it.
struct SubscriptionCommand {
  std::string customer_id;
  std::string subscription_id;
  std::string etag;

  model::Footprint footprint() const {
    return {.customers = {customer_id}, .subscriptions = {{customer_id, subscription_id}}};
  }
};

// What a verb did: the subscription, and the scheduled changes it made or had to drop (ids, in order).
struct SubscriptionResult {
  std::string customer_id;
  std::string subscription_id;
  std::string scheduled_change_id;
  std::vector<std::string> dropped_change_ids;
};

struct UpdateSubscriptionCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kUpdateSubscription;
  TermsChange change;
  AlignmentChoice align;               // instead of an expiration
  std::optional<Date> effective_date;  // later: a scheduled change
};

// Units, expiration, renewal, notice: now or on a day to come. Not on a trial or NFR subscription, nor while its plan's
// suite changed and the change is not applied; at the end of a product's life only what takes less of it. [LMP] What is
// sent as it is already is no change, and if nothing differs, nothing happens and nothing is refused. Each change keeps
// the scheduled ones that are still possible and drops the others, saying which. [ours]
absl::StatusOr<SubscriptionResult> UpdateSubscription(model::World& world, const UpdateSubscriptionCommand& command,
                                                      const Env& env);

struct RenewSubscriptionCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kRenewSubscription;
  std::optional<int> term_months;  // else the renewal term, else the initial one
  AlignmentChoice align;           // instead of a term
};

// From the current expiration, also in grace; to at most 132 months from today. Not for a disabled customer, a trial or
// NFR, not before the start, not after the end.
absl::StatusOr<SubscriptionResult> RenewSubscription(model::World& world, const RenewSubscriptionCommand& command,
                                                     const Env& env);

struct SuspendSubscriptionCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kSuspendSubscription;
  std::optional<Date> suspend_date;  // from today and the start to the expiration; default today
};

// Only with auto-renewal on, which is paused. [LMP] Waiting changes are dropped: nothing is updated while suspended.
absl::StatusOr<SubscriptionResult> SuspendSubscription(model::World& world, const SuspendSubscriptionCommand& command,
                                                       const Env& env);

struct UnsuspendSubscriptionCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kUnsuspendSubscription;
  std::optional<Date> expiration_date;  // from the current expiration to the end of grace
};

// Before grace ends; auto-renewal comes back if the suspension paused it. [LMP]
absl::StatusOr<SubscriptionResult> UnsuspendSubscription(model::World& world,
                                                         const UnsuspendSubscriptionCommand& command, const Env& env);

struct CancelSubscriptionCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kCancelSubscription;
};

// Immediate and final; units return to the pool.
absl::StatusOr<SubscriptionResult> CancelSubscription(model::World& world, const CancelSubscriptionCommand& command,
                                                      const Env& env);

struct ChangeServicePlanCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kChangeServicePlan;
  std::string service_plan_id;
  std::optional<int> units;  // else as they are

  model::Footprint footprint() const {
    model::Footprint footprint = SubscriptionCommand::footprint();
    footprint.service_plans = {service_plan_id};
    return footprint;
  }
};

// To a plan on another level of the same product family: the license keeps its identity, dates and units, and takes the
// rest from the new plan. [LMP]
absl::StatusOr<SubscriptionResult> ChangeServicePlan(model::World& world, const ChangeServicePlanCommand& command,
                                                     const Env& env);

struct CancelScheduledChangeCommand {
  std::string customer_id;
  std::string change_id;
  std::string etag;

  model::Footprint footprint() const {
    return {.customers = {customer_id}, .scheduled_changes = {{customer_id, change_id}}};
  }
};

// Errors: SCHEDULED_CHANGE_NOT_FOUND; WRONG_STATE (it is no longer waiting).
absl::StatusOr<SubscriptionResult> CancelScheduledChange(model::World& world,
                                                         const CancelScheduledChangeCommand& command, const Env& env);

// Ends a subscription: licenses closed, waiting changes dropped with `why`. For the verbs that cancel as a consequence.
void EndSubscription(model::World& world, model::Subscription& subscription, absl::string_view why, Date today);

// The subscription a command names, for changing. Errors: NOT_FOUND; ETAG_MISMATCH; those of customer and partner.
absl::StatusOr<model::Subscription*> FindWritable(model::World& world, const SubscriptionCommand& command, Verb verb,
                                                  const Caller& caller);
template <class Command>
absl::StatusOr<model::Subscription*> FindWritable(model::World& world, const Command& command, const Caller& caller) {
  return FindWritable(world, command, Command::kVerb, caller);
}

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_VERBS_H_
