// The job LMP exists for: assign a service plan to a customer, crossgrade included.
#ifndef LMP_SERVER_DOMAIN_PLAN_ASSIGNMENT_H_
#define LMP_SERVER_DOMAIN_PLAN_ASSIGNMENT_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/crossgrade.h"
#include "server/domain/env.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct AssignServicePlanCommand {
  std::string customer_id;
  std::string service_plan_id;
  std::map<std::string, int> units;  // by product id
  std::optional<Date> start_date;
  CrossgradeChoice crossgrade;
  std::optional<std::string> align_subscription;  // subscription id of the customer
  std::optional<Date> align_date;
  std::string etag;  // the customer's

  model::Footprint footprint() const {
    return {.service_plans = {service_plan_id}, .customers = {customer_id}};
  }
};

// What became of one duplicate: the licence before, and (through its id) after.
struct DuplicateOutcome {
  std::string product_id;
  std::string license_id;
  std::optional<std::string> from_subscription_id;
  Resolution resolution = Resolution::kUnspecified;
  model::License before;
  bool shortened = false;
};

struct AssignServicePlanResult {
  std::string customer_id;
  std::string subscription_id;
  std::vector<DuplicateOutcome> duplicates;  // in order of product
  std::vector<std::string> replaced_subscriptions;  // ids, in order
};

// Decides and applies. Refusals, in this order: CUSTOMER_NOT_FOUND; SERVICE_PLAN_NOT_FOUND (also another partner's plan);
// ETAG_MISMATCH; the states of partner, customer, plan and products; NFR_SETTINGS_FIXED; INVALID_ARGUMENT with every wrong
// unit, date, alignment and resolution (OUT_OF_RANGE if only dates are wrong); NFR_ALREADY_HELD; TRIAL_AFTER_FULL;
// CROSSGRADE_REQUIRED; CROSSGRADE_NOT_ALLOWED; START_DATE_FORBIDDEN. Pools are settled afterwards (pool.h).
absl::StatusOr<AssignServicePlanResult> AssignServicePlan(model::World& world, const AssignServicePlanCommand& command,
                                                          const Env& env);

// The part of it that needs no units: whether the plan could be assigned to the customer today. OK, CROSSGRADE_REQUIRED,
// or why not.
absl::Status CheckPlanForCustomer(const model::World& world, const model::Customer& customer,
                                  const model::ServicePlan& plan, const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_PLAN_ASSIGNMENT_H_
