#include "server/domain/license/announcement.h"

#include <algorithm>

namespace lmp::domain {
namespace {

using model::License;
using model::LicenseState;
using model::World;

// Without those of the license's owners.
StateOverlays Own(StateOverlays overlays) {
  overlays.partner = model::PartnerState::kActive;
  overlays.customer = model::CustomerState::kEnabled;
  overlays.customer_deleted = false;
  return overlays;
}

// ACTIVE, EXPIRING_SOON or GRACE; nothing if the license shows something else.
std::optional<LicenseState> ShownState(const World& world, const License& license, Date day) {
  const StateOverlays overlays = Own(OverlaysIn(world, license));
  if (DatesOf(license, overlays).renewal.has_value()) return LicenseState::kActive;
  switch (const LicenseState state = LicenseStateOf(license, overlays, day)) {
    case LicenseState::kPending:
    case LicenseState::kActive:
      return LicenseState::kActive;
    case LicenseState::kExpiringSoon:
    case LicenseState::kGrace:
      return state;
    default:
      return std::nullopt;
  }
}

// The first day of the notice. The end of a product's life gives none before the day on which it was declared, which
// was the product's last change.
Date NoticeDay(const World& world, const License& license, const StateOverlays& overlays, Date expiration) {
  const Date day = expiration - NoticeDays(license, expiration);
  if (!overlays.end_of_life_date.has_value() || *overlays.end_of_life_date > license.expiration_date) return day;
  const model::Product* product = Find(world.catalog->products, license.product_id);
  return std::max(day, absl::ToCivilDay(product->stamp.update_time, absl::UTCTimeZone()));
}

// True if nothing was told of the license, and by its dates there is nothing to tell, as for most licenses on most
// days.
bool IsFarFromItsEnd(const World& world, const License& license, Date today) {
  if (license.announced_date.has_value()) return false;
  if (license.expiration_date - license.expiration_notice_days <= today) return false;
  const model::Product* product = Find(world.catalog->products, license.product_id);
  return product == nullptr || !product->end_of_life_date.has_value();
}

}  // namespace

LicenseState AnnouncedState(const License& license) {
  if (license.announced_date == license.expiration_date) return LicenseState::kExpiringSoon;
  return license.announced_date == license.grace_end_date ? LicenseState::kGrace : LicenseState::kActive;
}

void Announce(License& license, LicenseState state) {
  license.announced_date.reset();
  if (state == LicenseState::kExpiringSoon) license.announced_date = license.expiration_date;
  if (state == LicenseState::kGrace) license.announced_date = license.grace_end_date;
}

std::optional<Announcement> NextAnnouncement(const World& world, const License& license,
                                             const StateOverlays& overlays) {
  if (license.closed) return std::nullopt;
  const LicenseDates dates = DatesOf(license, Own(overlays));
  if (dates.renewal.has_value()) return std::nullopt;
  if (license.activation_policy == model::ActivationPolicy::kOnFirstSignIn && !license.activate_time.has_value())
    return std::nullopt;
  const LicenseState told = AnnouncedState(license);
  const Date shown_until = std::min(license.suspend_date.value_or(dates.grace_end), dates.grace_end);
  const Date notice = NoticeDay(world, license, overlays, dates.expiration);
  if (told == LicenseState::kActive && license.start_date <= notice && notice < dates.expiration &&
      notice < shown_until) {
    return Announcement{notice, LicenseState::kExpiringSoon};
  }
  if (told == LicenseState::kGrace || dates.expiration >= shown_until) return std::nullopt;
  return Announcement{dates.expiration, LicenseState::kGrace};
}

void AnnounceShown(const World& world, License& license, Date day) {
  if (const std::optional<LicenseState> shown = ShownState(world, license, day)) Announce(license, *shown);
}

void AnnounceDecided(const World& before, World& after, Date today) {
  for (auto& [key, license] : after.licenses) {
    if (license.closed || IsFarFromItsEnd(after, license, today)) continue;
    const License* was = Find(before.licenses, key.first, key.second);
    const LicenseState told = AnnouncedState(license), told_before = was == nullptr ? told : AnnouncedState(*was);
    const bool all_told = was == nullptr || ShownState(before, *was, today).value_or(told_before) == told_before;
    const LicenseState shown =
        ShownState(after, license, today).value_or(told == told_before ? told : LicenseState::kActive);
    if (told != told_before || (told != shown && all_told)) Announce(license, all_told ? shown : LicenseState::kActive);
    // Suspended from today on: its notice would have begun before, had it not been about to renew. That is not told
    // later.
    if (license.suspend_date != today) continue;
    const auto missed = NextAnnouncement(after, license, OverlaysIn(after, license));
    if (missed.has_value() && missed->day < today) Announce(license, missed->state);
  }
}

}  // namespace lmp::domain
