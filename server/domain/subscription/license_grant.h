// Gives a subscription its licenses: moves those that a crossgrade transfers, makes the others, and retires the
// subscriptions that the moved licenses left. Assigning a plan and applying plan updates share this.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_LICENSE_GRANT_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_LICENSE_GRANT_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/domain/env.h"
#include "server/domain/subscription/crossgrade.h"
#include "storage/model/world.h"

namespace lmp::domain {

// The licenses' first day and the end of their term.
struct Term {
  Date start;
  Date expiration;
  Date anchor;  // the start, or an expiration that is not a whole number of months after the start
};

struct LicenseGrant {
  std::vector<std::string> products;
  std::map<std::string, int> units;  // by product id; one entry for each product
  ResolvedDuplicates duplicates;
  CrossgradeExpiration expiration = CrossgradeExpiration::kUnspecified;
  Term term;
};

// What became of one duplicate: the license as it was before; its id leads to what it is after.
struct DuplicateOutcome {
  std::string product_id;
  std::string license_id;
  std::optional<std::string> from_subscription_id;
  Resolution resolution = Resolution::kUnspecified;
  model::License before;
  bool shortened = false;
  // Ids of the customer's other unended licenses of the product, none of which moves; in order.
  std::vector<std::string> others;
};

// What a crossgrade did besides the new subscription. The results of the verbs that crossgrade derive from it.
struct CrossgradeResult {
  std::string customer_id;
  std::string subscription_id;
  std::vector<DuplicateOutcome> duplicates;         // in order of product
  std::vector<std::string> replaced_subscriptions;  // ids, in order
};

// OK unless a license that was paid for would become one that is not for resale: CROSSGRADE_NOT_ALLOWED.
absl::Status CheckTransfers(const model::World& world, const model::PlanTerms& terms, const std::string& customer_id,
                            const ResolvedDuplicates& duplicates);
absl::Status PaidToNfr(const model::License& license);

// The subscription must be in the world, and everything must have been checked before.
CrossgradeResult GrantLicenses(model::World& world, const model::Subscription& subscription, const LicenseGrant& grant,
                               const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_LICENSE_GRANT_H_
