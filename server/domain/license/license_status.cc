#include "server/domain/license/license_status.h"

#include <algorithm>

namespace lmp::domain {

using model::LicenseState;

Date LicenseEnd(const model::License& license, const std::optional<Date>& end_of_life_date) {
  return std::min(license.grace_end_date, end_of_life_date.value_or(license.grace_end_date));
}

StateOverlays OverlaysIn(const model::World& world, const model::License& license) {
  StateOverlays overlays;
  if (const auto* customer = Find(world.customers, license.customer_id)) {
    overlays.customer = customer->state;
    overlays.customer_deleted = customer->delete_time.has_value();
    if (const auto* partner = Find(world.catalog->partners, customer->partner_id)) overlays.partner = partner->state;
  }
  if (const auto* product = Find(world.catalog->products, license.product_id)) {
    overlays.end_of_life_date = product->end_of_life_date;
  }
  if (license.subscription_id.has_value()) {
    const auto* subscription = Find(world.subscriptions, license.customer_id, *license.subscription_id);
    overlays.renewing = subscription != nullptr && subscription->state == model::SubscriptionState::kActive &&
                        subscription->terms.auto_renewal && subscription->terms.renewal_term_months > 0;
  }
  return overlays;
}

LicenseDates DatesOf(const model::License& license, const StateOverlays& overlays) {
  const std::optional<Date>& life = overlays.end_of_life_date;
  LicenseDates dates{.expiration = std::min(license.expiration_date, life.value_or(license.expiration_date)),
                     .grace_end = LicenseEnd(license, life)};
  // For a disabled customer renewals wait, and for a canceled partner licenses end.
  const bool may_renew = overlays.renewing && !license.closed && overlays.customer == model::CustomerState::kEnabled &&
                         !overlays.customer_deleted && overlays.partner != model::PartnerState::kCanceled;
  if (may_renew && (!life.has_value() || license.expiration_date < *life)) dates.renewal = license.expiration_date;
  return dates;
}

LicenseDates DatesIn(const model::World& world, const model::License& license) {
  return DatesOf(license, OverlaysIn(world, license));
}

int NoticeDays(const model::License& license, Date expiration) {
  return std::min(license.expiration_notice_days, static_cast<int>((expiration - license.start_date) / 2));
}

model::LicenseState LicenseStateOf(const model::License& license, const StateOverlays& overlays, Date today) {
  const LicenseDates dates = DatesOf(license, overlays);
  const bool over = today >= dates.grace_end;
  if (overlays.partner == model::PartnerState::kCanceled || overlays.customer == model::CustomerState::kDisabled ||
      overlays.customer_deleted || (license.closed && ClosedOn(license) < dates.grace_end)) {
    return LicenseState::kDisabled;
  }
  if (over) return LicenseState::kExpired;
  if (license.suspend_date.has_value() && today >= *license.suspend_date) return LicenseState::kSuspended;
  if (today < license.start_date) return LicenseState::kPending;
  if (license.activation_policy == model::ActivationPolicy::kOnFirstSignIn && !license.activate_time.has_value()) {
    return LicenseState::kNotActivated;
  }
  if (today >= dates.expiration) return LicenseState::kGrace;
  if (!dates.renewal.has_value() && dates.expiration - today <= NoticeDays(license, dates.expiration)) {
    return LicenseState::kExpiringSoon;
  }
  return LicenseState::kActive;
}

model::LicenseState LicenseStateIn(const model::World& world, const model::License& license, Date today) {
  return LicenseStateOf(license, OverlaysIn(world, license), today);
}

bool IsUsable(model::LicenseState state) {
  return state == LicenseState::kActive || state == LicenseState::kExpiringSoon || state == LicenseState::kGrace;
}

bool IsUnended(const model::License& license, Date today) { return !license.closed && today < license.grace_end_date; }

}  // namespace lmp::domain
