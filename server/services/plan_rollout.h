// BatchApplyPlanUpdates: one page of a plan's subscriptions, each brought up to the plan in a transaction of its own.
#ifndef LMP_SERVER_SERVICES_PLAN_ROLLOUT_H_
#define LMP_SERVER_SERVICES_PLAN_ROLLOUT_H_

#include "lmp/v1/licensing_service.pb.h"
#include "server/services/call.h"
#include "server/services/rpc_service.h"

namespace lmp::server {

// The event of one subscription, whether it was asked for alone or with the others of its plan.
inline constexpr char kPlanUpdatesApplied[] = "PLAN_UPDATES_APPLIED";

// Answers the call when every subscription of the page is done. If one of them can't be done now (database away, overload,
// deadline), that is the answer: the caller repeats the call, and what was done is found again by its request_id, which is
// made from the caller's and the subscription's name.
void StartPlanRollout(const Engines& engines, Call* call, const v1::BatchApplyPlanUpdatesRequest& request);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_PLAN_ROLLOUT_H_
