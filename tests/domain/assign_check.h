// What is checked after an example: the lines it expects, and what must hold after every assignment.
#ifndef LMP_TESTS_DOMAIN_ASSIGN_CHECK_H_
#define LMP_TESTS_DOMAIN_ASSIGN_CHECK_H_

#include "server/domain/subscription/plan_assignment.h"
#include "tests/domain/assign_case.h"

namespace lmp::domain {

// The lines after "then: OK". Licenses and subscriptions that changed and have no line are a failure too.
void CheckExpectedOutcome(const AssignCase& example, const model::World& after, const AssignServicePlanResult& result);

// The lines after "then: CODE REASON", and that the details name nothing else.
void CheckExpectedRefusal(const AssignCase& example, const absl::Status& status);

// Whatever the example expects: the invariants hold (I1, I2); no license, activation code or unit is lost (I5); each
// product of the plan has exactly one license of the new subscription, with the units asked for; old subscriptions that
// lost licenses are DISABLED or UNBUNDLED by what is left; the result tells the same story; and nothing else changed.
void CheckAlwaysTrue(const AssignCase& example, const model::World& after, const AssignServicePlanResult& result);

// Everything but the pools is as it was.
void CheckUnchanged(const model::World& before, const model::World& after);

}  // namespace lmp::domain

#endif  // LMP_TESTS_DOMAIN_ASSIGN_CHECK_H_
