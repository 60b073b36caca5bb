#include "server/domain/subscription/crossgrade.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/scheduled_changes.h"
#include "server/domain/subscription/terms.h"
#include "server/domain/subscription/transitions.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

bool IsSoftware(const model::License& license) { return license.product_kind == model::ProductKind::kSoftware; }

Duplicate Describe(const model::License& license) {
  Duplicate duplicate{.product_id = license.product_id,
                      .license_name = LicenseName(license.customer_id, license.license_id),
                      .subscription_name = "",
                      .choices = {"TRANSFER"}};
  if (license.subscription_id.has_value()) {
    duplicate.subscription_name = SubscriptionName(license.customer_id, *license.subscription_id);
  }
  if (IsSoftware(license)) duplicate.choices.push_back("NEW_LICENSE");
  return duplicate;
}

}  // namespace

std::vector<FieldViolation> ResolutionViolations(const std::map<std::string, const model::License*>& duplicates,
                                                 const CrossgradeChoice& choice) {
  std::vector<FieldViolation> violations;
  if (choice.mode != CrossgradeMode::kExplicit) {
    if (!choice.resolutions.empty()) {
      violations.push_back({"crossgrade.resolutions", "go with mode EXPLICIT only"});
    }
    return violations;
  }
  for (const auto& [product_id, resolution] : choice.resolutions) {
    const auto it = duplicates.find(product_id);
    const std::string field = absl::StrCat("crossgrade.resolutions[", ProductName(product_id), "]");
    if (it == duplicates.end()) {
      violations.push_back({field, "is not a product that the plan and the customer's licenses hold twice"});
    } else if (resolution == Resolution::kNewLicense && !IsSoftware(*it->second)) {
      violations.push_back({field, "is a service: its license always transfers"});
    }
  }
  return violations;
}

std::map<std::string, const model::License*> FindDuplicates(const Licenses& licenses,
                                                            const std::vector<std::string>& products, Date today) {
  std::map<std::string, const model::License*> duplicates;
  for (const model::License* license : licenses) {
    if (!IsUnended(*license, today)) continue;
    if (std::find(products.begin(), products.end(), license->product_id) == products.end()) continue;
    const auto rank = [today](const model::License& l) {
      return std::make_pair(l.start_date <= today, l.expiration_date);
    };
    const model::License*& best = duplicates[license->product_id];
    if (best == nullptr || rank(*license) > rank(*best)) best = license;
  }
  return duplicates;
}

absl::Status CrossgradeRequired(const model::World& world, const std::string& plan_name,
                                const std::map<std::string, const model::License*>& duplicates) {
  Refusal refusal{.reason = reason::kCrossgradeRequired, .resource = plan_name};
  std::string message = absl::StrCat(plan_name, " and the customer's licenses hold the same product twice:");
  for (const auto& [product_id, license] : duplicates) {
    const model::Product* product = Find(world.catalog->products, product_id);
    absl::StrAppend(&message, refusal.duplicates.empty() ? " " : ", ",
                    product != nullptr ? product->display_name : product_id);
    refusal.duplicates.push_back(Describe(*license));
  }
  return Refuse(absl::StatusCode::kFailedPrecondition, message, refusal);
}

absl::StatusOr<ResolvedDuplicates> ResolveDuplicates(const model::World& world, const std::string& plan_name,
                                                     const std::map<std::string, const model::License*>& duplicates,
                                                     const CrossgradeChoice& choice) {
  RETURN_IF_ERROR(InvalidFields(ResolutionViolations(duplicates, choice)));
  ResolvedDuplicates resolved;
  std::map<std::string, const model::License*> open;
  for (const auto& [product_id, license] : duplicates) {
    const auto given = choice.resolutions.find(product_id);
    Resolution resolution = Resolution::kUnspecified;
    if (choice.mode == CrossgradeMode::kAutomatic) {
      resolution = Resolution::kTransfer;
    } else if (choice.mode == CrossgradeMode::kExplicit) {
      if (given != choice.resolutions.end()) {
        resolution = given->second;
      } else if (!IsSoftware(*license)) {
        resolution = Resolution::kTransfer;
      }
    }
    if (resolution == Resolution::kUnspecified) {
      open[product_id] = license;
    } else {
      resolved[product_id] = {.license_id = license->license_id, .resolution = resolution};
    }
  }
  if (!open.empty()) return CrossgradeRequired(world, plan_name, open);
  return resolved;
}

bool AllowsStartDate(const model::Catalog& catalog, const std::vector<std::string>& products,
                     const ResolvedDuplicates& duplicates) {
  if (duplicates.empty()) return true;
  for (const std::string& id : products) {
    const model::Product* product = Find(catalog.products, id);
    if (product == nullptr || product->kind != model::ProductKind::kSoftware) return false;
  }
  for (const auto& [product_id, duplicate] : duplicates) {
    if (duplicate.resolution != Resolution::kNewLicense) return false;
  }
  return true;
}

void RetireSubscription(model::World& world, const std::string& customer_id, const std::string& subscription_id,
                        const std::string& replaced_by, Date today) {
  model::Subscription* subscription = Find(world.subscriptions, customer_id, subscription_id);
  if (subscription == nullptr) return;
  const std::vector<model::License*> left = LiveLicenses(world, *subscription, today);
  for (model::License* license : left) {
    license->subscription_id.reset();
    license->suspend_date.reset();  // there is no subscription left that could be unsuspended
  }
  // Only a subscription that runs has licenses to move, so the transition exists.
  ApplyTransition(*subscription, SubscriptionVerb::kCrossgrade).IgnoreError();
  if (!left.empty()) subscription->state = model::SubscriptionState::kUnbundled;
  subscription->replaced_by = replaced_by;
  DropChanges(world, *subscription, "a crossgrade replaced the subscription");
}

}  // namespace lmp::domain
