#include "server/domain/subscription_verbs.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/domain/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/period.h"
#include "server/domain/plan_state.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/transitions.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::License;
using model::Subscription;
using model::World;

std::string NameOf(const Subscription& subscription) {
  return SubscriptionName(subscription.customer_id, subscription.subscription_id);
}

// Trials and NFR have fixed terms; nothing can be changed of what is at its end of life or has ended. [LMP]
absl::Status CheckModifiable(World& world, const Subscription& subscription, Date today) {
  const std::string name = NameOf(subscription);
  if (subscription.terms.version == model::PlanVersion::kTrial) {
    return Precondition(reason::kTrialFixed, name, absl::StrCat(name, " is a trial: assign a full plan instead"));
  }
  if (subscription.terms.nfr) {
    return Precondition(reason::kNfrSettingsFixed, name, absl::StrCat(name, " is not for resale: its terms are fixed"));
  }
  const std::vector<License*> licenses = LiveLicenses(world, subscription, today);
  if (licenses.empty()) {
    return Precondition(reason::kSubscriptionEnded, name, absl::StrCat(name, " has ended: assign a plan anew"));
  }
  for (const License* license : licenses) {
    const model::Product* product = Find(world.catalogue->products, license->product_id);
    if (product != nullptr && product->lifecycle == model::Lifecycle::kEndOfLife) {
      return Precondition(reason::kProductEndOfLife, ProductName(license->product_id),
                          absl::StrCat(ProductName(license->product_id), " has reached its end of life"));
    }
  }
  return absl::OkStatus();
}

// No update while a change of the plan's suite waits to be approved or applied. [LMP]
absl::Status CheckUpToDate(const World& world, const Subscription& subscription) {
  const model::ServicePlan* plan = Find(world.catalogue->service_plans, subscription.service_plan_id);
  if (plan == nullptr) return absl::OkStatus();
  RETURN_IF_ERROR(CheckNotLocked(*world.catalogue, *plan));
  if (plan->components != subscription.components) {
    return Precondition(reason::kPlanUpdatesPending, NameOf(subscription),
                        absl::StrCat(NameOf(subscription), " has plan updates that are not applied yet: apply them first"));
  }
  return absl::OkStatus();
}

// The latest expiration of another subscription to align with.
absl::Status Align(World& world, const std::string& customer_id, const std::optional<std::string>& other, Date today,
                   std::optional<Date>& expiration) {
  if (!other.has_value()) return absl::OkStatus();
  const Subscription* subscription = Find(world.subscriptions, customer_id, *other);
  if (subscription != nullptr) {
    for (const License* license : LiveLicenses(world, *subscription, today)) {
      expiration = std::max(expiration.value_or(license->expiration_date), license->expiration_date);
    }
  }
  if (expiration.has_value()) return absl::OkStatus();
  return InvalidFields({{"align.subscription", "is not a subscription of the customer with licences that have not ended"}});
}

// OUT_OF_RANGE if only dates are wrong, else INVALID_ARGUMENT.
absl::Status RefuseFields(std::vector<FieldViolation> violations) {
  const bool dates = !violations.empty() && std::all_of(violations.begin(), violations.end(), [](const FieldViolation& v) {
    return v.field.ends_with("_date") || v.field == "term_months";  // that it ends on a wrong day
  });
  if (!dates) return InvalidFields(std::move(violations));
  return Refuse(absl::StatusCode::kOutOfRange, absl::StrCat(violations[0].field, " ", violations[0].description),
                {.reason = reason::kDateOutOfRange, .violations = violations});
}

// With auto-renewal there is always a later term; else the subscription runs to the last end of grace.
bool RunsOn(World& world, const Subscription& subscription, Date today, Date day) {
  if (subscription.terms.auto_renewal) return true;
  for (const License* license : LiveLicenses(world, subscription, today)) {
    if (day < license->grace_end_date) return true;
  }
  return false;
}

// Under the names that an update's request has for the fields.
std::vector<FieldViolation> InRequest(std::vector<FieldViolation> violations) {
  for (FieldViolation& violation : violations) {
    if (!absl::StartsWith(violation.field, "units")) violation.field = "subscription." + violation.field;
  }
  return violations;
}

absl::StatusOr<SubscriptionResult> Schedule(World& world, const Subscription& subscription, const TermsChange& terms,
                                            Date day, const Env& env) {
  if (day <= env.today || !RunsOn(world, subscription, env.today, day) || day > AddMonths(env.today, kMaxTermMonths)) {
    return RefuseFields({{"effective_date", "must be a day to come on which the subscription still runs"}});
  }
  RETURN_IF_ERROR(RefuseFields(InRequest(TermsViolations(world, subscription, terms, env.today, day))));
  model::ScheduledChange change;
  change.customer_id = subscription.customer_id;
  change.change_id = env.ids.NewId(env.now);
  change.subscription_id = subscription.subscription_id;
  change.effective_date = day;
  SetTerms(terms, change);
  const std::string id = change.change_id;
  world.scheduled_changes[KeyOf(change)] = std::move(change);
  return SubscriptionResult{subscription.customer_id, subscription.subscription_id, id, {}};
}

}  // namespace

absl::StatusOr<Subscription*> FindWritable(World& world, const SubscriptionCommand& command, const Caller& caller) {
  RETURN_IF_ERROR(FindWritableCustomer(world, caller, command.customer_id).status());
  Subscription* subscription = Find(world.subscriptions, command.customer_id, command.subscription_id);
  const std::string name = SubscriptionName(command.customer_id, command.subscription_id);
  if (subscription == nullptr) return NotFound(reason::kSubscriptionNotFound, name);
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(world, *subscription), name));
  return subscription;
}

std::vector<std::string> ReviewChanges(World& world, const Subscription& subscription, Date today) {
  std::vector<std::string> dropped;
  for (auto& [key, change] : Range(world.scheduled_changes, subscription.customer_id)) {
    if (change.subscription_id != subscription.subscription_id || change.state != model::ChangeState::kPending) continue;
    absl::Status possible =
        InvalidFields(TermsViolations(world, subscription, TermsOf(change), today, change.effective_date));
    if (possible.ok() && !RunsOn(world, subscription, today, change.effective_date)) {
      possible = absl::FailedPreconditionError("the subscription ends before");
    }
    if (possible.ok()) continue;
    change.state = model::ChangeState::kDropped;
    change.outcome = std::string(possible.message().substr(0, 500));
    dropped.push_back(change.change_id);
  }
  return dropped;
}

std::vector<std::string> DropChanges(World& world, const Subscription& subscription, absl::string_view why) {
  std::vector<std::string> dropped;
  for (auto& [key, change] : Range(world.scheduled_changes, subscription.customer_id)) {
    if (change.subscription_id != subscription.subscription_id || change.state != model::ChangeState::kPending) continue;
    change.state = model::ChangeState::kDropped;
    change.outcome = std::string(why);
    dropped.push_back(change.change_id);
  }
  return dropped;
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
  RETURN_IF_ERROR(Transit(*subscription, SubscriptionVerb::kUpdate));
  RETURN_IF_ERROR(CheckModifiable(world, *subscription, env.today));
  RETURN_IF_ERROR(CheckUpToDate(world, *subscription));
  TermsChange change = command.change;
  RETURN_IF_ERROR(Align(world, command.customer_id, command.align_subscription, env.today, change.expiration_date));
  if (change.empty()) return InvalidFields({{"update_mask", "names nothing that changes"}});
  if (command.effective_date.has_value() && *command.effective_date != env.today) {
    return Schedule(world, *subscription, change, *command.effective_date, env);
  }
  RETURN_IF_ERROR(RefuseFields(InRequest(TermsViolations(world, *subscription, change, env.today, env.today))));
  ApplyTerms(world, *subscription, change, env.today);
  return SubscriptionResult{command.customer_id, command.subscription_id, "", ReviewChanges(world, *subscription, env.today)};
}

absl::StatusOr<SubscriptionResult> RenewSubscription(World& world, const RenewSubscriptionCommand& command,
                                                     const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  RETURN_IF_ERROR(Transit(*subscription, SubscriptionVerb::kRenew));
  RETURN_IF_ERROR(CheckEnabled(*Find(world.customers, command.customer_id)));
  RETURN_IF_ERROR(CheckModifiable(world, *subscription, env.today));
  const model::PlanTerms& terms = subscription->terms;
  const int months = command.term_months.value_or(terms.renewal_term_months > 0 ? terms.renewal_term_months
                                                                                : terms.initial_term_months);
  if (months < 1 || months > kMaxTermMonths) {
    return InvalidFields({{"term_months", absl::StrCat("must be 1 to ", kMaxTermMonths)}});
  }
  std::optional<Date> expiration = command.expiration_date;
  RETURN_IF_ERROR(Align(world, command.customer_id, command.align_subscription, env.today, expiration));
  const std::string field = expiration.has_value() ? "align.expiration_date" : "term_months";
  const std::vector<License*> licenses = LiveLicenses(world, *subscription, env.today);
  for (const License* license : licenses) {
    if (license->start_date > env.today) {
      return Precondition(reason::kWrongState, NameOf(*subscription), "the subscription has not started yet",
                          {{"state", "PENDING"}});
    }
    const Date wanted = expiration.value_or(Extended(*license, months));
    if (wanted <= license->expiration_date || wanted <= env.today) {
      return RefuseFields({{field, absl::StrCat("must be after the current expiration (",
                                                      absl::FormatCivilTime(license->expiration_date), ") and today")}});
    }
    if (wanted > AddMonths(std::max(env.today, license->expiration_date), kMaxTermMonths)) {
      return RefuseFields({{field, absl::StrCat("must be at most ", kMaxTermMonths, " months away")}});
    }
  }
  for (License* license : licenses) {
    const Date wanted = expiration.value_or(Extended(*license, months));
    if (expiration.has_value()) license->anchor_date = wanted;
    SetExpiration(*license, wanted, terms.grace_period_days);
  }
  return SubscriptionResult{command.customer_id, command.subscription_id, "", ReviewChanges(world, *subscription, env.today)};
}

absl::StatusOr<SubscriptionResult> SuspendSubscription(World& world, const SuspendSubscriptionCommand& command,
                                                       const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  const std::string name = NameOf(*subscription);
  RETURN_IF_ERROR(Transit(*subscription, SubscriptionVerb::kSuspend));
  const std::vector<License*> licenses = LiveLicenses(world, *subscription, env.today);
  if (licenses.empty()) return Precondition(reason::kSubscriptionEnded, name, absl::StrCat(name, " has ended"));
  if (!subscription->terms.auto_renewal) {
    return Precondition(reason::kAutoRenewalOff, name, absl::StrCat(name, " has auto-renewal off: it can't be suspended"));
  }
  const Date day = command.suspend_date.value_or(env.today);
  for (const License* license : licenses) {
    if (day < std::max(license->start_date, env.today) || day > license->expiration_date) {
      return RefuseFields({{"suspend_date", absl::StrCat("must be from ", absl::FormatCivilTime(std::max(license->start_date, env.today)),
                                                   " to ", absl::FormatCivilTime(license->expiration_date))}});
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
  RETURN_IF_ERROR(Transit(*subscription, SubscriptionVerb::kUnsuspend));
  const std::vector<License*> licenses = LiveLicenses(world, *subscription, env.today);
  if (licenses.empty()) {
    return Precondition(reason::kSubscriptionEnded, name, absl::StrCat(name, "'s grace period is over"));
  }
  for (License* license : licenses) {
    license->suspend_date.reset();
    if (!command.expiration_date.has_value()) continue;
    if (*command.expiration_date < license->expiration_date || *command.expiration_date > license->grace_end_date) {
      return RefuseFields({{"expiration_date", absl::StrCat("must be from ", absl::FormatCivilTime(license->expiration_date), " to ",
                                                      absl::FormatCivilTime(license->grace_end_date))}});
    }
    if (*command.expiration_date != license->expiration_date) license->anchor_date = *command.expiration_date;
    SetExpiration(*license, *command.expiration_date, subscription->terms.grace_period_days);
  }
  subscription->terms.auto_renewal = subscription->renewal_paused;
  subscription->renewal_paused = false;
  return SubscriptionResult{command.customer_id, command.subscription_id, "", {}};
}

absl::StatusOr<SubscriptionResult> CancelSubscription(World& world, const CancelSubscriptionCommand& command,
                                                      const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  RETURN_IF_ERROR(Transit(*subscription, SubscriptionVerb::kCancel));
  SubscriptionResult result{command.customer_id, command.subscription_id, "",
                            DropChanges(world, *subscription, "the subscription was canceled")};
  EndSubscription(world, *subscription, "", env.today);
  return result;
}

absl::StatusOr<SubscriptionResult> ChangeServicePlan(World& world, const ChangeServicePlanCommand& command,
                                                     const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  RETURN_IF_ERROR(Transit(*subscription, SubscriptionVerb::kChangePlan));
  ASSIGN_OR_RETURN(const model::ServicePlan* plan, FindServicePlan(world, env.caller, command.service_plan_id));
  const model::Customer& customer = *Find(world.customers, command.customer_id);
  const std::string plan_name = ServicePlanName(command.service_plan_id);
  if (plan->partner_id != customer.partner_id) return NotFound(reason::kServicePlanNotFound, plan_name);
  RETURN_IF_ERROR(CheckAssignable(*world.catalogue, *plan));
  RETURN_IF_ERROR(CheckModifiable(world, *subscription, env.today));
  RETURN_IF_ERROR(CheckUpToDate(world, *subscription));

  const std::vector<License*> licenses = LiveLicenses(world, *subscription, env.today);
  const model::Product& to = *Find(world.catalogue->products, plan->product_id);
  const model::Product* from = Find(world.catalogue->products, licenses[0]->product_id);
  const bool level = licenses.size() == 1 && from != nullptr && !from->family.empty() && from->family == to.family &&
                     from->kind == to.kind && from->level != to.level && plan->terms.version == model::PlanVersion::kFull &&
                     !plan->terms.nfr;
  if (!level) {
    return Precondition(reason::kPlanNotALevel, plan_name,
                        absl::StrCat(plan_name, " is not a full plan on another level of the same product family: "
                                                "assign it instead"));
  }
  License& license = *licenses[0];
  for (const auto& [key, other] : Range(world.licenses, command.customer_id)) {
    if (other.product_id == to.product_id && IsUnended(other, env.today) && to.kind == model::ProductKind::kService) {
      return Precondition(reason::kCrossgradeNotAllowed, LicenseName(command.customer_id, other.license_id),
                          absl::StrCat("the customer already has ", ProductName(to.product_id), ": assign the plan instead"));
    }
  }
  const int units = command.units.value_or(license.units);
  if (units < to.min_units || units > to.max_units) {
    return InvalidFields({{"units", absl::StrCat("must be ", to.min_units, " to ", to.max_units)}});
  }
  license.product_id = to.product_id;
  license.unit = to.unit;
  license.units = units;
  license.expiration_notice_days = plan->terms.expiration_notice_days;
  SetExpiration(license, license.expiration_date, plan->terms.grace_period_days);
  const model::PlanTerms old = subscription->terms;
  subscription->terms = plan->terms;
  subscription->terms.activation_policy = old.activation_policy;
  subscription->service_plan_id = plan->service_plan_id;
  subscription->display_name = plan->display_name;
  subscription->components = plan->components;
  return SubscriptionResult{command.customer_id, command.subscription_id, "", ReviewChanges(world, *subscription, env.today)};
}

absl::StatusOr<SubscriptionResult> CancelScheduledChange(World& world, const CancelScheduledChangeCommand& command,
                                                         const Env& env) {
  RETURN_IF_ERROR(FindWritableCustomer(world, env.caller, command.customer_id).status());
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
  return SubscriptionResult{command.customer_id, change->subscription_id, command.change_id, {}};
}

}  // namespace lmp::domain
