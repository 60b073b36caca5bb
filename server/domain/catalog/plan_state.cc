#include "server/domain/catalog/plan_state.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"

namespace lmp::domain {
namespace {

// Of a product and its components, the one that is furthest in its lifecycle.
const model::Product* FurthestInLife(const model::Catalog& catalog, const model::Product& product) {
  const model::Product* furthest = &product;
  for (const std::string& id : product.components) {
    const model::Product* component = Find(catalog.products, id);
    if (component != nullptr && component->lifecycle > furthest->lifecycle) furthest = component;
  }
  return furthest;
}

}  // namespace

absl::string_view NameOf(PlanState state) {
  static constexpr absl::string_view kNames[] = {"STATE_UNSPECIFIED", "AVAILABLE",  "DISABLED", "LOCKED",
                                                 "END_OF_SALE",       "END_OF_LIFE"};
  return kNames[static_cast<size_t>(state)];
}

std::vector<std::string> CompositionOf(const model::Product& product) {
  if (product.kind != model::ProductKind::kSuite) return {product.product_id};
  std::vector<std::string> components = product.components;
  std::sort(components.begin(), components.end());
  return components;
}

PlanState PlanStateOf(const model::Catalog& catalog, const model::ServicePlan& plan) {
  const model::Product* product = Find(catalog.products, plan.product_id);
  if (product == nullptr) return PlanState::kUnspecified;
  switch (FurthestInLife(catalog, *product)->lifecycle) {
    case model::Lifecycle::kEndOfLife:
      return PlanState::kEndOfLife;
    case model::Lifecycle::kEndOfSale:
      return PlanState::kEndOfSale;
    default:
      break;
  }
  if (plan.components != CompositionOf(*product)) return PlanState::kLocked;
  return plan.enabled ? PlanState::kAvailable : PlanState::kDisabled;
}

absl::Status CheckOnSale(const model::Catalog& catalog, const model::Product& product) {
  const model::Product* furthest = FurthestInLife(catalog, product);
  const std::string name = ProductName(furthest->product_id);
  if (furthest->lifecycle == model::Lifecycle::kEndOfLife) {
    return Precondition(reason::kProductEndOfLife, name, absl::StrCat(name, " has reached its end of life"));
  }
  if (furthest->lifecycle == model::Lifecycle::kEndOfSale) {
    return Precondition(reason::kProductEndOfSale, name, absl::StrCat(name, " is no longer sold"));
  }
  return absl::OkStatus();
}

absl::Status CheckNotLocked(const model::Catalog& catalog, const model::ServicePlan& plan) {
  if (PlanStateOf(catalog, plan) != PlanState::kLocked) return absl::OkStatus();
  const std::string name = ServicePlanName(plan.service_plan_id);
  return Precondition(reason::kPlanLocked, name,
                      absl::StrCat(name, " is locked: its suite changed and the change is not approved yet"));
}

absl::Status CheckAssignable(const model::Catalog& catalog, const model::ServicePlan& plan) {
  const std::string name = ServicePlanName(plan.service_plan_id);
  switch (PlanStateOf(catalog, plan)) {
    case PlanState::kAvailable:
      return absl::OkStatus();
    case PlanState::kDisabled:
      return Precondition(reason::kPlanDisabled, name, absl::StrCat(name, " is disabled"));
    case PlanState::kLocked:
      return CheckNotLocked(catalog, plan);
    case PlanState::kEndOfSale:
    case PlanState::kEndOfLife:
      return CheckOnSale(catalog, *Find(catalog.products, plan.product_id));
    case PlanState::kUnspecified:
      break;
  }
  return NotFound(reason::kProductNotFound, ProductName(plan.product_id));
}

}  // namespace lmp::domain
