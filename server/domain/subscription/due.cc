#include "server/domain/subscription/due.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/event_kinds.h"
#include "server/domain/license/announcement.h"
#include "server/domain/license/license_status.h"
#include "server/domain/license/pool.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/scheduled_changes.h"
#include "server/domain/subscription/terms.h"

namespace lmp::domain {
namespace {

using model::World;

// One thing that is due. The order is by day, then by kind.
struct Due {
  enum What { kChange, kRenewal, kAnnouncement, kEnd };
  Date day;
  What what;
  model::RowKey key;  // of the scheduled change, subscription or license
  bool operator<(const Due& other) const {
    return std::tie(day, what, key) < std::tie(other.day, other.what, other.key);
  }
};

std::optional<Due> EarliestDue(const World& world, const std::string& customer_id) {
  std::optional<Due> earliest;
  const auto consider = [&](const Due& due) {
    if (!earliest.has_value() || due < *earliest) earliest = due;
  };
  const bool goes_on = GoesOn(world, customer_id);
  for (const auto& [key, change] : Range(world.scheduled_changes, customer_id)) {
    if (!goes_on || change.state != model::ChangeState::kPending) continue;
    consider({change.effective_date, Due::kChange, key});
  }
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (license.closed) continue;
    const StateOverlays overlays = OverlaysIn(world, license);
    const LicenseDates dates = DatesOf(license, overlays);
    if (dates.renewal.has_value()) {
      consider({*dates.renewal, Due::kRenewal, {customer_id, *license.subscription_id}});
    } else if (const auto next = NextAnnouncement(world, license, overlays)) {
      consider({next->day, Due::kAnnouncement, key});
    }
    consider({dates.grace_end, Due::kEnd, key});
  }
  return earliest;
}

// Applies a scheduled change as a whole, or drops it.
const char* TakeEffect(World& world, const model::RowKey& key, Date day) {
  World changed = world;
  model::ScheduledChange& change = changed.scheduled_changes.at(key);
  model::Subscription* subscription = Find(changed.subscriptions, change.customer_id, change.subscription_id);
  TermsChange wanted = TermsOf(change);
  absl::Status possible = absl::OkStatus();
  if (subscription == nullptr || subscription->state != model::SubscriptionState::kActive) {
    possible = absl::FailedPreconditionError("the subscription is no longer active");
  } else {
    // Compares with the licenses that had not ended the day before: a license without grace that renews today would
    // otherwise count as ended.
    wanted = Differing(changed, *subscription, wanted, day - 1);
    possible = RunsOn(changed, *subscription, day)
                   ? InvalidFields(TermsViolations(changed, *subscription, wanted, day - 1, day))
                   : absl::FailedPreconditionError("the subscription ends before");
  }
  if (possible.ok()) {
    ApplyTerms(changed, *subscription, wanted, day - 1);
    AnnounceDecided(world, changed, day);
    possible = SettlePools(world, changed);
  }
  if (possible.ok()) {
    change.state = model::ChangeState::kApplied;
    world = std::move(changed);
    return event::kScheduledChangeApplied;
  }
  model::ScheduledChange& dropped = world.scheduled_changes.at(key);
  dropped.state = model::ChangeState::kDropped;
  dropped.outcome = std::string(possible.message().substr(0, 500));
  return event::kScheduledChangeDropped;
}

// Renews the licenses of the subscription that are due on this day.
void Renew(World& world, const model::RowKey& key, Date day) {
  const model::Subscription& subscription = world.subscriptions.at(key);
  for (auto& [license_key, license] : Range(world.licenses, subscription.customer_id)) {
    if (license.subscription_id != subscription.subscription_id || DatesIn(world, license).renewal != day) continue;
    SetExpiration(license, Extended(license, subscription.terms.renewal_term_months),
                  subscription.terms.grace_period_days);
    AnnounceShown(world, license, day);
  }
}

// Has the history tell that the notice of a license's expiration begins, or that it has expired.
const char* Tell(const World& world, model::License& license) {
  const std::optional<Announcement> next = NextAnnouncement(world, license, OverlaysIn(world, license));
  Announce(license, next->state);
  return next->state == model::LicenseState::kGrace ? event::kLicenseExpired : event::kLicenseExpiringSoon;
}

// Closes a license. If it is the last open license of its subscription, changes that
// still wait have no day to come and are dropped. If they wait for their customer to be enabled, they are dropped when
// that happens, and the answer to that says so.
void EndLicense(World& world, model::License& license) {
  Close(world, license);
  if (!license.subscription_id.has_value() || Waits(world, license.customer_id)) return;
  for (const auto& [key, other] : Range(world.licenses, license.customer_id)) {
    if (other.subscription_id == license.subscription_id && !other.closed) return;
  }
  const model::Subscription* subscription = Find(world.subscriptions, license.customer_id, *license.subscription_id);
  if (subscription != nullptr) DropChanges(world, *subscription, "the subscription ended before");
}

DueStep Do(World& world, const Due& due) {
  switch (due.what) {
    case Due::kChange:
      return {TakeEffect(world, due.key, due.day), due.day};
    case Due::kRenewal:
      Renew(world, due.key, due.day);
      return {event::kSubscriptionRenewed, due.day};
    case Due::kAnnouncement:
      return {Tell(world, world.licenses.at(due.key)), due.day};
    case Due::kEnd:
      break;
  }
  const World before = world;
  EndLicense(world, world.licenses.at(due.key));
  SettlePools(before, world).IgnoreError();  // no error is possible, as units only come back
  return {event::kLicenseEnded, due.day};
}

}  // namespace

std::optional<DueStep> ApplyNextDue(World& world, const std::string& customer_id, Date today) {
  const std::optional<Due> due = EarliestDue(world, customer_id);
  if (!due.has_value() || due->day > today) return std::nullopt;
  return Do(world, *due);
}

void PassTimeUpTo(World& world, const std::string& customer_id, Date day) {
  for (;;) {
    const std::optional<Due> due = EarliestDue(world, customer_id);
    if (!due.has_value() || due->day > day || (due->day == day && due->what != Due::kChange)) return;
    Do(world, *due);
  }
}

void SetDueDates(World& world) {
  std::map<model::RowKey, Date> next_change;  // by subscription
  std::map<model::RowKey, int> pending;
  for (const auto& [key, change] : world.scheduled_changes) {
    if (change.state != model::ChangeState::kPending) continue;
    ++pending[{change.customer_id, change.subscription_id}];
    if (!GoesOn(world, change.customer_id)) continue;
    const auto [it, first] = next_change.insert({{change.customer_id, change.subscription_id}, change.effective_date});
    it->second = std::min(it->second, change.effective_date);
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
    const StateOverlays overlays = OverlaysIn(world, license);
    const LicenseDates dates = DatesOf(license, overlays);
    Date due = dates.renewal.value_or(dates.grace_end);
    if (const auto next = NextAnnouncement(world, license, overlays)) due = std::min(due, next->day);
    if (license.subscription_id.has_value()) {
      const auto change = next_change.find({license.customer_id, *license.subscription_id});
      if (change != next_change.end()) due = std::min(due, change->second);
    }
    license.due_date = due;
  }
}

std::optional<model::Due> NextDue(const World& world, const std::string& customer_id) {
  const std::optional<Due> due = EarliestDue(world, customer_id);
  if (!due.has_value()) return std::nullopt;
  return model::Due{due->day, due->what == Due::kChange, customer_id, due->what, due->key.second};
}

}  // namespace lmp::domain
