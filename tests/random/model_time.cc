// What time does by itself, and what updates do, now or on a later day.
#include <algorithm>
#include <set>
#include <tuple>

#include "tests/random/model.h"

namespace lmp::random_test {
namespace {

constexpr int kMaxTerm = 66;

// Due changes and renewals of a disabled customer wait; what a canceled partner had only ends.
bool GoesOn(const World& world, const std::string& customer) {
  const Customer& row = world.customers.at(customer);
  return row.enabled && world.partners.at(row.partner).state != "CANCELED";
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
  // What ran until this day: a license without grace that renews on it counts.
  const TermsUpdate update = Differing(changed, subscription, change.update, change.day - 1);
  verdict.RefuseIf(!RunsOn(changed, subscription, change.day), "SUBSCRIPTION_ENDED");
  CheckTerms(changed, subscription, update, change.day - 1, change.day, verdict);
  if (verdict.accepted()) {
    ApplyTerms(changed, subscription, update, change.day - 1);
    change.state = "APPLIED";
    if (SettlePools(changed)) {
      world = std::move(changed);
      return;
    }
  }
  world.changes.at(key).state = "DROPPED";
}

// What the history has to have told of a license's coming end on this day: what it shows by itself, whoever its owner
// is. Nothing, if it shows something that has no notice and no expiration.
std::optional<std::string> ToTell(const World& world, const Key& key, Date day) {
  const License& license = world.licenses.at(key);
  if (Ended(world, license, day) || (license.suspended.has_value() && day >= *license.suspended)) return std::nullopt;
  const std::optional<Date>& life = world.products.at(license.product).end_of_life;
  if (!license.subscription.empty() && (!life.has_value() || license.expiration < *life)) {
    const Subscription& subscription = world.subscriptions.at({key.first, license.subscription});
    if (subscription.state == "ACTIVE" && subscription.terms.auto_renewal) return "";
  }
  if (day < license.start) return "";
  if (license.first_sign_in && !license.activated) return std::nullopt;
  const Date expiration = Shown(world, license, license.expiration);
  if (day >= expiration) return "GRACE";
  const int notice = std::min(license.notice_days, static_cast<int>(expiration - license.start) / 2);
  return day >= expiration - notice ? "EXPIRING_SOON" : "";
}

// The first day up to `last`, since time passed for its customer, on which there is something to tell of the license.
std::optional<Date> DayToTell(const World& world, const Key& key, Date last) {
  for (Date day = world.customers.at(key.first).passed; day <= last; ++day) {
    if (ToTell(world, key, day).value_or(world.licenses.at(key).told) != world.licenses.at(key).told) return day;
  }
  return std::nullopt;
}

// Days up to `last` on which something is due to the customer.
std::optional<Date> NextDueDay(const World& world, const std::string& customer, Date last) {
  std::optional<Date> next;
  const auto consider = [&](Date day) {
    if (day <= last && (!next.has_value() || day < *next)) next = day;
  };
  for (const auto& [key, change] : world.changes) {
    if (key.first == customer && change.state == "PENDING" && GoesOn(world, customer)) consider(change.day);
  }
  for (const auto& [key, license] : world.licenses) {
    if (key.first != customer || license.closed) continue;
    consider(EndOf(world, license));
    if (const auto day = RenewalDay(world, key, license)) consider(*day);
    if (const auto day = DayToTell(world, key, std::min(last, world.today()))) consider(*day);
  }
  return next;
}

std::map<Key, ScheduledChange>::const_iterator NextChange(const World& world, const std::string& customer, Date day) {
  if (!GoesOn(world, customer)) return world.changes.end();
  return std::find_if(world.changes.begin(), world.changes.end(), [&](const auto& entry) {
    return entry.first.first == customer && entry.second.state == "PENDING" && entry.second.day == day;
  });
}

bool RenewAll(World& world, const std::string& customer, Date day) {
  bool renewed = false;
  for (auto& [key, license] : world.licenses) {
    if (key.first != customer || RenewalDay(world, key, license) != day) continue;
    const Terms& terms = world.subscriptions.at({customer, license.subscription}).terms;
    license.expiration = MonthsLater(license.expiration, terms.renewal_months, license.day);
    license.grace_end = license.expiration + terms.grace_days;
    renewed = true;
  }
  return renewed;
}

bool TellAll(World& world, const std::string& customer, Date day) {
  bool told = false;
  for (auto& [key, license] : world.licenses) {
    if (key.first != customer || license.closed) continue;
    const std::string now = ToTell(world, key, day).value_or(license.told);
    told = told || now != license.told;
    license.told = now;
  }
  return told;
}

void EndAll(World& world, const std::string& customer, Date day) {
  std::set<Key> subscriptions;
  for (auto& [key, license] : world.licenses) {
    if (key.first != customer || license.closed || EndOf(world, license) != day) continue;
    if (Shown(world, license, license.expiration) > license.start) {  // it keeps the dates that were shown
      license.expiration = Shown(world, license, license.expiration);
      license.grace_end = Shown(world, license, license.grace_end);
    }
    license.closed = true;
    if (!license.subscription.empty()) subscriptions.insert({customer, license.subscription});
  }
  // What waits for a subscription of which nothing is left has no day to come.
  for (const Key& key : subscriptions) {
    if (!world.customers.at(customer).enabled) continue;  // it waits with the customer
    if (LiveLicenses(world, key, day).empty()) DropChanges(world, key, Drop::kAll);
  }
  SettlePools(world);
}

// One thing of those that are due to the customer on this day: a change before renewals before what is told before
// ends.
void PassOne(World& world, const std::string& customer, Date day) {
  world.customers.at(customer).passed = day;
  if (const auto change = NextChange(world, customer, day); change != world.changes.end()) {
    return ApplyChange(world, Key(change->first));
  }
  if (!RenewAll(world, customer, day) && !TellAll(world, customer, day)) EndAll(world, customer, day);
}

}  // namespace

bool RunsOn(const World& world, const Key& subscription, Date day) {
  for (const Key& key : LiveLicenses(world, subscription, day - 1)) {
    const License& license = world.licenses.at(key);
    if (RenewalDay(world, key, license).has_value() || day < EndOf(world, license)) return true;
  }
  return false;
}

std::optional<Date> ExpirationOf(const World& world, const Key& subscription, Date as_of) {
  std::optional<Date> latest;
  for (const Key& key : LiveLicenses(world, subscription, as_of)) {
    const License& license = world.licenses.at(key);
    latest = std::max(latest.value_or(Date::min()), Shown(world, license, license.expiration));
  }
  return latest;
}

bool HasEnd(const World& world, const License& license, Date expiration, std::optional<int> day) {
  return Shown(world, license, license.expiration) == expiration && day.value_or(license.day) == license.day;
}

Date LimitOf(Date from, int months, int day) {
  const bool last_of_month = (from + 1).day() == 1;
  return MonthsLater(from, months,
                     last_of_month ? std::max(static_cast<int>(from.day()), day) : static_cast<int>(from.day()));
}

TermsUpdate Differing(const World& world, const Key& subscription, TermsUpdate update, Date as_of) {
  const Terms& terms = world.subscriptions.at(subscription).terms;
  for (const Key& key : LiveLicenses(world, subscription, as_of)) {
    const License& license = world.licenses.at(key);
    if (update.units.contains(license.product) && update.units.at(license.product) == license.units)
      update.units.erase(license.product);
  }
  if (!update.day.has_value() && update.expiration == ExpirationOf(world, subscription, as_of))
    update.expiration.reset();
  if (update.auto_renewal == terms.auto_renewal) update.auto_renewal.reset();
  const bool turned_on = update.auto_renewal.value_or(false);
  if (!turned_on && update.renewal_months == (terms.auto_renewal ? terms.renewal_months : 0))
    update.renewal_months.reset();
  if (update.notice_days == terms.notice_days) update.notice_days.reset();
  return update;
}

World LineUpTo(const World& world, const std::string& customer, Date day) {
  World line = world;
  line.pools.clear();  // what others leave of them is seen on the day
  while (const auto next = NextDueDay(line, customer, day)) {
    if (*next == day && NextChange(line, customer, day) == line.changes.end()) break;
    PassOne(line, customer, *next);
  }
  return line;
}

void ApplyDue(World& world) {
  for (;;) {
    std::optional<std::tuple<Date, bool, std::string>> first;
    for (const auto& [id, customer] : world.customers) {
      const auto day = NextDueDay(world, id, world.today());
      if (!day.has_value()) continue;
      const std::tuple<Date, bool, std::string> next{*day, NextChange(world, id, *day) != world.changes.end(), id};
      if (!first.has_value() || next < *first) first = next;
    }
    if (!first.has_value()) break;
    PassOne(world, std::get<2>(*first), std::get<0>(*first));
  }
  for (auto& [id, customer] : world.customers) customer.passed = world.today();
}

void TellWhatIsShown(const World& before, World& world) {
  for (auto& [key, license] : world.licenses) {
    if (license.closed) continue;
    const auto was = before.licenses.find(key);
    const bool moved = was != before.licenses.end() &&
                       (was->second.expiration != license.expiration || was->second.grace_end != license.grace_end);
    license.told = ToTell(world, key, world.today()).value_or(moved ? "" : license.told);
    // Suspended at once, within the notice that it would have had, had it not been about to renew: that is passed over.
    const bool at_once = was != before.licenses.end() && !was->second.suspended && license.suspended == world.today();
    const Date expiration = Shown(world, license, license.expiration);
    const int notice = std::min(license.notice_days, static_cast<int>(expiration - license.start) / 2);
    if (at_once && license.told.empty() && world.today() > expiration - notice) license.told = "EXPIRING_SOON";
  }
}

std::set<std::string> DueNow(const World& world) {
  std::set<std::string> due;
  for (const auto& [key, change] : world.changes) {
    if (change.state != "PENDING" || change.day > world.today() || !GoesOn(world, key.first)) continue;
    due.insert("a scheduled change");
  }
  for (const auto& [key, license] : world.licenses) {
    const std::optional<Date> renewal = RenewalDay(world, key, license);
    if (renewal.has_value() && *renewal <= world.today()) {
      due.insert("a renewal");
    } else if (!license.closed && EndOf(world, license) <= world.today()) {
      due.insert("an end");
    }
  }
  return due;
}

void CheckTerms(const World& world, const Key& subscription, const TermsUpdate& update, Date as_of, Date day,
                Verdict& verdict) {
  const Terms& terms = world.subscriptions.at(subscription).terms;
  std::map<std::string, const License*> licenses;
  Date latest_start = day;
  for (const Key& key : LiveLicenses(world, subscription, as_of)) {
    const License& license = world.licenses.at(key);
    if (!RenewalDay(world, key, license).has_value() && day >= EndOf(world, license)) continue;
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
    Date limit = MonthsLater(latest_start, kMaxTerm);
    bool moves = licenses.empty();
    for (const auto& [product, license] : licenses) {
      limit = std::max(limit, LimitOf(latest_start, kMaxTerm, license->day));
      moves = moves || !HasEnd(world, *license, *update.expiration, update.day);
    }
    verdict.RefuseIf(moves && *update.expiration <= latest_start, "DATE_OUT_OF_RANGE");
    verdict.RefuseIf(moves && *update.expiration > limit, "DATE_OUT_OF_RANGE");
  }
  if (update.renewal_months.has_value()) {
    verdict.RefuseIf(!update.auto_renewal.value_or(terms.auto_renewal), "INVALID_FIELDS");
    verdict.RefuseIf(*update.renewal_months < 1 || *update.renewal_months > kMaxTerm, "INVALID_FIELDS");
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
    if (update.notice_days.has_value()) license.notice_days = terms.notice_days;
    if (const auto units = update.units.find(license.product); units != update.units.end())
      license.units = units->second;
    if (!update.expiration.has_value() || HasEnd(world, license, *update.expiration, update.day)) continue;
    if (license.expiration != *update.expiration) license.grace_end = *update.expiration + terms.grace_days;
    license.expiration = *update.expiration;
    license.day = update.day.value_or(static_cast<int>(license.expiration.day()));
  }
}

void DropChanges(World& world, const Key& subscription, Drop which) {
  Date last = Date::min();
  const auto waits = [&](const Key& key, const ScheduledChange& change) {
    return key.first == subscription.first && change.subscription == subscription.second && change.state == "PENDING";
  };
  for (const auto& [key, change] : world.changes) {
    if (waits(key, change)) last = std::max(last, change.day);
  }
  if (last == Date::min()) return;
  // Each is judged along the line of the others: what will be there on its day.
  const World line = which == Drop::kImpossible ? LineUpTo(world, subscription.first, last) : world;
  for (auto& [key, change] : world.changes) {
    if (!waits(key, change)) continue;
    if (which == Drop::kAll || line.changes.at(key).state == "DROPPED") change.state = "DROPPED";
  }
}

}  // namespace lmp::random_test
