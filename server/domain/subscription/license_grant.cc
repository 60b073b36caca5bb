#include "server/domain/subscription/license_grant.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/terms.h"

namespace lmp::domain {
namespace {

using model::License;
using model::World;

// True if the license was in use, so that a move to a plan with first sign-in must not stop it. A license that starts
// later was not in use.
bool WasInUse(const License& license, Date today) {
  return license.start_date <= today &&
         (license.activation_policy != model::ActivationPolicy::kOnFirstSignIn || license.activate_time.has_value());
}

// Gives a license the terms of its new subscription. The license keeps its name, activation code and reported use.
void GiveTerms(License& license, const model::Subscription& subscription, int units, const Term& term) {
  license.subscription_id = subscription.subscription_id;
  license.units = units;
  license.start_date = term.start;
  license.anchor_date = term.anchor;
  license.suspend_date.reset();
  SetExpiration(license, term.expiration, subscription.terms.grace_period_days);
  license.expiration_notice_days = subscription.terms.expiration_notice_days;
  license.version = subscription.terms.version;
  license.nfr = subscription.terms.nfr;
  // Software is activated by its code, even if the plan of its suite says otherwise.
  license.activation_policy = license.product_kind == model::ProductKind::kService
                                  ? subscription.terms.activation_policy
                                  : model::ActivationPolicy::kOnAssignment;
}

License NewLicense(const std::string& customer_id, const model::Product& product, const Env& env) {
  License license;
  license.customer_id = customer_id;
  license.license_id = env.ids.NewId(env.now);
  license.product_id = product.product_id;
  license.product_kind = product.kind;
  license.unit = product.unit;
  if (product.kind == model::ProductKind::kSoftware) license.activation_code = env.ids.NewActivationCode();
  return license;
}

// Moves a license, which keeps its identity.
void Transfer(License& license, const model::Subscription& subscription, int units, const LicenseGrant& grant,
              const Env& env) {
  Term term = grant.term;
  if (grant.expiration == CrossgradeExpiration::kKeepLatest && license.expiration_date > term.expiration) {
    term.expiration = license.expiration_date;
    term.anchor = license.anchor_date;
  }
  if (WasInUse(license, env.today) && !license.activate_time.has_value() &&
      subscription.terms.activation_policy == model::ActivationPolicy::kOnFirstSignIn &&
      license.product_kind == model::ProductKind::kService) {
    license.activate_time = env.now;
  }
  GiveTerms(license, subscription, units, term);
}

// The customer's other unended licenses of the same product.
std::vector<std::string> OthersOf(const World& world, const License& license, Date today) {
  std::vector<std::string> others;
  for (const auto& [key, other] : Range(world.licenses, license.customer_id)) {
    if (other.product_id != license.product_id || other.license_id == license.license_id) continue;
    if (IsUnended(other, today)) others.push_back(key.second);
  }
  return others;
}

}  // namespace

absl::Status PaidToNfr(const License& license) {
  return Precondition(
      reason::kCrossgradeNotAllowed, LicenseName(license.customer_id, license.license_id),
      absl::StrCat("the full license of ", ProductName(license.product_id), " can't become one not for resale"));
}

absl::Status CheckTransfers(const World& world, const model::PlanTerms& terms, const std::string& customer_id,
                            const ResolvedDuplicates& duplicates) {
  if (!terms.nfr) return absl::OkStatus();
  for (const auto& [product_id, duplicate] : duplicates) {
    const License& license = *Find(world.licenses, customer_id, duplicate.license_id);
    if (duplicate.resolution != Resolution::kTransfer || license.version == model::PlanVersion::kTrial) continue;
    if (!license.nfr) return PaidToNfr(license);
  }
  return absl::OkStatus();
}

CrossgradeResult GrantLicenses(World& world, const model::Subscription& subscription, const LicenseGrant& grant,
                               const Env& env) {
  const std::string& customer_id = subscription.customer_id;
  CrossgradeResult result{.customer_id = customer_id, .subscription_id = subscription.subscription_id};
  std::set<std::string> left_subscriptions;
  for (const std::string& product_id : grant.products) {
    const int units = grant.units.at(product_id);
    const auto duplicate = grant.duplicates.find(product_id);
    if (duplicate != grant.duplicates.end()) {
      License& license = *Find(world.licenses, customer_id, duplicate->second.license_id);
      DuplicateOutcome outcome{.product_id = product_id,
                               .license_id = license.license_id,
                               .from_subscription_id = license.subscription_id,
                               .resolution = duplicate->second.resolution,
                               .before = license};
      outcome.others = OthersOf(world, license, env.today);
      if (outcome.resolution == Resolution::kTransfer) {
        if (license.subscription_id.has_value()) left_subscriptions.insert(*license.subscription_id);
        Transfer(license, subscription, units, grant, env);
        outcome.shortened = license.expiration_date < outcome.before.expiration_date;
      }
      result.duplicates.push_back(std::move(outcome));
      if (duplicate->second.resolution == Resolution::kTransfer) continue;
    }
    License license = NewLicense(customer_id, *Find(world.catalog->products, product_id), env);
    GiveTerms(license, subscription, units, grant.term);
    world.licenses[KeyOf(license)] = std::move(license);
  }
  for (const std::string& id : left_subscriptions) {
    RetireSubscription(world, customer_id, id, subscription.subscription_id, env.today);
    result.replaced_subscriptions.push_back(id);
  }
  return result;
}

}  // namespace lmp::domain
