// The verbs of a running subscription. Each has a command, a function, and one row in the table of RPCs (server/rpcs/).
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_VERBS_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_VERBS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/standing.h"
#include "server/domain/subscription/alignment.h"
#include "server/domain/subscription/terms.h"
#include "storage/model/world.h"

namespace lmp::domain {

// Which subscription is meant, and its etag as the caller read it.
struct SubscriptionCommand {
  std::string customer_id;
  std::string subscription_id;
  std::string etag;

  model::Footprint footprint() const {
    return {.customers = {customer_id}, .subscriptions = {{customer_id, subscription_id}}};
  }
};

// What a verb did: the subscription, and the scheduled changes that it made or had to drop (ids, in order).
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
  std::optional<Date> effective_date;  // set: makes a scheduled change for that day
};

// Changes units, expiration, renewal and notice, now or on a day to come. It is refused for a trial or NFR
// subscription, and while the plan's suite has changed and the subscription does not have that change yet. After a
// product's end of life is declared, only changes that take less of the product are possible. [LMP] A value that is
// sent as it is already is no change; if nothing differs, nothing happens and nothing is refused. Each change keeps the
// scheduled changes that are still possible, drops the others, and says which. [ours]
absl::StatusOr<SubscriptionResult> UpdateSubscription(model::World& world, const UpdateSubscriptionCommand& command,
                                                      const Env& env);

struct RenewSubscriptionCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kRenewSubscription;
  std::optional<int> term_months;  // empty: the renewal term, or the initial term if there is none
  AlignmentChoice align;           // instead of a term
};

// Renews from the current expiration, also in grace, to at most 132 months from today. It is refused for a disabled
// customer, a trial or NFR subscription, before the start and after the end.
absl::StatusOr<SubscriptionResult> RenewSubscription(model::World& world, const RenewSubscriptionCommand& command,
                                                     const Env& env);

struct SuspendSubscriptionCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kSuspendSubscription;
  std::optional<Date> suspend_date;  // from the later of today and the start, up to the expiration; empty: today
};

// Possible only with auto-renewal on, which is paused. [LMP] Waiting changes are dropped: nothing is updated while the
// subscription is suspended.
absl::StatusOr<SubscriptionResult> SuspendSubscription(model::World& world, const SuspendSubscriptionCommand& command,
                                                       const Env& env);

struct UnsuspendSubscriptionCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kUnsuspendSubscription;
  std::optional<Date> expiration_date;  // from the current expiration to the end of grace
};

// Possible until grace ends. Auto-renewal is turned on again if the suspension paused it. [LMP]
absl::StatusOr<SubscriptionResult> UnsuspendSubscription(model::World& world,
                                                         const UnsuspendSubscriptionCommand& command, const Env& env);

struct CancelSubscriptionCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kCancelSubscription;
};

// The cancellation is immediate and final; the units return to the pool.
absl::StatusOr<SubscriptionResult> CancelSubscription(model::World& world, const CancelSubscriptionCommand& command,
                                                      const Env& env);

struct ChangeServicePlanCommand : SubscriptionCommand {
  static constexpr Verb kVerb = Verb::kChangeServicePlan;
  std::string service_plan_id;
  std::optional<int> units;  // empty: the units stay as they are

  model::Footprint footprint() const {
    model::Footprint footprint = SubscriptionCommand::footprint();
    footprint.service_plans = {service_plan_id};
    return footprint;
  }
};

// Changes to a plan on another level of the same product family: the license keeps its identity, dates and units, and
// takes the rest from the new plan. [LMP]
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

// Errors: SCHEDULED_CHANGE_NOT_FOUND; WRONG_STATE (the change no longer waits).
absl::StatusOr<SubscriptionResult> CancelScheduledChange(model::World& world,
                                                         const CancelScheduledChangeCommand& command, const Env& env);

// Ends a subscription: closes its licenses and drops its waiting changes with `why`. It is for verbs that cancel a
// subscription as a consequence.
void EndSubscription(model::World& world, model::Subscription& subscription, absl::string_view why, Date today);

// What several verbs refuse.
// That the plan's suite has changed, and the change waits to be approved or applied: PLAN_LOCKED, PLAN_UPDATES_PENDING.
// [LMP]
absl::Status CheckUpToDate(const model::World& world, const model::Subscription& subscription);
// A second license of a service: a customer has at most one. CROSSGRADE_NOT_ALLOWED.
absl::Status CheckNotHeld(const model::World& world, const std::string& customer_id, const model::Product& product,
                          Date today);
// PRODUCT_END_OF_LIFE.
absl::Status AtEndOfLife(const std::string& product_id);

// Finds the subscription that a command names, in order to change it. Errors: NOT_FOUND; ETAG_MISMATCH; those of
// customer and partner.
absl::StatusOr<model::Subscription*> FindWritable(model::World& world, const SubscriptionCommand& command, Verb verb,
                                                  const Caller& caller);
template <class Command>
absl::StatusOr<model::Subscription*> FindWritable(model::World& world, const Command& command, const Caller& caller) {
  return FindWritable(world, command, Command::kVerb, caller);
}

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_VERBS_H_
