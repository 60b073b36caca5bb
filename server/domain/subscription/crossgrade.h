// Crossgrade: what happens when a plan and the customer's licenses hold the same product twice. [LMP] unless marked.
//
// A duplicate is a product of the plan for which the customer has a license that has not ended. Licenses of services
// always transfer; for software the caller chooses between TRANSFER and NEW_LICENSE. If a customer has several licenses
// of one software, TRANSFER moves one of them: the one that ends latest among those that have started; if none has
// started, the one that ends latest among those still to start. The others stay where they are, and the answer names
// them [ours].
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_CROSSGRADE_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_CROSSGRADE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/license/holdings.h"
#include "server/domain/refusal.h"
#include "storage/model/world.h"

namespace lmp::domain {

// Same values and numbers as lmp.v1.Crossgrade.
enum class CrossgradeMode { kUnspecified, kReject, kAutomatic, kExplicit };
enum class CrossgradeExpiration { kUnspecified, kPlanTerm, kKeepLatest };
enum class Resolution { kUnspecified, kTransfer, kNewLicense };

struct CrossgradeChoice {
  CrossgradeMode mode = CrossgradeMode::kUnspecified;
  std::map<std::string, Resolution> resolutions;  // by product id; only with EXPLICIT
  CrossgradeExpiration expiration = CrossgradeExpiration::kUnspecified;
};

// A product held twice: the license that a transfer would move, and what was chosen for it.
struct ResolvedDuplicate {
  std::string license_id;
  Resolution resolution = Resolution::kUnspecified;
};
using ResolvedDuplicates = std::map<std::string, ResolvedDuplicate>;  // by product id

// For each of `products` that is a duplicate: which of a customer's unended licenses a transfer would move. A license
// that has started is preferred to one that has not, then the one that ends latest (of equals, the first by name).
std::map<std::string, const model::License*> FindDuplicates(const Licenses& licenses,
                                                            const std::vector<std::string>& products, Date today);

// The CROSSGRADE_REQUIRED refusal; it names these duplicates and the choices for each.
absl::Status CrossgradeRequired(const model::World& world, const std::string& plan_name,
                                const std::map<std::string, const model::License*>& duplicates);

// What is wrong with the resolutions that were given; a missing one is no violation here.
std::vector<FieldViolation> ResolutionViolations(const std::map<std::string, const model::License*>& duplicates,
                                                 const CrossgradeChoice& choice);

// Applies the caller's choice to the duplicates. Errors: CROSSGRADE_REQUIRED (a duplicate has no resolution);
// INVALID_ARGUMENT (a resolution for a product that is no duplicate, NEW_LICENSE for a service, resolutions without
// EXPLICIT).
absl::StatusOr<ResolvedDuplicates> ResolveDuplicates(const model::World& world, const std::string& plan_name,
                                                     const std::map<std::string, const model::License*>& duplicates,
                                                     const CrossgradeChoice& choice);

// True if every product is software and every duplicate gets a new license: only then may the caller choose the start.
bool AllowsStartDate(const model::Catalog& catalog, const std::vector<std::string>& products,
                     const ResolvedDuplicates& duplicates);

// Called after licenses moved away from `subscription_id`. The subscription becomes DISABLED if no unended license is
// left in it; otherwise it becomes UNBUNDLED, and its remaining licenses run on without a subscription to their own
// expiration. `replaced_by` is the new subscription.
void RetireSubscription(model::World& world, const std::string& customer_id, const std::string& subscription_id,
                        const std::string& replaced_by, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_CROSSGRADE_H_
