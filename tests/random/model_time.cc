// What time does by itself, and what updates do, now or on a later day.
#include <algorithm>
#include <set>

#include "tests/random/model.h"

namespace lmp::random_test {
namespace {

constexpr int kLongestTerm = 66;

// The day on which the licence renews by itself; none if it does not.
std::optional<Date> RenewalDay(const World& world, const Key& key, const License& license) {
  if (license.closed || license.subscription.empty()) return std::nullopt;
  const Subscription& subscription = world.subscriptions.at({key.first, license.subscription});
  if (subscription.state != "ACTIVE" || !subscription.terms.auto_renewal) return std::nullopt;
  // What a disabled customer has keeps its expiration; what a canceled partner had ends.
  const Customer& customer = world.customers.at(key.first);
  if (!customer.enabled || world.partners.at(customer.partner).state == "CANCELED") return std::nullopt;
  const std::optional<Date>& life = world.products.at(license.product).end_of_life;
  if (life.has_value() && license.expiration >= *life) return std::nullopt;
  return license.expiration;
}

Date EndOf(const World& world, const License& license) {
  const std::optional<Date>& life = world.products.at(license.product).end_of_life;
  return life.has_value() ? std::min(*life, license.grace_end) : license.grace_end;
}

void ApplyChange(World& world, const Key& key) {
  World changed = world;
  ScheduledChange& change = changed.changes.at(key);
  const Key subscription{key.first, change.subscription};
  Verdict verdict;
  verdict.RefuseIf(changed.subscriptions.at(subscription).state != "ACTIVE", "WRONG_STATE");
  // What ran until this day: a licence without grace that renews on it counts.
  CheckTerms(changed, subscription, change.update, change.day - 1, change.day, verdict);
  if (verdict.accepted()) {
    ApplyTerms(changed, subscription, change.update, change.day - 1);
    change.state = "APPLIED";
    if (SettlePools(changed)) {
      world = std::move(changed);
      return;
    }
  }
  world.changes.at(key).state = "DROPPED";
}

// Days up to `last` on which something is due to the customer.
std::optional<Date> NextDueDay(const World& world, const std::string& customer, Date last) {
  std::optional<Date> next;
  const auto consider = [&](Date day) {
    if (day <= last && (!next.has_value() || day < *next)) next = day;
  };
  for (const auto& [key, change] : world.changes) {
    if (key.first == customer && change.state == "PENDING") consider(change.day);
  }
  for (const auto& [key, license] : world.licenses) {
    if (key.first != customer || license.closed) continue;
    consider(EndOf(world, license));
    if (const auto day = RenewalDay(world, key, license)) consider(*day);
  }
  return next;
}

}  // namespace

bool RunsOn(const World& world, const Key& subscription, Date day) {
  for (const auto& [key, license] : world.licenses) {
    if (key.first != subscription.first || license.subscription != subscription.second) continue;
    if (Ended(world, license, world.today())) continue;
    const std::optional<Date>& life = world.products.at(license.product).end_of_life;
    if (life.has_value() && day >= *life) continue;
    if (world.subscriptions.at(subscription).terms.auto_renewal || day < license.grace_end) return true;
  }
  return false;
}

void PassTime(World& world, const std::string& customer) {
  while (const auto day = NextDueDay(world, customer, world.today())) {
    // One thing at a time: of one day, a change before a renewal before an end.
    const auto change = std::find_if(world.changes.begin(), world.changes.end(), [&](const auto& entry) {
      return entry.first.first == customer && entry.second.state == "PENDING" && entry.second.day == *day;
    });
    if (change != world.changes.end()) {
      ApplyChange(world, change->first);
      continue;
    }
    bool renewed = false;
    for (auto& [key, license] : world.licenses) {
      if (key.first != customer || RenewalDay(world, key, license) != day) continue;
      const Terms& terms = world.subscriptions.at({customer, license.subscription}).terms;
      license.expiration = MonthsLater(license.expiration, terms.renewal_months, license.day);
      license.grace_end = license.expiration + terms.grace_days;
      renewed = true;
    }
    if (renewed) continue;
    std::set<Key> subscriptions;
    for (auto& [key, license] : world.licenses) {
      if (key.first != customer || license.closed || EndOf(world, license) != *day) continue;
      license.closed = true;
      if (!license.subscription.empty()) subscriptions.insert({customer, license.subscription});
    }
    // What waits for a subscription of which nothing is left has no day to come.
    for (const Key& key : subscriptions) {
      if (LiveLicenses(world, key, *day).empty()) DropChanges(world, key, Drop::kAll);
    }
    SettlePools(world);
  }
}

void CheckTerms(const World& world, const Key& subscription, const TermsUpdate& update, Date as_of, Date day,
                Verdict& verdict) {
  const Terms& terms = world.subscriptions.at(subscription).terms;
  std::map<std::string, const License*> licenses;
  Date latest_start = day;
  for (const auto& [key, license] : world.licenses) {
    if (key.first != subscription.first || license.subscription != subscription.second) continue;
    if (Ended(world, license, as_of)) continue;
    const std::optional<Date>& life = world.products.at(license.product).end_of_life;
    if (life.has_value() && day >= *life) continue;
    if (!terms.auto_renewal && day >= license.grace_end) continue;
    licenses[license.product] = &license;
    latest_start = std::max(latest_start, license.start);
  }
  for (const auto& [product, units] : update.units) {
    const auto license = licenses.find(product);
    verdict.RefuseIf(license == licenses.end(), "INVALID_FIELDS");
    if (license == licenses.end()) continue;
    const Product& row = world.products.at(product);
    verdict.RefuseIf(units < row.min_units || units > row.max_units, "INVALID_FIELDS");
  }
  if (update.expiration.has_value()) {
    verdict.RefuseIf(*update.expiration <= latest_start, "DATE_OUT_OF_RANGE");
    verdict.RefuseIf(*update.expiration > MonthsLater(latest_start, kLongestTerm), "DATE_OUT_OF_RANGE");
  }
  if (update.renewal_months.has_value()) {
    verdict.RefuseIf(!update.auto_renewal.value_or(terms.auto_renewal), "INVALID_FIELDS");
    verdict.RefuseIf(*update.renewal_months < 1 || *update.renewal_months > kLongestTerm, "INVALID_FIELDS");
  }
  if (update.notice_days.has_value()) {
    verdict.RefuseIf(*update.notice_days < 0 || *update.notice_days > 365, "INVALID_FIELDS");
  }
}

void ApplyTerms(World& world, const Key& subscription, const TermsUpdate& update, Date as_of) {
  Terms& terms = world.subscriptions.at(subscription).terms;
  terms.auto_renewal = update.auto_renewal.value_or(terms.auto_renewal);
  if (!terms.auto_renewal) {
    terms.renewal_months = 0;
  } else if (update.renewal_months.has_value()) {
    terms.renewal_months = *update.renewal_months;
  } else if (terms.renewal_months == 0) {
    terms.renewal_months = std::min(terms.initial_months, 12);  // as for a plan: the initial term, at most 12
  }
  terms.notice_days = update.notice_days.value_or(terms.notice_days);
  for (const Key& key : LiveLicenses(world, subscription, as_of)) {
    License& license = world.licenses.at(key);
    license.notice_days = terms.notice_days;
    if (const auto units = update.units.find(license.product); units != update.units.end()) license.units = units->second;
    if (!update.expiration.has_value()) continue;
    license.expiration = *update.expiration;
    license.grace_end = license.expiration + terms.grace_days;
    license.day = static_cast<int>(license.expiration.day());
  }
}

void DropChanges(World& world, const Key& subscription, Drop which) {
  for (auto& [key, change] : world.changes) {
    if (key.first != subscription.first || change.subscription != subscription.second || change.state != "PENDING") continue;
    Verdict possible;
    if (which == Drop::kImpossible) {
      CheckTerms(world, subscription, change.update, world.today(), change.day, possible);
      possible.RefuseIf(!RunsOn(world, subscription, change.day), "SUBSCRIPTION_ENDED");
      if (possible.accepted()) continue;
    }
    change.state = "DROPPED";
  }
}

}  // namespace lmp::random_test
