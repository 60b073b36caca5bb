#include "server/domain/time_passing.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/license_status.h"
#include "server/domain/pool.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription_terms.h"
#include "server/domain/subscription_verbs.h"

namespace lmp::domain {
namespace {

using model::World;

std::optional<Date> EndOfLife(const World& world, const model::License& license) {
  const model::Product* product = Find(world.catalogue->products, license.product_id);
  return product != nullptr ? product->end_of_life_date : std::nullopt;
}

// A disabled customer keeps its original expirations [LMP], and what a canceled partner had ends.
bool MayRenew(const World& world, const std::string& customer_id) {
  const model::Customer* customer = Find(world.customers, customer_id);
  if (customer == nullptr) return true;
  const model::Partner* partner = Find(world.catalogue->partners, customer->partner_id);
  return customer->state == model::CustomerState::kEnabled &&
         (partner == nullptr || partner->state != model::PartnerState::kCanceled);
}

// The day on which the licence renews by itself, if it does: its expiration, unless its product's life ends before.
std::optional<Date> RenewalDay(const World& world, const model::License& license) {
  if (license.closed || !license.subscription_id.has_value()) return std::nullopt;
  const model::Subscription* subscription = Find(world.subscriptions, license.customer_id, *license.subscription_id);
  if (subscription == nullptr || subscription->state != model::SubscriptionState::kActive ||
      !subscription->terms.auto_renewal || subscription->terms.renewal_term_months < 1 ||
      !MayRenew(world, license.customer_id)) {
    return std::nullopt;
  }
  const std::optional<Date> life = EndOfLife(world, license);
  if (life.has_value() && license.expiration_date >= *life) return std::nullopt;
  return license.expiration_date;
}

// One thing that is due. Ordered by day, then by what it is.
struct Due {
  enum What { kChange, kRenewal, kEnd };
  Date day;
  What what;
  model::RowKey key;  // of the scheduled change, subscription or licence
  bool operator<(const Due& other) const { return std::tie(day, what, key) < std::tie(other.day, other.what, other.key); }
};

std::optional<Due> EarliestDue(const World& world, const std::string& customer_id) {
  std::optional<Due> earliest;
  const auto consider = [&](const Due& due) {
    if (!earliest.has_value() || due < *earliest) earliest = due;
  };
  for (const auto& [key, change] : Range(world.scheduled_changes, customer_id)) {
    if (change.state == model::ChangeState::kPending) consider({change.effective_date, Due::kChange, key});
  }
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (license.closed) continue;
    if (const auto day = RenewalDay(world, license)) {
      consider({*day, Due::kRenewal, {customer_id, *license.subscription_id}});
    }
    consider({LicenseEnd(license, EndOfLife(world, license)), Due::kEnd, key});
  }
  return earliest;
}

// Applies or drops a scheduled change, whole or not at all.
const char* TakeEffect(World& world, const model::RowKey& key, Date day) {
  World changed = world;
  model::ScheduledChange& change = changed.scheduled_changes.at(key);
  model::Subscription* subscription = Find(changed.subscriptions, change.customer_id, change.subscription_id);
  absl::Status possible = absl::OkStatus();
  if (subscription == nullptr || subscription->state != model::SubscriptionState::kActive) {
    possible = absl::FailedPreconditionError("the subscription is no longer active");
  } else {
    // Of what ran until now: without grace, a licence that renews today would not count as live before it does.
    possible = InvalidFields(TermsViolations(changed, *subscription, TermsOf(change), day - 1, day));
  }
  if (possible.ok()) {
    ApplyTerms(changed, *subscription, TermsOf(change), day - 1);
    possible = SettlePools(world, changed);
  }
  if (possible.ok()) {
    change.state = model::ChangeState::kApplied;
    world = std::move(changed);
    return "SCHEDULED_CHANGE_APPLIED";
  }
  model::ScheduledChange& dropped = world.scheduled_changes.at(key);
  dropped.state = model::ChangeState::kDropped;
  dropped.outcome = std::string(possible.message().substr(0, 500));
  return "SCHEDULED_CHANGE_DROPPED";
}

// Renews the licences of the subscription that are due on this day.
void Renew(World& world, const model::RowKey& key, Date day) {
  const model::Subscription& subscription = world.subscriptions.at(key);
  for (auto& [license_key, license] : Range(world.licenses, subscription.customer_id)) {
    if (license.subscription_id != subscription.subscription_id || RenewalDay(world, license) != day) continue;
    SetExpiration(license, Extended(license, subscription.terms.renewal_term_months), subscription.terms.grace_period_days);
  }
}

// Puts a licence away; with the last one of its subscription, what still waits for that has no day to come.
void End(World& world, model::License& license) {
  license.closed = true;
  if (!license.subscription_id.has_value()) return;
  for (const auto& [key, other] : Range(world.licenses, license.customer_id)) {
    if (other.subscription_id == license.subscription_id && !other.closed) return;
  }
  const model::Subscription* subscription = Find(world.subscriptions, license.customer_id, *license.subscription_id);
  if (subscription != nullptr) DropChanges(world, *subscription, "the subscription ended before");
}

}  // namespace

std::optional<TimeStep> PassTime(World& world, const std::string& customer_id, Date today) {
  const std::optional<Due> due = EarliestDue(world, customer_id);
  if (!due.has_value() || due->day > today) return std::nullopt;
  switch (due->what) {
    case Due::kChange:
      return TimeStep{TakeEffect(world, due->key, due->day), due->day};
    case Due::kRenewal:
      Renew(world, due->key, due->day);
      return TimeStep{"SUBSCRIPTION_RENEWED", due->day};
    case Due::kEnd: {
      const World before = world;
      End(world, world.licenses.at(due->key));
      SettlePools(before, world).IgnoreError();  // units only come back
      return TimeStep{"LICENSE_ENDED", due->day};
    }
  }
  return std::nullopt;
}

void SetTimeMarks(World& world) {
  std::map<model::RowKey, Date> next_change;  // by subscription
  std::map<model::RowKey, int> pending;
  for (const auto& [key, change] : world.scheduled_changes) {
    if (change.state != model::ChangeState::kPending) continue;
    const auto [it, first] = next_change.insert({{change.customer_id, change.subscription_id}, change.effective_date});
    it->second = std::min(it->second, change.effective_date);
    ++pending[it->first];
  }
  for (auto& [key, subscription] : world.subscriptions) {
    const auto waiting = pending.find(key);
    subscription.pending_changes = waiting == pending.end() ? 0 : waiting->second;
  }
  for (auto& [key, license] : world.licenses) {
    if (license.closed) {
      license.due_date.reset();
      continue;
    }
    Date due = RenewalDay(world, license).value_or(LicenseEnd(license, EndOfLife(world, license)));
    if (license.subscription_id.has_value()) {
      const auto change = next_change.find({license.customer_id, *license.subscription_id});
      if (change != next_change.end()) due = std::min(due, change->second);
    }
    license.due_date = due;
  }
}

}  // namespace lmp::domain
