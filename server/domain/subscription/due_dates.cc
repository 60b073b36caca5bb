#include "server/domain/subscription/due_dates.h"

#include <algorithm>

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

void Close(const World& world, model::License& license) {
  const LicenseDates dates = DatesIn(world, license);
  if (dates.expiration > license.start_date) {  // otherwise it never began, and keeps its dates
    license.expiration_date = dates.expiration;
    license.grace_end_date = dates.grace_end;
  }
  license.closed = true;
}

bool CloseIfOver(const World& world, model::License& license, model::Date today) {
  if (license.closed) return true;
  const LicenseDates dates = DatesIn(world, license);
  if (dates.renewal.has_value() && *dates.renewal <= today) return false;
  const bool over = dates.grace_end <= today;
  if (over || GoesOn(world, license.customer_id)) {
    for (const auto& [key, change] : Range(world.scheduled_changes, license.customer_id)) {
      if (change.subscription_id == license.subscription_id && change.state == model::ChangeState::kPending &&
          change.effective_date <= std::min(today, dates.grace_end)) {
        return false;
      }
    }
  }
  if (!over) return true;
  Close(world, license);
  license.stamp.update_time = absl::FromCivil(today, absl::UTCTimeZone());  // not before its end
  return true;
}

}  // namespace lmp::domain
