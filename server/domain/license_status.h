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
  std::optional<model::SubscriptionState> subscription;  // none: unbundled
};

// Strongest first: DISABLED (partner canceled, customer disabled or deleted, subscription disabled, or closed before its
// time), EXPIRED (grace is over: nothing brings it back), SUSPENDED (subscription), PENDING, NOT_ACTIVATED, GRACE,
// EXPIRING_SOON, ACTIVE.
model::LicenseState LicenseStateOf(const model::License& license, const LicenseOwners& owners, Date today);

// The same, with the owners taken from the world; rows that are not there overlay nothing.
model::LicenseState LicenseStateIn(const model::World& world, const model::License& license, Date today);

// ACTIVE, EXPIRING_SOON and GRACE.
bool IsUsable(model::LicenseState state);

// Still holds its place and its units: PENDING to GRACE, suspended or disabled owners included.
bool IsUnended(const model::License& license, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_STATUS_H_
