#include "server/domain/subscription/due_dates.h"

#include <algorithm>
#include <map>

#include "server/domain/license/license_status.h"

namespace lmp::domain {

using model::World;

bool Waits(const World& world, const std::string& customer_id) {
  const model::Customer* customer = Find(world.customers, customer_id);
  return customer != nullptr && customer->state == model::CustomerState::kDisabled;
}

bool GoesOn(const World& world, const std::string& customer_id) {
  const model::Customer* customer = Find(world.customers, customer_id);
  if (customer == nullptr) return true;
  const model::Partner* partner = Find(world.catalog->partners, customer->partner_id);
  return !Waits(world, customer_id) && (partner == nullptr || partner->state != model::PartnerState::kCanceled);
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
    const LicenseDates dates = DatesIn(world, license);
    Date due = dates.renewal.value_or(dates.grace_end);
    if (license.subscription_id.has_value()) {
      const auto change = next_change.find({license.customer_id, *license.subscription_id});
      if (change != next_change.end()) due = std::min(due, change->second);
    }
    license.due_date = due;
  }
}

void Close(const World& world, model::License& license) {
  const LicenseDates dates = DatesIn(world, license);
  if (dates.expiration > license.start_date) {  // otherwise it never began, and keeps its dates
    license.expiration_date = dates.expiration;
    license.grace_end_date = dates.grace_end;
  }
  license.closed = true;
}

bool CloseIfOver(const World& world, model::License& license, model::Date today) {
  if (license.closed || !license.due_date.has_value() || *license.due_date > today) return true;
  const LicenseDates dates = DatesIn(world, license);
  if (*license.due_date != dates.grace_end || dates.renewal.has_value()) return false;
  for (const auto& [key, change] : Range(world.scheduled_changes, license.customer_id)) {
    if (change.subscription_id == license.subscription_id && change.state == model::ChangeState::kPending &&
        change.effective_date <= dates.grace_end) {
      return false;
    }
  }
  Close(world, license);
  license.stamp.update_time = absl::FromCivil(today, absl::UTCTimeZone());  // not before its end
  return true;
}

}  // namespace lmp::domain
