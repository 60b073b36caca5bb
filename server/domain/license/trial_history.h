// A customer that has had a product gets no trial of it; a customer that has tried it can try it again only after a
// year. [ours]
#ifndef LMP_SERVER_DOMAIN_LICENSE_TRIAL_HISTORY_H_
#define LMP_SERVER_DOMAIN_LICENSE_TRIAL_HISTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/domain/env.h"
#include "server/domain/license/holdings.h"
#include "storage/model/world.h"

namespace lmp::domain {

inline constexpr int kMonthsBetweenTrials = 12;

// OK if a customer with these licenses, or with these among them that are of the products and their families, may get
// `products` on trial today. The levels of a product family count as one thing: a customer
// that was upgraded has had both levels, so the level on which a license is by now does not matter. A license that was
// canceled before its start was never had. Errors: TRIAL_AFTER_FULL (the customer had one of the products in full, NFR
// included); TRIAL_REPEATED (the customer had one on trial that began within the last 12 months or is still to begin;
// metadata `available_date` is the first day on which the next trial may begin).
absl::Status CheckTrial(const model::Catalog& catalog, const Licenses& licenses,
                        const std::vector<std::string>& products, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_TRIAL_HISTORY_H_
