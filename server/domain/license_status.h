// The state of a licence: a function of the row, its owners and the day, never of when a job ran.
#ifndef LMP_SERVER_DOMAIN_LICENSE_STATUS_H_
#define LMP_SERVER_DOMAIN_LICENSE_STATUS_H_

#include <optional>

#include "storage/model/world.h"

namespace lmp::domain {

using model::Date;

// What of a licence's owners can overlay its state.
struct LicenseOwners {
  model::PartnerState partner = model::PartnerState::kActive;
  model::CustomerState customer = model::CustomerState::kEnabled;
  bool customer_deleted = false;
  std::optional<Date> end_of_life_date;  // the product's
};

// Strongest first: DISABLED (partner canceled, customer disabled or deleted, or closed before its time by a
// cancellation), EXPIRED (grace is over: nothing brings it back), SUSPENDED, PENDING, NOT_ACTIVATED, GRACE,
// EXPIRING_SOON, ACTIVE.
model::LicenseState LicenseStateOf(const model::License& license, const LicenseOwners& owners, Date today);

// The same, with the owners taken from the world; rows that are not there overlay nothing.
model::LicenseState LicenseStateIn(const model::World& world, const model::License& license, Date today);

// First day on which nothing of the licence is left: the end of its grace, or of its product's life.
Date LicenseEnd(const model::License& license, const std::optional<Date>& end_of_life_date);

// ACTIVE, EXPIRING_SOON and GRACE.
bool IsUsable(model::LicenseState state);

// Still holds its place and its units: PENDING to GRACE, suspended or disabled owners included. A product's end of life
// closes its licences (time_passing.h), so it need not be asked about here.
bool IsUnended(const model::License& license, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_STATUS_H_
