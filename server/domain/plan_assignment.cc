#include "server/domain/plan_assignment.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/period.h"
#include "server/domain/plan_state.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::License;
using model::ServicePlan;
using model::World;
using Duplicates = std::map<std::string, const License*>;

// First day and end of the term of the licences to be made.
struct Term {
  Date start;
  Date expiration;
  Date anchor;  // the start, or an expiration that is no whole number of months from it
};

absl::Status CheckCustomerEnabled(const model::Customer& customer) {
  if (customer.state == model::CustomerState::kEnabled) return absl::OkStatus();
  const std::string name = CustomerName(customer.customer_id);
  return Precondition(reason::kCustomerDisabled, name, absl::StrCat(name, " is disabled"));
}

// A licence that was paid for can't become one that is not for resale [ours].
absl::Status PaidToNfr(const License& license) {
  return Precondition(reason::kCrossgradeNotAllowed, LicenseName(license.customer_id, license.license_id),
                      absl::StrCat("the full licence of ", ProductName(license.product_id), " can't become one not for resale"));
}

// Rules about what the customer has or had of the plan's products.
absl::Status CheckHistory(const World& world, const std::string& customer_id, const ServicePlan& plan, Date today) {
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (std::find(plan.components.begin(), plan.components.end(), license.product_id) == plan.components.end()) continue;
    const std::string product = ProductName(license.product_id);
    if (plan.terms.nfr && license.nfr && IsUnended(license, today)) {
      return Precondition(reason::kNfrAlreadyHeld, product,
                          absl::StrCat("the customer already has an NFR licence of ", product));
    }
    if (plan.terms.nfr && IsUnended(license, today) && license.version == model::PlanVersion::kFull &&
        license.product_kind == model::ProductKind::kService) {
      return PaidToNfr(license);  // it would have to transfer
    }
    if (plan.terms.version == model::PlanVersion::kTrial && license.version == model::PlanVersion::kFull) {
      return Precondition(reason::kTrialAfterFull, product,
                          absl::StrCat("the customer has had the full version of ", product, ": no trial after that"));
    }
  }
  return absl::OkStatus();
}

// Units: exactly one entry, within the product's range, for each product of the plan.
void CheckUnits(const model::Catalogue& catalogue, const ServicePlan& plan, const std::map<std::string, int>& units,
                std::vector<FieldViolation>& violations) {
  for (const std::string& id : plan.components) {
    const model::Product& product = *Find(catalogue.products, id);
    const auto given = units.find(id);
    if (given == units.end()) {
      violations.push_back({absl::StrCat("units[", ProductName(id), "]"), "is missing"});
    } else if (given->second < product.min_units || given->second > product.max_units) {
      violations.push_back({absl::StrCat("units[", ProductName(id), "].units"),
                            absl::StrCat("must be ", product.min_units, " to ", product.max_units)});
    }
  }
  for (const auto& [id, count] : units) {
    if (std::find(plan.components.begin(), plan.components.end(), id) == plan.components.end()) {
      violations.push_back({absl::StrCat("units[", ProductName(id), "]"),
                            absl::StrCat("is not a product of ", ServicePlanName(plan.service_plan_id))});
    }
  }
}

// The latest expiration of a subscription's unended licences; none if it has none.
std::optional<Date> ExpirationOf(const World& world, const std::string& customer_id, const std::string& subscription_id,
                                 Date today) {
  std::optional<Date> latest;
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (license.subscription_id != subscription_id || !IsUnended(license, today)) continue;
    if (!latest.has_value() || license.expiration_date > *latest) latest = license.expiration_date;
  }
  return latest;
}

// Start and end of the term; what is wrong with them goes into `fields` (malformed) and `ranges` (out of range).
Term DecideTerm(const World& world, const AssignServicePlanCommand& command, const ServicePlan& plan, Date today,
                std::vector<FieldViolation>& fields, std::vector<FieldViolation>& ranges) {
  const Date start = command.start_date.value_or(today);
  Term term{.start = start, .expiration = AddMonths(start, plan.terms.initial_term_months), .anchor = start};
  if (start < today - kMaxStartDaysBack || start > today + kMaxStartDaysAhead) {
    ranges.push_back({"start_date", absl::StrCat("must be from ", absl::FormatCivilTime(today - kMaxStartDaysBack), " to ",
                                                 absl::FormatCivilTime(today + kMaxStartDaysAhead))});
    return term;
  }
  const bool aligned = command.align_subscription.has_value() || command.align_date.has_value();
  const char* field = command.align_date.has_value() ? "align.expiration_date" : "align.subscription";
  if (aligned && plan.terms.version == model::PlanVersion::kTrial) {
    fields.push_back({field, "can't be set: the term of a trial is fixed"});
  } else if (command.align_date.has_value()) {
    term.expiration = *command.align_date;
  } else if (command.align_subscription.has_value()) {
    const auto other = ExpirationOf(world, command.customer_id, *command.align_subscription, today);
    if (other.has_value()) {
      term.expiration = *other;
    } else {
      fields.push_back({field, "is not a subscription of the customer with licences that have not ended"});
    }
  }
  if (aligned) term.anchor = term.expiration;
  if (term.expiration <= std::max(start, today)) {
    ranges.push_back({aligned ? field : "start_date",
                      absl::StrCat("makes a term that is over: it would end on ", absl::FormatCivilTime(term.expiration))});
  } else if (term.expiration > AddMonths(start, kMaxTermMonths)) {
    ranges.push_back({field, absl::StrCat("makes a term of more than ", kMaxTermMonths, " months")});
  }
  return term;
}

// An NFR plan takes nothing from the caller.
absl::Status CheckNfrSettings(const AssignServicePlanCommand& command, const ServicePlan& plan) {
  if (!plan.terms.nfr) return absl::OkStatus();
  if (command.units.empty() && !command.start_date && !command.align_subscription && !command.align_date) {
    return absl::OkStatus();
  }
  const std::string name = ServicePlanName(plan.service_plan_id);
  return Precondition(reason::kNfrSettingsFixed, name,
                      absl::StrCat(name, " is not for resale: its units, start date and term are fixed"));
}

// The same for software that the caller chose to transfer.
absl::Status CheckTransfers(const World& world, const ServicePlan& plan, const std::string& customer_id,
                            const ResolvedDuplicates& duplicates) {
  if (!plan.terms.nfr) return absl::OkStatus();
  for (const auto& [product_id, duplicate] : duplicates) {
    const License& license = *Find(world.licenses, customer_id, duplicate.license_id);
    if (duplicate.resolution != Resolution::kTransfer || license.version == model::PlanVersion::kTrial) continue;
    return PaidToNfr(license);
  }
  return absl::OkStatus();
}

// Was it in use, so that a move to a first-sign-in plan must not stop it? One that starts later was not.
bool WasInUse(const License& license, Date today) {
  return license.start_date <= today && (license.activation_policy != model::ActivationPolicy::kOnFirstSignIn ||
                                         license.activate_time.has_value());
}

// Gives a licence the terms of the new subscription. The licence keeps its name, activation code and reported use.
void ApplyTerms(License& license, const model::Subscription& subscription, int units, const Term& term) {
  license.subscription_id = subscription.subscription_id;
  license.units = units;
  license.start_date = term.start;
  license.anchor_date = term.anchor;
  license.suspend_date.reset();
  license.expiration_date = term.expiration;
  license.grace_end_date = term.expiration + subscription.terms.grace_period_days;
  license.expiration_notice_days = subscription.terms.expiration_notice_days;
  license.version = subscription.terms.version;
  license.nfr = subscription.terms.nfr;
  // Software is activated with its code, whatever the plan of its suite says.
  license.activation_policy = license.product_kind == model::ProductKind::kService
                                  ? subscription.terms.activation_policy
                                  : model::ActivationPolicy::kOnAssignment;
}

License NewLicense(const std::string& customer_id, const model::Product& product, const Env& env) {
  License license;
  license.customer_id = customer_id;
  license.license_id = env.ids.NewId(env.now);
  license.product_id = product.product_id;
  license.product_kind = product.kind;
  license.unit = product.unit;
  if (product.kind == model::ProductKind::kSoftware) license.activation_code = env.ids.NewActivationCode();
  return license;
}

model::Subscription NewSubscription(const std::string& customer_id, const ServicePlan& plan, Date start, const Env& env) {
  model::Subscription subscription;
  subscription.customer_id = customer_id;
  subscription.subscription_id = env.ids.NewId(env.now);
  subscription.service_plan_id = plan.service_plan_id;
  subscription.display_name = plan.display_name;
  subscription.terms = plan.terms;
  subscription.start_date = start;
  subscription.components = plan.components;
  return subscription;
}

// Everything is decided: makes the subscription, moves and makes the licences, retires what was left behind.
AssignServicePlanResult Apply(World& world, const AssignServicePlanCommand& command, const ServicePlan& plan,
                              const ResolvedDuplicates& duplicates, const Term& term, const Env& env) {
  const model::Subscription subscription = NewSubscription(command.customer_id, plan, term.start, env);
  AssignServicePlanResult result{.customer_id = command.customer_id, .subscription_id = subscription.subscription_id};
  world.subscriptions[KeyOf(subscription)] = subscription;

  std::set<std::string> left_subscriptions;
  for (const std::string& product_id : plan.components) {
    const model::Product& product = *Find(world.catalogue->products, product_id);
    const int units = plan.terms.nfr ? product.min_units : command.units.at(product_id);
    const auto duplicate = duplicates.find(product_id);
    if (duplicate != duplicates.end()) {
      License& license = *Find(world.licenses, command.customer_id, duplicate->second.license_id);
      DuplicateOutcome outcome{.product_id = product_id,
                               .license_id = license.license_id,
                               .from_subscription_id = license.subscription_id,
                               .resolution = duplicate->second.resolution,
                               .before = license};
      if (outcome.resolution == Resolution::kTransfer) {
        if (license.subscription_id.has_value()) left_subscriptions.insert(*license.subscription_id);
        Term own = term;
        if (command.crossgrade.expiration == CrossgradeExpiration::kKeepLatest &&
            license.expiration_date > own.expiration) {
          own.expiration = license.expiration_date;
          own.anchor = license.anchor_date;
        }
        if (WasInUse(license, env.today) && !license.activate_time.has_value() &&
            plan.terms.activation_policy == model::ActivationPolicy::kOnFirstSignIn &&
            product.kind == model::ProductKind::kService) {
          license.activate_time = env.now;
        }
        ApplyTerms(license, subscription, units, own);
        outcome.shortened = license.expiration_date < outcome.before.expiration_date;
      }
      result.duplicates.push_back(std::move(outcome));
      if (duplicate->second.resolution == Resolution::kTransfer) continue;
    }
    License license = NewLicense(command.customer_id, product, env);
    ApplyTerms(license, subscription, units, term);
    world.licenses[KeyOf(license)] = std::move(license);
  }
  for (const std::string& id : left_subscriptions) {
    RetireSubscription(world, command.customer_id, id, subscription.subscription_id, env.today);
    result.replaced_subscriptions.push_back(id);
  }
  return result;
}

// A plan the customer can be given at all: one of the customer's own partner.
absl::StatusOr<const ServicePlan*> FindPlanOf(const World& world, const Caller& caller, const model::Customer& customer,
                                              const std::string& id) {
  ASSIGN_OR_RETURN(const ServicePlan* plan, FindServicePlan(world, caller, id));
  if (plan->partner_id != customer.partner_id) return NotFound(reason::kServicePlanNotFound, ServicePlanName(id));
  return plan;
}

}  // namespace

absl::StatusOr<AssignServicePlanResult> AssignServicePlan(World& world, const AssignServicePlanCommand& command,
                                                          const Env& env) {
  ASSIGN_OR_RETURN(const model::Customer* customer, FindWritableCustomer(world, env.caller, command.customer_id));
  ASSIGN_OR_RETURN(const ServicePlan* plan, FindPlanOf(world, env.caller, *customer, command.service_plan_id));
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(customer->stamp), CustomerName(customer->customer_id)));
  RETURN_IF_ERROR(CheckCustomerEnabled(*customer));
  RETURN_IF_ERROR(CheckAssignable(*world.catalogue, *plan));
  RETURN_IF_ERROR(CheckNfrSettings(command, *plan));

  std::vector<FieldViolation> fields, ranges;
  if (!plan->terms.nfr) CheckUnits(*world.catalogue, *plan, command.units, fields);
  const Term term = DecideTerm(world, command, *plan, env.today, fields, ranges);
  const Duplicates duplicates = FindDuplicates(world, command.customer_id, plan->components, env.today);
  const auto resolutions = ResolutionViolations(duplicates, command.crossgrade);
  fields.insert(fields.end(), resolutions.begin(), resolutions.end());
  if (fields.empty() && !ranges.empty()) {
    return Refuse(absl::StatusCode::kOutOfRange, absl::StrCat(ranges[0].field, " ", ranges[0].description),
                  {.reason = reason::kDateOutOfRange, .violations = ranges});
  }
  fields.insert(fields.end(), ranges.begin(), ranges.end());
  RETURN_IF_ERROR(InvalidFields(std::move(fields)));

  RETURN_IF_ERROR(CheckHistory(world, command.customer_id, *plan, env.today));
  ASSIGN_OR_RETURN(const ResolvedDuplicates resolved,
                   ResolveDuplicates(world, ServicePlanName(plan->service_plan_id), duplicates, command.crossgrade));
  RETURN_IF_ERROR(CheckTransfers(world, *plan, command.customer_id, resolved));
  if (term.start != env.today && !AllowsStartDate(*world.catalogue, plan->components, resolved)) {
    return Precondition(reason::kStartDateForbidden, ServicePlanName(plan->service_plan_id),
                        "a crossgrade takes effect today: leave the start date out");
  }
  return Apply(world, command, *plan, resolved, term, env);
}

absl::Status CheckPlanForCustomer(const World& world, const model::Customer& customer, const ServicePlan& plan,
                                  const Env& env) {
  RETURN_IF_ERROR(CheckCustomerEnabled(customer));
  RETURN_IF_ERROR(CheckAssignable(*world.catalogue, plan));
  RETURN_IF_ERROR(CheckHistory(world, customer.customer_id, plan, env.today));
  const Duplicates duplicates = FindDuplicates(world, customer.customer_id, plan.components, env.today);
  if (duplicates.empty()) return absl::OkStatus();
  return CrossgradeRequired(world, ServicePlanName(plan.service_plan_id), duplicates);
}

}  // namespace lmp::domain
