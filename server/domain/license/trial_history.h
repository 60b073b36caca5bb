// Who has had a product gets no trial of it; who has tried it, not again for a year. [ours]
#ifndef LMP_SERVER_DOMAIN_LICENSE_TRIAL_HISTORY_H_
#define LMP_SERVER_DOMAIN_LICENSE_TRIAL_HISTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/domain/env.h"
#include "storage/model/world.h"

namespace lmp::domain {

inline constexpr int kMonthsBetweenTrials = 12;

// OK if the customer may get `products` on trial today. The levels of a family are one thing: whoever was upgraded has
// had both, so it does not matter on which level a license is by now. What was canceled before it began was never had.
// Errors: TRIAL_AFTER_FULL (one of them was had in full, NFR included); TRIAL_REPEATED (on trial, begun within the last
// 12 months or to begin: metadata `available_date` is the first day of the next one).
absl::Status CheckTrial(const model::World& world, const std::string& customer_id,
                        const std::vector<std::string>& products, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_TRIAL_HISTORY_H_
