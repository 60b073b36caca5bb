// BatchApplyPlanUpdates applies the plan's updates to one page of the plan's subscriptions, each in a transaction of
// its own.
#ifndef LMP_SERVER_RPCS_PLAN_ROLLOUT_H_
#define LMP_SERVER_RPCS_PLAN_ROLLOUT_H_

#include "server/rpcs/rpc.h"

namespace lmp::rpcs {

// Answers the call when every subscription of the page is done. If a subscription can't be done now (the database is
// away, overload, deadline), the call is answered with that error, and the caller repeats it. What was done is then
// found by its request_id, which is made from the caller's request_id and the subscription's name. Each part is done as
// if it were an ApplyPlanUpdates of its own.
Rpc PlanRolloutRpc();

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_PLAN_ROLLOUT_H_
