// Gives a subscription its licenses: moves those that a crossgrade transfers, makes the others, and retires the
// subscriptions left behind. What assigning a plan and applying plan updates have in common.
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

// First day and end of the term of the licenses.
struct Term {
  Date start;
  Date expiration;
  Date anchor;  // the start, or an expiration that is no whole number of months from it
};

struct LicenseGrant {
  std::vector<std::string> products;
  std::map<std::string, int> units;  // by product id, for each of them
  ResolvedDuplicates duplicates;
  CrossgradeExpiration expiration = CrossgradeExpiration::kUnspecified;
  Term term;
};

// What became of one duplicate: the license before, and (through its id) after.
struct DuplicateOutcome {
  std::string product_id;
  std::string license_id;
  std::optional<std::string> from_subscription_id;
  Resolution resolution = Resolution::kUnspecified;
  model::License before;
  bool shortened = false;
  std::vector<std::string> others;  // ids of other unended licenses of the product: none of them moves; in order
};

// What a crossgrade did beside the new subscription. The base of the results of the verbs that crossgrade.
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

// The subscription is in the world. Everything was checked.
CrossgradeResult GrantLicenses(model::World& world, const model::Subscription& subscription, const LicenseGrant& grant,
                               const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_LICENSE_GRANT_H_
