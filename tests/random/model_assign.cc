// Assigning a plan, and what else gives licenses: crossgrade, plan updates, registration keys.
#include <algorithm>

#include "tests/random/model_requests.h"

namespace lmp::random_test {
namespace {

constexpr int kMaxTerm = 66;

using Units = std::map<std::string, int>;
using Resolutions = std::map<std::string, std::string>;  // product → TRANSFER or NEW_LICENSE

Units UnitsOf(const google::protobuf::RepeatedPtrField<v1::LicenseUnits>& list) {
  Units units;
  for (const v1::LicenseUnits& entry : list) units[IdsOf(entry.product()).first] = entry.units();
  return units;
}

// Of each of the products the license that has not ended and that would move: one in use before one that is still to
// start, then the one that ends latest; of equals the first by name.
std::map<std::string, Key> Duplicates(const World& world, const std::string& customer, const Names& products,
                                      const std::string& except_subscription = "-") {
  std::map<std::string, Key> found;
  for (const auto& [key, license] : world.licenses) {
    if (key.first != customer || license.subscription == except_subscription || Ended(world, license, world.today()) ||
        std::find(products.begin(), products.end(), license.product) == products.end()) {
      continue;
    }
    const auto [best, first] = found.insert({license.product, key});
    const License& other = world.licenses.at(best->second);
    const bool starts = license.start > world.today(), other_starts = other.start > world.today();
    if (!first && (starts == other_starts ? license.expiration > other.expiration : other_starts)) best->second = key;
  }
  return found;
}

// What becomes of each duplicate. Services always transfer; for software the caller chooses, each or all.
Resolutions Resolve(const World& world, const std::map<std::string, Key>& duplicates, const v1::Crossgrade& crossgrade,
                    Verdict& verdict) {
  const bool explicit_mode = crossgrade.mode() == v1::Crossgrade::EXPLICIT;
  verdict.RefuseIf(!explicit_mode && crossgrade.resolutions_size() > 0, "INVALID_FIELDS");
  Resolutions chosen;
  for (const v1::Crossgrade::Resolution& resolution : crossgrade.resolutions()) {
    const std::string product = IdsOf(resolution.product()).first;
    verdict.RefuseIf(explicit_mode && !duplicates.contains(product), "INVALID_FIELDS");
    const bool fresh = resolution.choice() == v1::Crossgrade::Resolution::NEW_LICENSE;
    verdict.RefuseIf(explicit_mode && fresh && duplicates.contains(product) && IsService(world, product),
                     "INVALID_FIELDS");
    chosen[product] = fresh ? "NEW_LICENSE" : "TRANSFER";
  }
  Resolutions resolved;
  for (const auto& [product, license] : duplicates) {
    if (crossgrade.mode() == v1::Crossgrade::AUTOMATIC || (explicit_mode && IsService(world, product))) {
      resolved[product] = "TRANSFER";
    } else if (explicit_mode && chosen.contains(product)) {
      resolved[product] = chosen[product];
    } else {
      verdict.Refuse("CROSSGRADE_REQUIRED");
    }
  }
  return resolved;
}

struct Grant {
  std::string customer, subscription;
  Names products;
  Units units;
  std::map<std::string, Key> duplicates;
  Resolutions resolutions;
  Date start, expiration;
  int day = 1;
  bool keep_latest = false;
};

// Gives a subscription its licenses, and retires the ones that lost theirs.
void GiveLicenses(World& world, const Grant& grant) {
  const Terms terms = world.subscriptions.at({grant.customer, grant.subscription}).terms;
  std::set<std::string> old;
  for (const std::string& product : grant.products) {
    const auto resolution = grant.resolutions.find(product);
    const bool moves = resolution != grant.resolutions.end() && resolution->second == "TRANSFER";
    const Key key = moves ? grant.duplicates.at(product) : Key{grant.customer, world.NewId()};
    License& license = world.licenses[key];
    const License before = license;
    license.product = product;
    license.units = grant.units.at(product);
    license.start = grant.start;
    license.expiration = grant.expiration;
    license.day = grant.day;
    if (moves && grant.keep_latest && before.expiration > grant.expiration) {
      license.expiration = before.expiration;
      license.day = before.day;
    }
    license.grace_end = license.expiration + terms.grace_days;
    license.notice_days = terms.notice_days;
    license.trial = terms.trial;
    license.nfr = terms.nfr;
    license.first_sign_in = terms.first_sign_in && IsService(world, product);
    license.suspended.reset();
    license.subscription = grant.subscription;
    // What was in use stays in use.
    if (moves && license.first_sign_in && !before.first_sign_in && before.start <= world.today())
      license.activated = true;
    if (moves && !before.subscription.empty()) old.insert(before.subscription);
  }
  for (const std::string& id : old) {
    const Key key{grant.customer, id};
    const std::vector<Key> left = LiveLicenses(world, key, world.today());
    world.subscriptions.at(key).state = left.empty() ? "DISABLED" : "UNBUNDLED";
    world.subscriptions.at(key).replaced_by = grant.subscription;
    for (const Key& license : left) {
      world.licenses.at(license).subscription.clear();
      world.licenses.at(license).suspended.reset();
    }
    DropChanges(world, key, Drop::kAll);
  }
}

void CheckUnits(const World& world, const Plan& plan, const Units& units, Verdict& verdict) {
  for (const std::string& product : plan.components) {
    const auto given = units.find(product);
    const Product& row = world.products.at(product);
    verdict.RefuseIf(given == units.end() || given->second < row.min_units || given->second > row.max_units,
                     "INVALID_FIELDS");
  }
  for (const auto& [product, count] : units) {
    verdict.RefuseIf(std::find(plan.components.begin(), plan.components.end(), product) == plan.components.end(),
                     "INVALID_FIELDS");
  }
}

// A product counts on whatever level it is now: those of a family are one.
bool SameProduct(const World& world, const std::string& a, const std::string& b) {
  const Product &one = world.products.at(a), &other = world.products.at(b);
  return a == b || (!one.family.empty() && one.family == other.family && one.kind == other.kind);
}

// No trial of what the customer has had in full, or on trial within the last 12 months. What was canceled before it
// began it never had.
void CheckTrial(const World& world, const std::string& customer, const Names& products, Verdict& verdict) {
  for (const auto& [key, license] : world.licenses) {
    if (key.first != customer || (license.canceled.has_value() && *license.canceled < license.start)) continue;
    for (const std::string& product : products) {
      if (!SameProduct(world, product, license.product)) continue;
      verdict.RefuseIf(!license.trial, "TRIAL_AFTER_FULL");
      verdict.RefuseIf(license.trial && MonthsLater(license.start, 12) > world.today(), "TRIAL_REPEATED");
    }
  }
}

// Not a second license that is not for resale, and nothing paid for becomes free.
void CheckHistory(const World& world, const std::string& customer, const Plan& plan, const Grant& grant,
                  Verdict& verdict) {
  for (const auto& [key, license] : world.licenses) {
    if (key.first != customer ||
        std::find(plan.components.begin(), plan.components.end(), license.product) == plan.components.end()) {
      continue;
    }
    if (!plan.terms.nfr || Ended(world, license, world.today())) continue;
    verdict.RefuseIf(license.nfr, "NFR_ALREADY_HELD");
    const auto resolution = grant.resolutions.find(license.product);
    const bool moves = resolution != grant.resolutions.end() && resolution->second == "TRANSFER" &&
                       grant.duplicates.at(license.product) == key;
    verdict.RefuseIf(!license.nfr && !license.trial && (moves || IsService(world, license.product)),
                     "CROSSGRADE_NOT_ALLOWED");
  }
}

// The end of the term: the plan's, or the one that the caller aligns with.
void DecideTerm(const World& world, const v1::AssignServicePlanRequest& request, const Plan& plan, Grant& grant,
                Verdict& verdict) {
  const Date today = world.today();
  grant.start = request.has_start_date() ? DateOf(request.start_date()) : today;
  verdict.RefuseIf(grant.start < today - 31 || grant.start > today + 366, "DATE_OUT_OF_RANGE");
  grant.expiration = MonthsLater(grant.start, plan.terms.initial_months);
  grant.day = static_cast<int>(grant.start.day());
  if (request.has_align()) {
    std::optional<int> day;  // of the subscription that it ends with
    verdict.RefuseIf(plan.terms.trial, "INVALID_FIELDS");
    if (request.align().has_expiration_date()) {
      grant.expiration = DateOf(request.align().expiration_date());
    } else {
      const Key other = IdsOf(request.align().subscription());
      std::vector<Key> licenses;
      if (other.first == grant.customer) licenses = LiveLicenses(world, other, today);
      verdict.RefuseIf(licenses.empty(), "INVALID_FIELDS");
      grant.expiration = licenses.empty() ? grant.expiration : Date::min();
      for (const Key& key : licenses) {
        const License& license = world.licenses.at(key);
        const Date shown = Shown(world, license, license.expiration);
        if (shown <= grant.expiration) continue;
        grant.expiration = shown;
        day = shown == license.expiration ? license.day : static_cast<int>(shown.day());
      }
    }
    grant.day = day.value_or(static_cast<int>(grant.expiration.day()));
  }
  verdict.RefuseIf(grant.expiration <= std::max(grant.start, today), "DATE_OUT_OF_RANGE");
  verdict.RefuseIf(grant.expiration > LimitOf(grant.start, kMaxTerm, grant.day), "DATE_OUT_OF_RANGE");
}

}  // namespace

void Predict(const v1::AssignServicePlanRequest& request, World& world, Verdict& verdict) {
  Grant grant{.customer = IdsOf(request.parent()).first, .units = UnitsOf(request.units())};
  if (!CheckCustomer(world, grant.customer, verdict)) return;
  const Customer& customer = world.customers.at(grant.customer);
  const std::string plan_id = IdsOf(request.service_plan()).first;
  CheckPlan(world, plan_id, customer.partner, verdict);
  if (!world.plans.contains(plan_id)) return;
  const Plan& plan = world.plans.at(plan_id);
  if (plan.terms.nfr) {
    verdict.RefuseIf(!grant.units.empty() || request.has_start_date() || request.has_align(), "NFR_SETTINGS_FIXED");
    for (const std::string& product : plan.components) grant.units[product] = world.products.at(product).min_units;
  } else {
    CheckUnits(world, plan, grant.units, verdict);
  }
  DecideTerm(world, request, plan, grant, verdict);
  grant.products = plan.components;
  grant.duplicates = Duplicates(world, grant.customer, plan.components);
  grant.resolutions = Resolve(world, grant.duplicates, request.crossgrade(), verdict);
  grant.keep_latest = request.crossgrade().expiration() == v1::Crossgrade::KEEP_LATEST;
  CheckHistory(world, grant.customer, plan, grant, verdict);
  if (plan.terms.trial) CheckTrial(world, grant.customer, plan.components, verdict);
  bool software_and_new = true;
  for (const std::string& product : plan.components) {
    const auto resolution = grant.resolutions.find(product);
    if (IsService(world, product) || (resolution != grant.resolutions.end() && resolution->second == "TRANSFER")) {
      software_and_new = false;
    }
  }
  verdict.RefuseIf(!grant.duplicates.empty() && !software_and_new && grant.start != world.today(),
                   "START_DATE_FORBIDDEN");
  if (!verdict.accepted()) return;
  grant.subscription = world.NewId();
  world.subscriptions[{grant.customer, grant.subscription}] = {
      .plan = plan_id, .terms = plan.terms, .start = grant.start, .components = plan.components};
  GiveLicenses(world, grant);
}

void Predict(const v1::ApplyPlanUpdatesRequest& request, World& world, Verdict& verdict) {
  const Key key = IdsOf(request.name());
  if (!CheckCustomer(world, key.first, verdict)) return;
  if (!world.subscriptions.contains(key)) return verdict.Refuse("SUBSCRIPTION_NOT_FOUND");
  Subscription& subscription = world.subscriptions.at(key);
  const Plan& plan = world.plans.at(subscription.plan);
  const Date today = world.today();
  const std::vector<Key> licenses = LiveLicenses(world, key, today);
  verdict.RefuseIf(subscription.state != "ACTIVE", "WRONG_STATE");
  verdict.RefuseIf(licenses.empty(), "SUBSCRIPTION_ENDED");
  verdict.RefuseIf(plan.components == subscription.components, "PLAN_UP_TO_DATE");
  Verdict of_plan;
  CheckPlan(world, subscription.plan, plan.partner, of_plan);
  for (const char* reason : {"PRODUCT_END_OF_SALE", "PRODUCT_END_OF_LIFE", "PLAN_LOCKED"}) {
    verdict.RefuseIf(!of_plan.accepted() && of_plan.Allows(reason), reason);
  }
  Grant grant{.customer = key.first, .subscription = key.second, .units = UnitsOf(request.units())};
  grant.start = std::max(today, subscription.start);
  int largest = 0;
  for (const Key& license : licenses) {
    const License& row = world.licenses.at(license);
    largest = std::max(largest, row.units);
    if (row.expiration >= grant.expiration || license == licenses[0])
      grant.expiration = row.expiration, grant.day = row.day;
  }
  verdict.RefuseIf(!licenses.empty() && grant.expiration <= today, "WRONG_STATE");  // in grace: renew first
  std::vector<Key> removed;
  for (const Key& license : licenses) {
    const Names& kept = plan.components;
    if (std::find(kept.begin(), kept.end(), world.licenses.at(license).product) == kept.end())
      removed.push_back(license);
  }
  for (const std::string& product : plan.components) {
    const Names& had = subscription.components;
    if (std::find(had.begin(), had.end(), product) == had.end()) grant.products.push_back(product);
  }
  for (const auto& [product, units] : grant.units) {
    const auto added = std::find(grant.products.begin(), grant.products.end(), product);
    verdict.RefuseIf(added == grant.products.end(), "INVALID_FIELDS");
    if (added == grant.products.end()) continue;
    const Product& row = world.products.at(product);
    verdict.RefuseIf(units < row.min_units || units > row.max_units, "INVALID_FIELDS");
  }
  verdict.RefuseIf(plan.terms.nfr && !grant.units.empty(), "NFR_SETTINGS_FIXED");
  grant.duplicates = Duplicates(world, key.first, grant.products, key.second);
  grant.resolutions = Resolve(world, grant.duplicates, request.crossgrade(), verdict);
  grant.keep_latest = request.crossgrade().expiration() == v1::Crossgrade::KEEP_LATEST;
  verdict.RefuseIf(!grant.duplicates.empty() && grant.start != today, "START_DATE_FORBIDDEN");
  for (const auto& [product, resolution] : grant.resolutions) {
    const License& license = world.licenses.at(grant.duplicates.at(product));
    verdict.RefuseIf(resolution == "TRANSFER" && subscription.terms.nfr && !license.nfr && !license.trial,
                     "CROSSGRADE_NOT_ALLOWED");
  }
  if (subscription.terms.trial) CheckTrial(world, key.first, grant.products, verdict);
  if (!verdict.accepted()) return;
  for (const std::string& product : grant.products) {
    const Product& row = world.products.at(product);
    const auto resolution = grant.resolutions.find(product);
    if (grant.units.contains(product)) continue;
    if (subscription.terms.nfr) {
      grant.units[product] = row.min_units;
    } else if (resolution != grant.resolutions.end() && resolution->second == "TRANSFER") {
      grant.units[product] = world.licenses.at(grant.duplicates.at(product)).units;
    } else {
      grant.units[product] = std::clamp(largest, row.min_units, row.max_units);
    }
  }
  subscription.components = plan.components;
  for (const Key& license : removed) world.licenses.at(license).subscription.clear();
  GiveLicenses(world, grant);
  DropChanges(world, key, Drop::kImpossible);
}

}  // namespace lmp::random_test
