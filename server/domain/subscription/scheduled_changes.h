// Scheduled changes. Each is judged by what the subscription will be on the change's day, after the changes that wait
// for earlier days, the renewals and the ends. So the same judgment holds when a change is made, when the waiting
// changes are reviewed after an immediate change, and when a change takes effect (due.h). [ours]
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_SCHEDULED_CHANGES_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_SCHEDULED_CHANGES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/env.h"
#include "server/domain/subscription/terms.h"
#include "storage/model/world.h"

namespace lmp::domain {

// Makes a change that waits for `day`. Returns its id, or nothing if it would change nothing on that day. Errors:
// OUT_OF_RANGE and INVALID_ARGUMENT; they call the expiration by the name that the request has for it.
absl::StatusOr<std::string> ScheduleChange(model::World& world, const model::Subscription& subscription,
                                           const TermsChange& change, absl::string_view expiration_field, Date day,
                                           const Env& env);

// Keeps the waiting changes that are still possible and drops the others. Returns the ids of those dropped.
std::vector<std::string> ReviewChanges(model::World& world, const model::Subscription& subscription);

// Drops the waiting changes of a subscription, with `why` as the reason. Returns their ids.
std::vector<std::string> DropChanges(model::World& world, const model::Subscription& subscription,
                                     absl::string_view why);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_SCHEDULED_CHANGES_H_
