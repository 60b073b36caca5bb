#include "server/domain/subscription/plan_updates.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/license/trial_history.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/scheduled_changes.h"
#include "server/domain/subscription/terms.h"
#include "server/domain/subscription/transitions.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::License;
using model::ServicePlan;
using model::Subscription;
using model::World;

// Returns those of `all` that are not in `some`; both are sorted.
std::vector<std::string> Without(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  std::vector<std::string> rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(rest));
  return rest;
}

// A disabled plan is no obstacle: being disabled only concerns new subscriptions.
absl::Status CheckPlan(const model::Catalog& catalog, const ServicePlan& plan) {
  RETURN_IF_ERROR(CheckOnSale(catalog, *Find(catalog.products, plan.product_id)));
  return CheckNotLocked(catalog, plan);
}

// Checks the units that the caller gave.
absl::Status CheckUnits(const model::Catalog& catalog, const std::vector<std::string>& added,
                        const std::map<std::string, int>& units) {
  std::vector<FieldViolation> violations;
  for (const auto& [id, count] : units) {
    const std::string field = absl::StrCat("units[", ProductName(id), "]");
    if (!std::binary_search(added.begin(), added.end(), id)) {
      violations.push_back({field, "is not a component that is added to this subscription"});
      continue;
    }
    const model::Product& product = *Find(catalog.products, id);
    if (count < product.min_units || count > product.max_units) {
      violations.push_back({field + ".units", absl::StrCat("must be ", product.min_units, " to ", product.max_units)});
    }
  }
  return InvalidFields(std::move(violations));
}

// The units of each added component: those given; or those of the license that moves; or those of the subscription's
// largest license.
std::map<std::string, int> UnitsFor(const World& world, const Subscription& subscription,
                                    const std::vector<std::string>& added, const ResolvedDuplicates& duplicates,
                                    const std::vector<License*>& licenses, const std::map<std::string, int>& given) {
  int largest = 0;
  for (const License* license : licenses) largest = std::max(largest, license->units);
  std::map<std::string, int> units = given;
  for (const std::string& id : added) {
    const model::Product& product = *Find(world.catalog->products, id);
    const auto duplicate = duplicates.find(id);
    int wanted = largest;
    if (subscription.terms.nfr) {
      wanted = product.min_units;
    } else if (duplicate != duplicates.end() && duplicate->second.resolution == Resolution::kTransfer) {
      wanted = Find(world.licenses, subscription.customer_id, duplicate->second.license_id)->units;
    }
    units.try_emplace(id, std::clamp(wanted, product.min_units, product.max_units));
  }
  return units;
}

// The term is from today (or from the start, if the subscription is still to start) to the latest expiration of the
// subscription's licenses.
Term TermFor(const std::vector<License*>& licenses, Date today) {
  const License* last = licenses[0];
  Date start = last->start_date;
  for (const License* license : licenses) {
    if (license->expiration_date > last->expiration_date) last = license;
    start = std::min(start, license->start_date);
  }
  return {.start = std::max(start, today), .expiration = last->expiration_date, .anchor = last->anchor_date};
}

bool AnyTransfer(const ResolvedDuplicates& duplicates) {
  return std::any_of(duplicates.begin(), duplicates.end(),
                     [](const auto& entry) { return entry.second.resolution == Resolution::kTransfer; });
}

// The term of the added licenses. Refuses a subscription that has nothing to take over from its plan, or that can't.
absl::StatusOr<Term> TermOfUpdate(const World& world, const Subscription& subscription, const ServicePlan& plan,
                                  const std::vector<License*>& licenses, Date today) {
  const std::string name = SubscriptionName(subscription.customer_id, subscription.subscription_id);
  if (plan.components == subscription.components && PlanStateOf(*world.catalog, plan) != PlanState::kLocked) {
    return Precondition(reason::kPlanUpToDate, name, absl::StrCat(name, " is up to date with its plan"));
  }
  if (licenses.empty()) {
    return Precondition(reason::kSubscriptionEnded, name, absl::StrCat(name, " has ended: assign a plan anew"));
  }
  const Term term = TermFor(licenses, today);
  if (term.expiration <= today) {
    return Precondition(reason::kWrongState, name, absl::StrCat(name, " is in its grace period: renew it first"),
                        {{"state", "GRACE"}});
  }
  return term;
}

// Takes the licenses of these products out of their subscription. Returns their ids, sorted.
std::vector<std::string> Unbundle(const std::vector<License*>& licenses, const std::vector<std::string>& products) {
  std::vector<std::string> unbundled;
  for (License* license : licenses) {
    if (!std::binary_search(products.begin(), products.end(), license->product_id)) continue;
    license->subscription_id.reset();
    unbundled.push_back(license->license_id);
  }
  std::sort(unbundled.begin(), unbundled.end());
  return unbundled;
}

}  // namespace

absl::StatusOr<ApplyPlanUpdatesResult> ApplyPlanUpdates(World& world, const ApplyPlanUpdatesCommand& command,
                                                        const Env& env) {
  ASSIGN_OR_RETURN(Subscription* const subscription, FindWritable(world, command, env.caller));
  const std::string name = SubscriptionName(command.customer_id, command.subscription_id);
  RETURN_IF_ERROR(ApplyTransition(*subscription, SubscriptionVerb::kApplyPlanUpdates));
  const ServicePlan* plan = Find(world.catalog->service_plans, subscription->service_plan_id);
  if (plan == nullptr) return NotFound(reason::kServicePlanNotFound, ServicePlanName(subscription->service_plan_id));
  const std::vector<License*> licenses = LiveLicenses(world, *subscription, env.today);
  ASSIGN_OR_RETURN(const Term term, TermOfUpdate(world, *subscription, *plan, licenses, env.today));
  RETURN_IF_ERROR(CheckPlan(*world.catalog, *plan));
  if (subscription->terms.nfr && !command.units.empty()) {
    return Precondition(reason::kNfrSettingsFixed, name, absl::StrCat(name, " is not for resale: its units are fixed"));
  }

  const std::vector<std::string> added = Without(plan->components, subscription->components);
  const std::vector<std::string> removed = Without(subscription->components, plan->components);
  const Licenses held = LicensesOf(world, command.customer_id);
  const auto duplicates = FindDuplicates(held, added, env.today);
  RETURN_IF_ERROR(CheckUnits(*world.catalog, added, command.units));
  ASSIGN_OR_RETURN(const ResolvedDuplicates resolved, ResolveDuplicates(world, name, duplicates, command.crossgrade));
  if (subscription->terms.version == model::PlanVersion::kTrial) {
    RETURN_IF_ERROR(CheckTrial(*world.catalog, held, added, env.today));
  }
  RETURN_IF_ERROR(CheckTransfers(world, subscription->terms, command.customer_id, resolved));
  if (term.start > env.today && AnyTransfer(resolved)) {
    return Precondition(reason::kStartDateForbidden, name,
                        absl::StrCat("a crossgrade takes effect today, but ", name, " starts later"));
  }

  ApplyPlanUpdatesResult result;
  result.unbundled_licenses = Unbundle(licenses, removed);
  subscription->components = plan->components;
  subscription->terms.data_center = plan->terms.data_center;
  const LicenseGrant grant{.products = added,
                           .units = UnitsFor(world, *subscription, added, resolved, licenses, command.units),
                           .duplicates = resolved,
                           .expiration = command.crossgrade.expiration,
                           .term = term};
  static_cast<CrossgradeResult&>(result) = GrantLicenses(world, *subscription, grant, env);
  result.dropped_change_ids = ReviewChanges(world, *subscription);
  return result;
}

}  // namespace lmp::domain
