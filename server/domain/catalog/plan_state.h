// What a service plan can be used for.
#ifndef LMP_SERVER_DOMAIN_CATALOG_PLAN_STATE_H_
#define LMP_SERVER_DOMAIN_CATALOG_PLAN_STATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "storage/model/world.h"

namespace lmp::domain {

// Same values as lmp.v1.ServicePlan.State.
enum class PlanState { kUnspecified, kAvailable, kDisabled, kLocked, kEndOfSale, kEndOfLife };
absl::string_view NameOf(PlanState state);

// The products that a plan for `product` gives licenses for: the product itself, or the suite's components. Sorted.
std::vector<std::string> CompositionOf(const model::Product& product);

// The state of the plan. If several apply, the strongest is returned; strongest first: END_OF_LIFE, END_OF_SALE (of the
// product or a component), LOCKED (the suite's composition is not the approved one), DISABLED, AVAILABLE.
PlanState PlanStateOf(const model::Catalog& catalog, const model::ServicePlan& plan);

// OK if the plan can be assigned. Errors: PRODUCT_END_OF_LIFE, PRODUCT_END_OF_SALE, PLAN_LOCKED, PLAN_DISABLED.
absl::Status CheckAssignable(const model::Catalog& catalog, const model::ServicePlan& plan);

// OK unless the plan's suite changed and the partner has not approved the change: PLAN_LOCKED.
absl::Status CheckNotLocked(const model::Catalog& catalog, const model::ServicePlan& plan);

// OK if the product and its components are on sale.
absl::Status CheckOnSale(const model::Catalog& catalog, const model::Product& product);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_CATALOG_PLAN_STATE_H_
