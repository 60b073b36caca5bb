// Service plans: a partner's offers.
#ifndef LMP_SERVER_DOMAIN_CATALOG_SERVICE_PLAN_H_
#define LMP_SERVER_DOMAIN_CATALOG_SERVICE_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/patch.h"
#include "server/domain/refusal.h"
#include "storage/model/world.h"

namespace lmp::domain {

// The term of a plan that is not for resale (NFR): the server fixes it. [ours]
inline constexpr int kNfrTermMonths = 12;

// Fills in what follows from the given fields: a trial runs 1 month, an NFR plan 12; a renewal adds the initial term,
// at most 12 months.
void CompletePlan(model::ServicePlan& plan);

// What is wrong with the fields that a caller sets, after CompletePlan; the paths are those of lmp.v1.ServicePlan.
std::vector<FieldViolation> ServicePlanViolations(const model::ServicePlan& plan);

struct CreateServicePlanCommand {
  model::ServicePlan plan;  // with its id

  model::Footprint footprint() const {
    return {.partners = {plan.partner_id},
            .products = {plan.product_id},
            .service_plans = {plan.service_plan_id},
            .unique = {{.column = model::kUniquePlanName, .partner_id = plan.partner_id, .value = plan.display_name}}};
  }
};

// Returns the plan's id. Errors: those of lmp.v1.LicensingService.CreateServicePlan.
absl::StatusOr<std::string> CreateServicePlan(model::World& world, const CreateServicePlanCommand& command,
                                              const Env& env);

struct UpdateServicePlanCommand {
  std::string service_plan_id;
  std::string etag;
  Patch<model::ServicePlan> patch;

  model::Footprint footprint() const;
};

// Returns the plan's id. Subscriptions keep the values that they copied from the plan. Errors: those of
// UpdateServicePlan.
absl::StatusOr<std::string> UpdateServicePlan(model::World& world, const UpdateServicePlanCommand& command,
                                              const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_CATALOG_SERVICE_PLAN_H_
