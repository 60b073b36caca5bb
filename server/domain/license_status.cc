#include "server/domain/license_status.h"

#include <algorithm>

namespace lmp::domain {

using model::LicenseState;

Date LicenseEnd(const model::License& license, const std::optional<Date>& end_of_life_date) {
  return std::min(license.grace_end_date, end_of_life_date.value_or(license.grace_end_date));
}

model::LicenseState LicenseStateOf(const model::License& license, const LicenseOwners& owners, Date today) {
  const bool over = today >= LicenseEnd(license, owners.end_of_life_date);
  if (owners.partner == model::PartnerState::kCanceled || owners.customer == model::CustomerState::kDisabled ||
      owners.customer_deleted || (license.closed && !over)) {
    return LicenseState::kDisabled;
  }
  if (over) return LicenseState::kExpired;
  if (license.suspend_date.has_value() && today >= *license.suspend_date) return LicenseState::kSuspended;
  if (today < license.start_date) return LicenseState::kPending;
  if (license.activation_policy == model::ActivationPolicy::kOnFirstSignIn && !license.activate_time.has_value()) {
    return LicenseState::kNotActivated;
  }
  if (today >= license.expiration_date) return LicenseState::kGrace;
  if (license.expiration_date - today <= license.expiration_notice_days) return LicenseState::kExpiringSoon;
  return LicenseState::kActive;
}

model::LicenseState LicenseStateIn(const model::World& world, const model::License& license, Date today) {
  LicenseOwners owners;
  if (const auto* customer = Find(world.customers, license.customer_id)) {
    owners.customer = customer->state;
    owners.customer_deleted = customer->delete_time.has_value();
    if (const auto* partner = Find(world.catalogue->partners, customer->partner_id)) owners.partner = partner->state;
  }
  if (const auto* product = Find(world.catalogue->products, license.product_id)) {
    owners.end_of_life_date = product->end_of_life_date;
  }
  return LicenseStateOf(license, owners, today);
}

bool IsUsable(model::LicenseState state) {
  return state == LicenseState::kActive || state == LicenseState::kExpiringSoon || state == LicenseState::kGrace;
}

bool IsUnended(const model::License& license, Date today) {
  return !license.closed && today < license.grace_end_date;
}

}  // namespace lmp::domain
