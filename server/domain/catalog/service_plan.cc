#include "server/domain/catalog/service_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/lookup.h"
#include "server/domain/period.h"
#include "server/domain/reasons.h"
#include "server/domain/unique.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::PlanTerms;
using model::ProductKind;

constexpr int kMaxDefaultRenewalMonths = 12;

absl::Status TakeName(model::World& world, const model::ServicePlan& plan, const std::string& released) {
  return TakeUnique(world, {model::kUniquePlanName, plan.partner_id, plan.display_name}, released, plan.service_plan_id,
                    reason::kPlanNameTaken, "servicePlans");
}

// Checks that the product allows what the plan asks for.
absl::Status CheckAgainstProduct(const model::Product& product, const model::ServicePlan& plan) {
  const std::string name = ProductName(product.product_id);
  if (plan.terms.nfr && !product.nfr_allowed) {
    return Precondition(reason::kNfrNotAllowed, name, absl::StrCat(name, " allows no NFR plans"));
  }
  FieldChecks checks;
  if (product.kind == ProductKind::kSoftware) {
    checks.Require(plan.terms.activation_policy != model::ActivationPolicy::kOnFirstSignIn,
                   "service_plan.activation_policy", "can be ON_FIRST_SIGN_IN for services only");
    checks.Require(plan.terms.data_center.empty(), "service_plan.data_center", "is for services only");
  }
  return InvalidFields(checks.Take());
}

}  // namespace

void CompletePlan(model::ServicePlan& plan) {
  PlanTerms& terms = plan.terms;
  if (terms.version == model::PlanVersion::kTrial && terms.initial_term_months == 0) terms.initial_term_months = 1;
  if (terms.nfr && terms.initial_term_months == 0) terms.initial_term_months = kNfrTermMonths;
  if (terms.auto_renewal && terms.renewal_term_months == 0) {
    terms.renewal_term_months = std::min(terms.initial_term_months, kMaxDefaultRenewalMonths);
  }
}

std::vector<FieldViolation> ServicePlanViolations(const model::ServicePlan& plan) {
  FieldChecks checks;
  const PlanTerms& terms = plan.terms;
  const bool trial = terms.version == model::PlanVersion::kTrial;
  checks.Require(!plan.partner_id.empty(), "partner", "is required");
  checks.Text("display_name", plan.display_name, 1, 150);
  checks.Require(!plan.product_id.empty(), "product", "is required");
  if (trial) {
    checks.Require(terms.initial_term_months == 1, "initial_term_months", "must be 1 for a TRIAL");
    checks.Require(!terms.auto_renewal, "auto_renewal", "can't be set for a TRIAL");
    checks.Require(!terms.nfr, "nfr", "is for FULL plans only");
  } else {
    checks.Range("initial_term_months", terms.initial_term_months, 1, kMaxTermMonths);
  }
  if (terms.nfr) {
    checks.Require(terms.initial_term_months == kNfrTermMonths, "initial_term_months",
                   absl::StrCat("is fixed at ", kNfrTermMonths, " for an NFR plan"));
    checks.Require(!terms.auto_renewal, "auto_renewal", "can't be set for an NFR plan");
  }
  if (terms.auto_renewal) {
    checks.Range("renewal_term_months", terms.renewal_term_months, 1, kMaxTermMonths);
  } else {
    checks.Require(terms.renewal_term_months == 0, "renewal_term_months", "goes with auto_renewal only");
  }
  checks.Range("grace_period_days", terms.grace_period_days, 0, 90);
  checks.Range("expiration_notice_days", terms.expiration_notice_days, 0, 365);
  checks.Text("data_center", terms.data_center, 0, 16);
  return checks.Take();
}

absl::StatusOr<std::string> CreateServicePlan(model::World& world, const CreateServicePlanCommand& command,
                                              const Env& env) {
  model::ServicePlan plan = command.plan;
  CompletePlan(plan);
  RETURN_IF_ERROR(InvalidFields(ServicePlanViolations(plan), "service_plan."));
  RETURN_IF_ERROR(FindWritablePartner(world, env.caller, Verb::kCreateServicePlan, plan.partner_id).status());
  ASSIGN_OR_RETURN(const model::Product* product, FindProduct(world, plan.product_id));
  RETURN_IF_ERROR(CheckOnSale(*world.catalog, *product));
  RETURN_IF_ERROR(CheckAgainstProduct(*product, plan));
  if (Find(world.catalog->service_plans, plan.service_plan_id) != nullptr) {
    const std::string name = ServicePlanName(plan.service_plan_id);
    return AlreadyExists(reason::kServicePlanExists, name, absl::StrCat(name, " can't be had: choose another id"));
  }
  RETURN_IF_ERROR(TakeName(world, plan, ""));
  plan.components = CompositionOf(*product);
  world.MutableCatalog().service_plans[{plan.service_plan_id, ""}] = plan;
  return plan.service_plan_id;
}

model::Footprint UpdateServicePlanCommand::footprint() const {
  model::Footprint footprint{.changes_catalog = true, .service_plans = {service_plan_id}};
  if (patch.columns.contains("display_name")) {
    footprint.unique.push_back(
        {.column = model::kUniquePlanName, .row_id = service_plan_id, .value = patch.values.display_name});
  }
  return footprint;
}

absl::StatusOr<std::string> UpdateServicePlan(model::World& world, const UpdateServicePlanCommand& command,
                                              const Env& env) {
  ASSIGN_OR_RETURN(const model::ServicePlan* plan, FindServicePlan(world, env.caller, command.service_plan_id));
  const std::string name = ServicePlanName(command.service_plan_id);
  if (!MayChange(env.caller, plan->partner_id)) return NotFound(reason::kServicePlanNotFound, name);
  RETURN_IF_ERROR(FindWritablePartner(world, env.caller, Verb::kUpdateServicePlan, plan->partner_id).status());
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(plan->stamp), name));
  FieldChecks fixed;
  const model::ServicePlan& values = command.patch.values;
  fixed.Require(values.partner_id.empty() || values.partner_id == plan->partner_id, "service_plan.partner",
                "can't be changed");
  fixed.Require(values.product_id.empty() || values.product_id == plan->product_id, "service_plan.product",
                "can't be changed");
  RETURN_IF_ERROR(InvalidFields(fixed.Take()));
  model::ServicePlan updated = *plan;
  ApplyPatch(command.patch, updated);
  if (!updated.terms.auto_renewal && !command.patch.columns.contains("renewal_term_months")) {
    updated.terms.renewal_term_months = 0;  // this term belongs to auto_renewal, which was just turned off
  }
  CompletePlan(updated);
  if (updated == *plan) return command.service_plan_id;
  const absl::Status assignable = CheckAssignable(*world.catalog, *plan);
  if (!assignable.ok() && RefusalOf(assignable).reason != reason::kPlanDisabled) return assignable;
  if (plan->terms.nfr && !(updated.terms == plan->terms)) {
    return Precondition(reason::kNfrSettingsFixed, name,
                        absl::StrCat(name, " is not for resale: only its name can change"));
  }
  RETURN_IF_ERROR(InvalidFields(Brought(*plan, updated, ServicePlanViolations), "service_plan."));
  RETURN_IF_ERROR(CheckAgainstProduct(*Find(world.catalog->products, plan->product_id), updated));
  if (updated.display_name != plan->display_name) RETURN_IF_ERROR(TakeName(world, updated, plan->display_name));
  world.MutableCatalog().service_plans[{command.service_plan_id, ""}] = std::move(updated);
  return command.service_plan_id;
}

}  // namespace lmp::domain
