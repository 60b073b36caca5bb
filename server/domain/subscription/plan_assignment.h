// The job that LMP exists for: assigning a service plan to a customer, crossgrade included.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_PLAN_ASSIGNMENT_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_PLAN_ASSIGNMENT_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/license/holdings.h"
#include "server/domain/subscription/alignment.h"
#include "server/domain/subscription/crossgrade.h"
#include "server/domain/subscription/license_grant.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct AssignServicePlanCommand {
  std::string customer_id;
  std::string service_plan_id;
  std::map<std::string, int> units;  // by product id
  std::optional<Date> start_date;
  CrossgradeChoice crossgrade;
  AlignmentChoice align;  // instead of the plan's term
  std::string etag;       // the customer's etag

  model::Footprint footprint() const { return {.service_plans = {service_plan_id}, .customers = {customer_id}}; }
};

using AssignServicePlanResult = CrossgradeResult;

// Assigns the plan. It is refused, in this order, with: CUSTOMER_NOT_FOUND; the partner's state; ETAG_MISMATCH; the
// customer's state; SERVICE_PLAN_NOT_FOUND (also for another partner's plan); the states of plan and products;
// NFR_SETTINGS_FIXED; INVALID_ARGUMENT with every wrong unit, date, alignment and resolution (OUT_OF_RANGE if only
// dates are wrong); NFR_ALREADY_HELD; TRIAL_AFTER_FULL, TRIAL_REPEATED; CROSSGRADE_REQUIRED; CROSSGRADE_NOT_ALLOWED;
// START_DATE_FORBIDDEN. Pools are settled afterwards (pool.h).
absl::StatusOr<AssignServicePlanResult> AssignServicePlan(model::World& world, const AssignServicePlanCommand& command,
                                                          const Env& env);

// Adds what is wrong with the units for a plan: there must be one entry, within the product's range, for each of the
// plan's products.
void CheckUnits(const model::Catalog& catalog, const model::ServicePlan& plan, const std::map<std::string, int>& units,
                std::vector<FieldViolation>& violations);

// The part of the checks that needs no units: whether the plan could be assigned to the customer today. OK; or
// CROSSGRADE_REQUIRED; or the reason why the plan can't be assigned.
absl::Status CheckPlanForCustomer(const model::World& world, const model::Customer& customer, const Holdings& holdings,
                                  const model::ServicePlan& plan, const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_PLAN_ASSIGNMENT_H_
