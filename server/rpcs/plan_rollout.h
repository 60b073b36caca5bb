// BatchApplyPlanUpdates: one page of a plan's subscriptions, each brought up to the plan in a transaction of its own.
#ifndef LMP_SERVER_RPCS_PLAN_ROLLOUT_H_
#define LMP_SERVER_RPCS_PLAN_ROLLOUT_H_

#include "server/rpcs/rpc.h"

namespace lmp::rpcs {

// Answers the call when every subscription of the page is done. If one of them can't be done now (database away,
// overload, deadline), that is the answer: the caller repeats the call, and what was done is found again by its
// request_id, which is made from the caller's and the subscription's name. Each part is an ApplyPlanUpdates as if it
// had been asked for alone.
Rpc PlanRolloutRpc();

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_PLAN_ROLLOUT_H_
