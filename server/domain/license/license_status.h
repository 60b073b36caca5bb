// The state of a license: a function of the row, its overlays and the day, never of when a job ran.
#ifndef LMP_SERVER_DOMAIN_LICENSE_LICENSE_STATUS_H_
#define LMP_SERVER_DOMAIN_LICENSE_LICENSE_STATUS_H_

#include <optional>

#include "absl/time/time.h"
#include "storage/model/world.h"

namespace lmp::domain {

using model::Date;

// What of a license's overlays can overlay its state.
struct StateOverlays {
  model::PartnerState partner = model::PartnerState::kActive;
  model::CustomerState customer = model::CustomerState::kEnabled;
  bool customer_deleted = false;
  std::optional<Date> end_of_life_date;  // the product's
  bool renewing = false;                 // its subscription is active and renews by itself
};

// The overlays taken from the world; rows that are not there overlay nothing, and a subscription that is not there
// renews nothing.
StateOverlays OverlaysIn(const model::World& world, const model::License& license);

// The dates as everybody is shown them: a product's end of life clamps, so that no date is later than it. [ours]
struct LicenseDates {
  Date expiration;
  Date grace_end;               // first day on which nothing of it is left
  std::optional<Date> renewal;  // the day on which it renews by itself, if it does
};
LicenseDates DatesOf(const model::License& license, const StateOverlays& overlays);
LicenseDates DatesIn(const model::World& world, const model::License& license);

// Strongest first: DISABLED (partner canceled, customer disabled or deleted, or closed before its time by a
// cancellation, for good), EXPIRED (grace is over: nothing brings it back), SUSPENDED, PENDING, NOT_ACTIVATED, GRACE,
// EXPIRING_SOON (within the notice, and nothing will renew it), ACTIVE.
model::LicenseState LicenseStateOf(const model::License& license, const StateOverlays& overlays, Date today);

// The same, with the overlays taken from the world; rows that are not there overlay nothing.
model::LicenseState LicenseStateIn(const model::World& world, const model::License& license, Date today);

// The day on which a closed license was put away: by time at its end or later, by a cancellation before. Nothing
// changes it after that.
inline Date ClosedOn(const model::License& license) {
  return absl::ToCivilDay(license.stamp.update_time, absl::UTCTimeZone());
}

// First day on which nothing of the license is left: the end of its grace, or of its product's life.
Date LicenseEnd(const model::License& license, const std::optional<Date>& end_of_life_date);

// Days before the expiration at which it counts as expiring soon: its notice, but at most half of the days from its
// start to its expiration. So a month's license is not expiring soon on its first day. [ours]
int NoticeDays(const model::License& license, Date expiration);

// ACTIVE, EXPIRING_SOON and GRACE.
bool IsUsable(model::LicenseState state);

// Still holds its place and its units: PENDING to GRACE, suspended or disabled overlays included. A product's end of
// life closes its licenses (due.h), so it need not be asked about here.
bool IsUnended(const model::License& license, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_LICENSE_STATUS_H_
