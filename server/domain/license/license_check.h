// The most frequent question: may this customer use this product now?
#ifndef LMP_SERVER_DOMAIN_LICENSE_LICENSE_CHECK_H_
#define LMP_SERVER_DOMAIN_LICENSE_LICENSE_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/domain/license/license_status.h"
#include "storage/model/world.h"

namespace lmp::domain {

// Same values and numbers as lmp.v1.CheckLicenseResponse.Reason.
enum class UnusableReason {
  kUnspecified,
  kNoLicense,
  kNotStarted,
  kNotActivated,
  kExpired,
  kSuspended,
  kDisabled,
  kCustomerUnknown  // only in a batch of checks
};

struct LicenseCheck {
  bool usable = false;
  UnusableReason reason = UnusableReason::kUnspecified;
  const model::License* license = nullptr;  // the license that the answer describes; null: NO_LICENSE
  LicenseDates dates;                       // dates of `license`, as shown
  model::LicenseState state = model::LicenseState::kUnspecified;
  int64_t units = 0;                  // total of all usable licenses; those of `license` if none is usable
  std::optional<int64_t> used_units;  // reported use of the same licenses
};

// Looks at the customer's licenses of the product in the world. The answer describes the usable license that lasts
// longest. If none is usable, it describes the license that can become usable again soonest: one that has not ended
// before one that has, and among these the one that ends last (of closed ones that end alike, the one with the last
// id).
LicenseCheck CheckLicense(const model::World& world, const std::string& customer_id, const std::string& product_id,
                          model::Date today);

// The same for whoever has found the customer's licenses of the product, in order of their ids.
LicenseCheck CheckLicense(const model::World& world, const std::vector<const model::License*>& licenses,
                          model::Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_LICENSE_CHECK_H_
