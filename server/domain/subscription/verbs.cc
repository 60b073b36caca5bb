#include "server/domain/subscription/verbs.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/period.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/scheduled_changes.h"
#include "server/domain/subscription/status.h"
#include "server/domain/subscription/transitions.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::License;
using model::Subscription;
using model::World;

std::string NameOf(const Subscription& subscription) {
  return SubscriptionName(subscription.customer_id, subscription.subscription_id);
}

// Refuses trials and NFR, which have fixed terms, and what has ended, of which nothing can be changed. [LMP]
absl::Status CheckModifiable(World& world, const Subscription& subscription, Date today) {
  const std::string name = NameOf(subscription);
  if (subscription.terms.version == model::PlanVersion::kTrial) {
    return Precondition(reason::kTrialFixed, name, absl::StrCat(name, " is a trial: assign a full plan instead"));
  }
  if (subscription.terms.nfr) {
    return Precondition(reason::kNfrSettingsFixed, name, absl::StrCat(name, " is not for resale: its terms are fixed"));
  }
  if (LiveLicenses(world, subscription, today).empty()) {
    return Precondition(reason::kSubscriptionEnded, name, absl::StrCat(name, " has ended: assign a plan anew"));
  }
  return absl::OkStatus();
}

// Refuses to prolong or move a license whose product has an end of life. [LMP]
absl::Status CheckNoEndOfLife(World& world, const Subscription& subscription, Date today) {
  for (const License* license : LiveLicenses(world, subscription, today)) {
    const model::Product* product = Find(world.catalog->products, license->product_id);
    if (product != nullptr && product->lifecycle == model::Lifecycle::kEndOfLife)
      return AtEndOfLife(license->product_id);
  }
  return absl::OkStatus();
}

// True if all licenses of the subscription that have not ended have this end already.
bool AllHaveEnd(World& world, const Subscription& subscription, const End& end, Date today) {
  const std::vector<License*> licenses = LiveLicenses(world, subscription, today);
  return !licenses.empty() && std::all_of(licenses.begin(), licenses.end(),
                                          [&](const License* license) { return HasEnd(world, *license, end); });
}

// What an update changes: its values that differ from the current ones, and the end that it asks for.
absl::StatusOr<TermsChange> WantedChange(World& world, const Subscription& subscription,
                                         const UpdateSubscriptionCommand& command, Date today) {
  if (command.change.empty() && !command.align.given())
    return InvalidFields({{"update_mask", "names nothing that changes"}});
  TermsChange wanted = Differing(world, subscription, command.change, today);
  if (!command.align.given()) return wanted;
  if (wanted.expiration_date.has_value()) {
    return InvalidFields({{"subscription.expiration_date", "excludes align: both say when it ends"},
                          {"align", "excludes subscription.expiration_date: both say when it ends"}});
  }
  ASSIGN_OR_RETURN(const End end, EndOf(world, command.customer_id, command.align, today));
  if (AllHaveEnd(world, subscription, end, today)) return wanted;
  wanted.expiration_date = end.expiration;
  wanted.anchor_date = end.anchor;
  return wanted;
}

// The new end of one license that is renewed, and what is wrong with that end.
struct RenewalEnd {
  End end;
  std::string field;
};

absl::Status CheckRenewal(const Subscription& subscription, const License& license, const RenewalEnd& to, Date today) {
  if (license.start_date > today) {
    return Precondition(reason::kWrongState, NameOf(subscription), "the subscription has not started yet",
                        {{"state", "PENDING"}});
  }
  if (to.end.expiration < license.expiration_date || to.end.expiration <= today) {
    return RefuseFields({{to.field, absl::StrCat("must be after the current expiration (",
                                                 absl::FormatCivilTime(license.expiration_date), ") and today")}});
  }
  if (const Date limit = LatestExpiration(license, today); to.end.expiration > limit) {
    return RefuseFields(
        {{to.field, absl::StrCat("must be at most ", kMaxTermMonths, " months after the current expiration and ",
                                 kMaxMonthsAhead, " months from today: ", absl::FormatCivilTime(limit))}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AtEndOfLife(const std::string& product_id) {
  const std::string name = ProductName(product_id);
  return Precondition(reason::kProductEndOfLife, name, absl::StrCat(name, " has reached its end of life"));
}

absl::Status CheckUpToDate(const World& world, const Subscription& subscription) {
  const model::ServicePlan* plan = Find(world.catalog->service_plans, subscription.service_plan_id);
  if (plan == nullptr) return absl::OkStatus();
  RETURN_IF_ERROR(CheckNotLocked(*world.catalog, *plan));
  if (plan->components != subscription.components) {
    return Precondition(
        reason::kPlanUpdatesPending, NameOf(subscription),
        absl::StrCat(NameOf(subscription), " has plan updates that are not applied yet: apply them first"));
  }
  return absl::OkStatus();
}

absl::Status CheckNotHeld(const World& world, const std::string& customer_id, const model::Product& product,
                          Date today) {
  if (product.kind != model::ProductKind::kService) return absl::OkStatus();
  for (const auto& [key, other] : Range(world.licenses, customer_id)) {
    if (other.product_id == product.product_id && IsUnended(other, today)) {
      return Precondition(
          reason::kCrossgradeNotAllowed, LicenseName(customer_id, other.license_id),
          absl::StrCat("the customer already has ", ProductName(product.product_id), ": assign the plan instead"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Subscription*> FindWritable(World& world, const SubscriptionCommand& command, Verb verb,
                                           const Caller& caller) {
  RETURN_IF_ERROR(FindWritableCustomer(world, caller, verb, command.customer_id).status());
  Subscription* subscription = Find(world.subscriptions, command.customer_id, command.subscription_id);
  const std::string name = SubscriptionName(command.customer_id, command.subscription_id);
  if (subscription == nullptr) return NotFound(reason::kSubscriptionNotFound, name);
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(world, *subscription), name));
  return subscription;
}

void EndSubscription(World& world, Subscription& subscription, absl::string_view why, Date today) {
  for (License* license : LiveLicenses(world, subscription, today)) license->closed = true;
  subscription.state = model::SubscriptionState::kDisabled;
  subscription.renewal_paused = false;
  DropChanges(world, subscription, why);
}

absl::StatusOr<SubscriptionResult> UpdateSubscription(World& world, const UpdateSubscriptionCommand& command,
                                                      const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  SubscriptionResult result{command.customer_id, command.subscription_id, "", {}};
  const bool later = command.effective_date.has_value() && *command.effective_date != env.today;
  ASSIGN_OR_RETURN(const TermsChange wanted, WantedChange(world, *subscription, command, env.today));
  if (wanted.empty() && !later) return result;
  RETURN_IF_ERROR(ApplyTransition(*subscription, SubscriptionVerb::kUpdate));
  RETURN_IF_ERROR(CheckModifiable(world, *subscription, env.today));
  if (const License* license = AddsToEndOfLife(world, *subscription, wanted, env.today))
    return AtEndOfLife(license->product_id);
  RETURN_IF_ERROR(CheckUpToDate(world, *subscription));
  const char* const end_field = command.align.given() ? command.align.field() : "subscription.expiration_date";
  if (later) {
    TermsChange planned = command.change;
    if (command.align.given()) {
      ASSIGN_OR_RETURN(const End end, EndOf(world, command.customer_id, command.align, env.today));
      planned.expiration_date = end.expiration;
      planned.anchor_date = end.anchor;
    }
    ASSIGN_OR_RETURN(result.scheduled_change_id,
                     ScheduleChange(world, *subscription, planned, end_field, *command.effective_date, env));
  } else {
    RETURN_IF_ERROR(
        RefuseFields(InRequest(TermsViolations(world, *subscription, wanted, env.today, env.today), end_field)));
    ApplyTerms(world, *subscription, wanted, env.today);
  }
  result.dropped_change_ids = ReviewChanges(world, *subscription);
  return result;
}

absl::StatusOr<SubscriptionResult> RenewSubscription(World& world, const RenewSubscriptionCommand& command,
                                                     const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  std::optional<End> given;
  if (command.align.given()) {
    ASSIGN_OR_RETURN(given, EndOf(world, command.customer_id, command.align, env.today));
    if (AllHaveEnd(world, *subscription, *given, env.today)) {
      return SubscriptionResult{command.customer_id, command.subscription_id, "", {}};
    }
  }
  RETURN_IF_ERROR(ApplyTransition(*subscription, SubscriptionVerb::kRenew));
  RETURN_IF_ERROR(CheckModifiable(world, *subscription, env.today));
  RETURN_IF_ERROR(CheckNoEndOfLife(world, *subscription, env.today));
  const model::PlanTerms& terms = subscription->terms;
  const int months = command.term_months.value_or(terms.renewal_term_months > 0 ? terms.renewal_term_months
                                                                                : terms.initial_term_months);
  if (months < 1 || months > kMaxTermMonths) {
    return InvalidFields({{"term_months", absl::StrCat("must be 1 to ", kMaxTermMonths)}});
  }
  for (License* license : LiveLicenses(world, *subscription, env.today)) {
    if (given.has_value() && HasEnd(world, *license, *given)) continue;
    const RenewalEnd to{given.value_or(End{Extended(*license, months), license->anchor_date}),
                        given.has_value() ? command.align.field() : "term_months"};
    RETURN_IF_ERROR(CheckRenewal(*subscription, *license, to, env.today));
    SetExpiration(*license, to.end.expiration, terms.grace_period_days);
    license->anchor_date = to.end.anchor.value_or(to.end.expiration);
  }
  return SubscriptionResult{command.customer_id, command.subscription_id, "", ReviewChanges(world, *subscription)};
}

absl::StatusOr<SubscriptionResult> SuspendSubscription(World& world, const SuspendSubscriptionCommand& command,
                                                       const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  const std::string name = NameOf(*subscription);
  RETURN_IF_ERROR(ApplyTransition(*subscription, SubscriptionVerb::kSuspend));
  const std::vector<License*> licenses = LiveLicenses(world, *subscription, env.today);
  if (licenses.empty()) return Precondition(reason::kSubscriptionEnded, name, absl::StrCat(name, " has ended"));
  if (!subscription->terms.auto_renewal) {
    return Precondition(reason::kAutoRenewalOff, name,
                        absl::StrCat(name, " has auto-renewal off: it can't be suspended"));
  }
  const Date day = command.suspend_date.value_or(env.today);
  for (const License* license : licenses) {
    const Date first = std::max(license->start_date, env.today), last = DatesIn(world, *license).expiration;
    if (day < first || day > last) {
      return RefuseFields({{"suspend_date", absl::StrCat("must be from ", absl::FormatCivilTime(first), " to ",
                                                         absl::FormatCivilTime(last))}});
    }
  }
  subscription->terms.auto_renewal = false;
  subscription->renewal_paused = true;
  for (License* license : licenses) license->suspend_date = day;
  return SubscriptionResult{command.customer_id, command.subscription_id, "",
                            DropChanges(world, *subscription, "the subscription was suspended")};
}

absl::StatusOr<SubscriptionResult> UnsuspendSubscription(World& world, const UnsuspendSubscriptionCommand& command,
                                                         const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  const std::string name = NameOf(*subscription);
  RETURN_IF_ERROR(ApplyTransition(*subscription, SubscriptionVerb::kUnsuspend));
  const std::vector<License*> licenses = LiveLicenses(world, *subscription, env.today);
  if (licenses.empty()) {
    return Precondition(reason::kSubscriptionEnded, name, absl::StrCat(name, "'s grace period is over"));
  }
  const bool as_it_is = command.expiration_date == ExpirationIn(world, *subscription, env.today);
  for (License* license : licenses) {
    license->suspend_date.reset();
    if (!command.expiration_date.has_value() || as_it_is || *command.expiration_date == license->expiration_date)
      continue;
    const Date latest = std::min(DatesIn(world, *license).grace_end, LatestExpiration(*license, env.today));
    if (*command.expiration_date < license->expiration_date || *command.expiration_date > latest) {
      return RefuseFields(
          {{"expiration_date", absl::StrCat("must be from ", absl::FormatCivilTime(license->expiration_date), " to ",
                                            absl::FormatCivilTime(latest))}});
    }
    SetExpiration(*license, *command.expiration_date, subscription->terms.grace_period_days);
    license->anchor_date = *command.expiration_date;
  }
  subscription->terms.auto_renewal = subscription->renewal_paused;
  subscription->renewal_paused = false;
  return SubscriptionResult{command.customer_id, command.subscription_id, "", {}};
}

absl::StatusOr<SubscriptionResult> CancelSubscription(World& world, const CancelSubscriptionCommand& command,
                                                      const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  RETURN_IF_ERROR(ApplyTransition(*subscription, SubscriptionVerb::kCancel));
  SubscriptionResult result{command.customer_id, command.subscription_id, "",
                            DropChanges(world, *subscription, "the subscription was canceled")};
  EndSubscription(world, *subscription, "", env.today);
  return result;
}

namespace {

// True if the plan is a full plan for another level of the family to which everything in the subscription belongs.
bool IsAnotherLevel(const World& world, const std::vector<License*>& licenses, const model::ServicePlan& plan) {
  if (licenses.size() != 1 || plan.terms.version != model::PlanVersion::kFull || plan.terms.nfr) return false;
  const model::Product& to = *Find(world.catalog->products, plan.product_id);
  const model::Product* from = Find(world.catalog->products, licenses[0]->product_id);
  return from != nullptr && !from->family.empty() && from->family == to.family && from->kind == to.kind &&
         from->level != to.level;
}

void MoveTo(const model::ServicePlan& plan, const model::Product& product, int units, License& license,
            model::Date today) {
  license.product_id = product.product_id;
  license.unit = product.unit;
  license.units = units;
  license.expiration_notice_days = plan.terms.expiration_notice_days;
  // If grace has begun, it keeps its end, whatever the new plan says. [ours]
  if (today < license.expiration_date) SetExpiration(license, license.expiration_date, plan.terms.grace_period_days);
}

}  // namespace

absl::StatusOr<SubscriptionResult> ChangeServicePlan(World& world, const ChangeServicePlanCommand& command,
                                                     const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  RETURN_IF_ERROR(ApplyTransition(*subscription, SubscriptionVerb::kChangePlan));
  ASSIGN_OR_RETURN(const model::ServicePlan* plan, FindServicePlan(world, env.caller, command.service_plan_id));
  const model::Customer& customer = *Find(world.customers, command.customer_id);
  const std::string plan_name = ServicePlanName(command.service_plan_id);
  if (plan->partner_id != customer.partner_id) return NotFound(reason::kServicePlanNotFound, plan_name);
  RETURN_IF_ERROR(CheckAssignable(*world.catalog, *plan));
  RETURN_IF_ERROR(CheckModifiable(world, *subscription, env.today));
  RETURN_IF_ERROR(CheckNoEndOfLife(world, *subscription, env.today));
  RETURN_IF_ERROR(CheckUpToDate(world, *subscription));

  const std::vector<License*> licenses = LiveLicenses(world, *subscription, env.today);
  if (!IsAnotherLevel(world, licenses, *plan)) {
    return Precondition(reason::kPlanNotALevel, plan_name,
                        absl::StrCat(plan_name,
                                     " is not a full plan on another level of the same product family: "
                                     "assign it instead"));
  }
  const model::Product& to = *Find(world.catalog->products, plan->product_id);
  RETURN_IF_ERROR(CheckNotHeld(world, command.customer_id, to, env.today));
  License& license = *licenses[0];
  const int units = command.units.value_or(license.units);
  if (units < to.min_units || units > to.max_units) {
    return InvalidFields({{"units", absl::StrCat("must be ", to.min_units, " to ", to.max_units)}});
  }
  MoveTo(*plan, to, units, license, env.today);
  const model::PlanTerms old = subscription->terms;
  subscription->terms = plan->terms;
  subscription->terms.activation_policy = old.activation_policy;
  subscription->service_plan_id = plan->service_plan_id;
  subscription->display_name = plan->display_name;
  subscription->components = plan->components;
  return SubscriptionResult{command.customer_id, command.subscription_id, "", ReviewChanges(world, *subscription)};
}

absl::StatusOr<SubscriptionResult> CancelScheduledChange(World& world, const CancelScheduledChangeCommand& command,
                                                         const Env& env) {
  RETURN_IF_ERROR(FindWritableCustomer(world, env.caller, Verb::kCancelScheduledChange, command.customer_id).status());
  const std::string name = ScheduledChangeName(command.customer_id, command.change_id);
  model::ScheduledChange* change = Find(world.scheduled_changes, command.customer_id, command.change_id);
  if (change == nullptr) return NotFound(reason::kScheduledChangeNotFound, name);
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(change->stamp), name));
  if (change->state != model::ChangeState::kPending) {
    return Precondition(reason::kWrongState, name,
                        absl::StrCat(name, " is ", model::NameOf(change->state), ": it no longer waits"),
                        {{"state", std::string(model::NameOf(change->state))}});
  }
  change->state = model::ChangeState::kCanceled;
  SubscriptionResult result{command.customer_id, change->subscription_id, command.change_id, {}};
  // Other changes may have been planned that depend on this one.
  const Subscription* subscription = Find(world.subscriptions, command.customer_id, change->subscription_id);
  if (subscription != nullptr) result.dropped_change_ids = ReviewChanges(world, *subscription);
  return result;
}

}  // namespace lmp::domain
