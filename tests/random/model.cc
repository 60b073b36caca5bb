#include "tests/random/model.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace lmp::random_test {

Date MonthsLater(Date date, int months, int day) {
  const absl::CivilMonth month = absl::CivilMonth(date) + months;
  const Date last = Date(month + 1) - 1;
  return std::min(Date(month) + (day - 1), last);
}

Date DateOf(const google::type::Date& date) { return Date(date.year(), date.month(), date.day()); }

std::string Text(Date date) { return absl::FormatCivilTime(date); }

std::pair<std::string, std::string> IdsOf(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  return {parts.size() > 1 ? parts[1] : "", parts.size() > 3 ? parts[3] : ""};
}

std::string Verdict::Text() const {
  std::string text = reasons_.empty() ? "OK" : absl::StrJoin(reasons_, " or ");
  if (!perhaps_.empty()) absl::StrAppend(&text, ", perhaps ", absl::StrJoin(perhaps_, " or "));
  return text;
}

std::string IdOf(int step, int n) { return absl::StrFormat("s%06d%c", step, 'a' + n); }

std::string World::NewId() { return IdOf(step, made++); }

bool IsService(const World& world, const std::string& product) { return world.products.at(product).kind == "SERVICE"; }

bool Ended(const World& world, const License& license, Date day) {
  const std::optional<Date>& life = world.products.at(license.product).end_of_life;
  return license.closed || day >= license.grace_end || (life.has_value() && day >= *life);
}

std::string StateOf(const World& world, const Key& key, Date day) {
  const License& license = world.licenses.at(key);
  const Customer& customer = world.customers.at(key.first);
  const std::optional<Date>& life = world.products.at(license.product).end_of_life;
  const Date end = std::min(license.grace_end, life.value_or(license.grace_end));
  if (!customer.enabled || customer.deleted || world.partners.at(customer.partner).state == "CANCELED")
    return "DISABLED";
  // On the day it was canceled its product's life may end: then its last day was the one before.
  if (license.canceled.has_value() && *license.canceled < end) return "DISABLED";
  if (day >= end) return "EXPIRED";
  if (license.suspended && day >= *license.suspended) return "SUSPENDED";
  if (day < license.start) return "PENDING";
  if (license.first_sign_in && !license.activated) return "NOT_ACTIVATED";
  const Date expiration = Shown(world, license, license.expiration);
  if (day >= expiration) return "GRACE";
  if (RenewalDay(world, key, license).has_value()) return "ACTIVE";
  const int notice = std::min(license.notice_days, static_cast<int>(expiration - license.start) / 2);
  return day >= expiration - notice ? "EXPIRING_SOON" : "ACTIVE";
}

Date Shown(const World& world, const License& license, Date date) {
  return std::min(date, world.products.at(license.product).end_of_life.value_or(date));
}

std::optional<Date> RenewalDay(const World& world, const Key& key, const License& license) {
  if (license.closed || license.subscription.empty()) return std::nullopt;
  const Subscription& subscription = world.subscriptions.at({key.first, license.subscription});
  if (subscription.state != "ACTIVE" || !subscription.terms.auto_renewal) return std::nullopt;
  // What a disabled customer has keeps its expiration; what a canceled partner had ends.
  const Customer& customer = world.customers.at(key.first);
  if (!customer.enabled || customer.deleted || world.partners.at(customer.partner).state == "CANCELED")
    return std::nullopt;
  const std::optional<Date>& life = world.products.at(license.product).end_of_life;
  if (life.has_value() && license.expiration >= *life) return std::nullopt;
  return license.expiration;
}

std::string StateOfSubscription(const World& world, const Key& key, Date day) {
  const std::string& stored = world.subscriptions.at(key).state;
  if (stored != "ACTIVE" && stored != "SUSPENDED") return stored;
  const bool canceled = world.partners.at(world.customers.at(key.first).partner).state == "CANCELED";
  return canceled || LiveLicenses(world, key, day).empty() ? "ENDED" : stored;
}

std::vector<Key> LiveLicenses(const World& world, const Key& subscription, Date day) {
  std::vector<std::pair<std::string, Key>> by_product;
  for (const auto& [key, license] : world.licenses) {
    if (key.first == subscription.first && license.subscription == subscription.second && !Ended(world, license, day)) {
      by_product.emplace_back(license.product, key);
    }
  }
  std::sort(by_product.begin(), by_product.end());
  std::vector<Key> keys;
  for (const auto& [product, key] : by_product) keys.push_back(key);
  return keys;
}

Names CompositionOf(const World& world, const std::string& product) {
  const Product& row = world.products.at(product);
  return row.kind == "SUITE" ? row.components : Names{product};
}

void CheckPlan(const World& world, const std::string& plan, const std::string& partner, Verdict& verdict) {
  const auto found = world.plans.find(plan);
  if (found == world.plans.end() || found->second.deleted || found->second.partner != partner) {
    return verdict.Refuse("SERVICE_PLAN_NOT_FOUND");
  }
  const Plan& row = found->second;
  CheckOnSale(world, row.product, verdict);
  verdict.RefuseIf(!row.enabled, "PLAN_DISABLED");
  verdict.RefuseIf(row.components != CompositionOf(world, row.product), "PLAN_LOCKED");
}

void CheckOnSale(const World& world, const std::string& product, Verdict& verdict) {
  Names products = CompositionOf(world, product);
  products.push_back(product);
  for (const std::string& id : products) {
    verdict.RefuseIf(world.products.at(id).lifecycle == "END_OF_SALE", "PRODUCT_END_OF_SALE");
    verdict.RefuseIf(world.products.at(id).lifecycle == "END_OF_LIFE", "PRODUCT_END_OF_LIFE");
  }
}

void CheckPartner(const World& world, const std::string& partner, Verdict& verdict, About about) {
  const auto found = world.partners.find(partner);
  if (found == world.partners.end()) return verdict.Refuse("PARTNER_NOT_FOUND");
  const bool report = about == About::kSignIn || about == About::kUse;
  verdict.RefuseIf(found->second.state == "SUSPENDED" && !report, "PARTNER_SUSPENDED");
  verdict.RefuseIf(found->second.state == "CANCELED", "PARTNER_CANCELED");
}

bool CheckCustomer(const World& world, const std::string& customer, Verdict& verdict, About about) {
  const auto found = world.customers.find(customer);
  if (found == world.customers.end()) {
    verdict.Refuse("CUSTOMER_NOT_FOUND");
    return false;
  }
  verdict.RefuseIf(found->second.deleted.has_value(), "CUSTOMER_DELETED");
  verdict.RefuseIf(!found->second.enabled && (about == About::kLicenses || about == About::kSignIn),
                   "CUSTOMER_DISABLED");
  CheckPartner(world, found->second.partner, verdict, about);
  return true;
}

void EndLicenses(World& world, const std::vector<Key>& licenses) {
  for (const Key& key : licenses) {
    License& license = world.licenses.at(key);
    license.closed = true;
    license.canceled = world.today();
  }
}

// A pool's `assigned` is what its licenses have that are not closed. Whoever takes units from it may make it fall below
// its minimum: then it is refilled, once.
bool SettlePools(World& world) {
  std::map<Key, int> units;
  for (const auto& [key, license] : world.licenses) {
    if (!license.closed) units[{world.customers.at(key.first).partner, license.product}] += license.units;
  }
  for (auto& [key, pool] : world.pools) {
    const int assigned = units[key];
    if (assigned > pool.assigned) {
      if (pool.total - assigned < pool.minimum) pool.total += (pool.minimum * 3 + 1) / 2;
      if (assigned > pool.total) return false;
    }
    pool.assigned = assigned;
  }
  return true;
}

}  // namespace lmp::random_test
