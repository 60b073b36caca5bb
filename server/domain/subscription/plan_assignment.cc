#include "server/domain/subscription/plan_assignment.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/license/license_status.h"
#include "server/domain/license/trial_history.h"
#include "server/domain/lookup.h"
#include "server/domain/period.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::License;
using model::ServicePlan;
using model::World;
using Duplicates = std::map<std::string, const License*>;

// Checks the rule about what the customer has of a plan's products that is not for resale.
absl::Status CheckNfr(const Licenses& licenses, const ServicePlan& plan, Date today) {
  for (const License* license : licenses) {
    const auto& components = plan.components;
    if (std::find(components.begin(), components.end(), license->product_id) == components.end()) continue;
    if (!IsUnended(*license, today)) continue;
    if (license->nfr) {
      const std::string product = ProductName(license->product_id);
      return Precondition(reason::kNfrAlreadyHeld, product,
                          absl::StrCat("the customer already has an NFR license of ", product));
    }
    if (license->version == model::PlanVersion::kFull && license->product_kind == model::ProductKind::kService) {
      return PaidToNfr(*license);  // the assignment would have to transfer this license
    }
  }
  return absl::OkStatus();
}

// Checks the rules about what the customer has, or had, of the plan's products.
absl::Status CheckHistory(const model::Catalog& catalog, const Licenses& licenses, const ServicePlan& plan,
                          Date today) {
  if (plan.terms.nfr) RETURN_IF_ERROR(CheckNfr(licenses, plan, today));
  if (plan.terms.version != model::PlanVersion::kTrial) return absl::OkStatus();
  return CheckTrial(catalog, licenses, plan.components, today);
}

// Decides start and end of the term. Faults go into `fields` (malformed values) and `ranges` (values out of range).
Term DecideTerm(const World& world, const AssignServicePlanCommand& command, const ServicePlan& plan, Date today,
                std::vector<FieldViolation>& fields, std::vector<FieldViolation>& ranges) {
  const Date start = command.start_date.value_or(today);
  Term term{.start = start, .expiration = AddMonths(start, plan.terms.initial_term_months), .anchor = start};
  if (start < today - kMaxStartDaysBack || start > today + kMaxStartDaysAhead) {
    ranges.push_back({"start_date", absl::StrCat("must be from ", absl::FormatCivilTime(today - kMaxStartDaysBack),
                                                 " to ", absl::FormatCivilTime(today + kMaxStartDaysAhead))});
    return term;
  }
  const bool aligned = command.align.given();
  const char* field = command.align.field();
  if (aligned && plan.terms.version == model::PlanVersion::kTrial) {
    fields.push_back({field, "can't be set: the term of a trial is fixed"});
  } else if (aligned) {
    const absl::StatusOr<End> end = EndOf(world, command.customer_id, command.align, today);
    if (end.ok()) {
      term.expiration = end->expiration;
      term.anchor = end->anchor.value_or(end->expiration);
    } else {
      for (FieldViolation& violation : RefusalOf(end.status()).violations) fields.push_back(std::move(violation));
    }
  }
  if (term.expiration <= std::max(start, today)) {
    ranges.push_back({aligned ? field : "start_date", absl::StrCat("makes a term that is over: it would end on ",
                                                                   absl::FormatCivilTime(term.expiration))});
  } else if (term.expiration >
             std::max(AddMonths(start, kMaxTermMonths), AddMonthsFrom(term.anchor, start, kMaxTermMonths))) {
    ranges.push_back({field, absl::StrCat("makes a term of more than ", kMaxTermMonths, " months")});
  }
  return term;
}

// For an NFR plan the caller may set nothing.
absl::Status CheckNfrSettings(const AssignServicePlanCommand& command, const ServicePlan& plan) {
  if (!plan.terms.nfr) return absl::OkStatus();
  if (command.units.empty() && !command.start_date && !command.align.given()) {
    return absl::OkStatus();
  }
  const std::string name = ServicePlanName(plan.service_plan_id);
  return Precondition(reason::kNfrSettingsFixed, name,
                      absl::StrCat(name, " is not for resale: its units, start date and term are fixed"));
}

model::Subscription NewSubscription(const std::string& customer_id, const ServicePlan& plan, Date start,
                                    const Env& env) {
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

// Makes the subscription and gives it its licenses; everything was decided before.
AssignServicePlanResult Apply(World& world, const AssignServicePlanCommand& command, const ServicePlan& plan,
                              const ResolvedDuplicates& duplicates, const Term& term, const Env& env) {
  const model::Subscription subscription = NewSubscription(command.customer_id, plan, term.start, env);
  world.subscriptions[KeyOf(subscription)] = subscription;
  LicenseGrant grant{.products = plan.components,
                     .units = command.units,
                     .duplicates = duplicates,
                     .expiration = command.crossgrade.expiration,
                     .term = term};
  if (plan.terms.nfr) {
    for (const std::string& id : plan.components) grant.units[id] = Find(world.catalog->products, id)->min_units;
  }
  return GrantLicenses(world, subscription, grant, env);
}

// Finds a plan that could be assigned to the customer: it must be one of the customer's own partner.
absl::StatusOr<const ServicePlan*> FindPlanOf(const World& world, const Caller& caller, const model::Customer& customer,
                                              const std::string& id) {
  ASSIGN_OR_RETURN(const ServicePlan* plan, FindServicePlan(world, caller, id));
  if (plan->partner_id != customer.partner_id) return NotFound(reason::kServicePlanNotFound, ServicePlanName(id));
  return plan;
}

}  // namespace

void CheckUnits(const model::Catalog& catalog, const ServicePlan& plan, const std::map<std::string, int>& units,
                std::vector<FieldViolation>& violations) {
  for (const std::string& id : plan.components) {
    const model::Product& product = *Find(catalog.products, id);
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

absl::StatusOr<AssignServicePlanResult> AssignServicePlan(World& world, const AssignServicePlanCommand& command,
                                                          const Env& env) {
  ASSIGN_OR_RETURN(const model::Customer* customer,
                   FindReadCustomer(world, env.caller, Verb::kAssignServicePlan, command.customer_id, command.etag));
  ASSIGN_OR_RETURN(const ServicePlan* plan, FindPlanOf(world, env.caller, *customer, command.service_plan_id));
  RETURN_IF_ERROR(CheckAssignable(*world.catalog, *plan));
  RETURN_IF_ERROR(CheckNfrSettings(command, *plan));

  std::vector<FieldViolation> fields, ranges;
  if (!plan->terms.nfr) CheckUnits(*world.catalog, *plan, command.units, fields);
  const Term term = DecideTerm(world, command, *plan, env.today, fields, ranges);
  const Licenses held = LicensesOf(world, command.customer_id);
  const Duplicates duplicates = FindDuplicates(held, plan->components, env.today);
  const auto resolutions = ResolutionViolations(duplicates, command.crossgrade);
  fields.insert(fields.end(), resolutions.begin(), resolutions.end());
  if (fields.empty() && !ranges.empty()) {
    return Refuse(absl::StatusCode::kOutOfRange, absl::StrCat(ranges[0].field, " ", ranges[0].description),
                  {.reason = reason::kDateOutOfRange, .violations = ranges});
  }
  fields.insert(fields.end(), ranges.begin(), ranges.end());
  RETURN_IF_ERROR(InvalidFields(std::move(fields)));

  RETURN_IF_ERROR(CheckHistory(*world.catalog, held, *plan, env.today));
  ASSIGN_OR_RETURN(const ResolvedDuplicates resolved,
                   ResolveDuplicates(world, ServicePlanName(plan->service_plan_id), duplicates, command.crossgrade));
  RETURN_IF_ERROR(CheckTransfers(world, plan->terms, command.customer_id, resolved));
  if (term.start != env.today && !AllowsStartDate(*world.catalog, plan->components, resolved)) {
    return Precondition(reason::kStartDateForbidden, ServicePlanName(plan->service_plan_id),
                        "a crossgrade takes effect today: leave the start date out");
  }
  return Apply(world, command, *plan, resolved, term, env);
}

absl::Status CheckPlanForCustomer(const World& world, const model::Customer& customer, const Holdings& holdings,
                                  const ServicePlan& plan, const Env& env) {
  const model::Partner* partner = Find(world.catalog->partners, customer.partner_id);
  if (partner != nullptr) RETURN_IF_ERROR(CheckStanding(Verb::kAssignServicePlan, *partner));
  RETURN_IF_ERROR(CheckStanding(Verb::kAssignServicePlan, customer));
  RETURN_IF_ERROR(CheckAssignable(*world.catalog, plan));
  const Licenses held = holdings.Of(plan.components);
  RETURN_IF_ERROR(CheckHistory(*world.catalog, held, plan, env.today));
  const Duplicates duplicates = FindDuplicates(held, plan.components, env.today);
  if (duplicates.empty()) return absl::OkStatus();
  return CrossgradeRequired(world, ServicePlanName(plan.service_plan_id), duplicates);
}

}  // namespace lmp::domain
