// The state of a license. It is a function of the row, its overlays and the day; when a job ran does not matter.
#ifndef LMP_SERVER_DOMAIN_LICENSE_LICENSE_STATUS_H_
#define LMP_SERVER_DOMAIN_LICENSE_LICENSE_STATUS_H_

#include <optional>

#include "absl/time/time.h"
#include "storage/model/world.h"

namespace lmp::domain {

using model::Date;

// The parts of the customer, partner, product and subscription that can overlay a license's state.
struct StateOverlays {
  model::PartnerState partner = model::PartnerState::kActive;
  model::CustomerState customer = model::CustomerState::kEnabled;
  bool customer_deleted = false;
  std::optional<Date> end_of_life_date;  // the product's end of life
  bool renewing = false;                 // the license's subscription is ACTIVE and renews by itself
};

// The overlays as the world has them. A row that is missing overlays nothing, and a missing subscription renews
// nothing.
StateOverlays OverlaysIn(const model::World& world, const model::License& license);

// The dates as everybody is shown them. A product's end of life limits them: no date is shown later than it. [ours]
struct LicenseDates {
  Date expiration;
  Date grace_end;               // first day on which nothing of the license is left
  std::optional<Date> renewal;  // the day on which the license renews by itself, if it does
};
LicenseDates DatesOf(const model::License& license, const StateOverlays& overlays);
LicenseDates DatesIn(const model::World& world, const model::License& license);

// The state of the license. If several apply, the strongest is returned; strongest first: DISABLED (the partner is
// canceled, the customer is disabled or deleted, or a cancellation closed the license before its end, for good),
// EXPIRED (grace is over: nothing brings the license back), SUSPENDED, PENDING, NOT_ACTIVATED, GRACE, EXPIRING_SOON
// (within the notice, and nothing will renew it), ACTIVE.
model::LicenseState LicenseStateOf(const model::License& license, const StateOverlays& overlays, Date today);

// The same, with the overlays as the world has them (OverlaysIn).
model::LicenseState LicenseStateIn(const model::World& world, const model::License& license, Date today);

// The day on which a closed license was closed: time closes it at its end or later, a cancellation before its end. The
// license does not change after that day.
inline Date ClosedOn(const model::License& license) {
  return absl::ToCivilDay(license.stamp.update_time, absl::UTCTimeZone());
}

// The first day on which nothing of the license is left: the end of its grace, or the end of its product's life if that
// is earlier.
Date LicenseEnd(const model::License& license, const std::optional<Date>& end_of_life_date);

// The number of days before the expiration from which the license counts as expiring soon: its notice, but at most half
// of the days from its start to its expiration. So a license for a month is not expiring soon on its first day. [ours]
int NoticeDays(const model::License& license, Date expiration);

// True for ACTIVE, EXPIRING_SOON and GRACE.
bool IsUsable(model::LicenseState state);

// True if the license still holds its place and its units, from PENDING to GRACE, even if it is suspended or disabled.
// This does not look at the product's end of life, which closes the product's licenses (due.h).
bool IsUnended(const model::License& license, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_LICENSE_STATUS_H_
