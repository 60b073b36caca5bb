// The hot question: may this customer use this product now?
#ifndef LMP_SERVER_DOMAIN_LICENSE_LICENSE_CHECK_H_
#define LMP_SERVER_DOMAIN_LICENSE_LICENSE_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "server/domain/license/license_status.h"
#include "storage/model/world.h"

namespace lmp::domain {

// As lmp.v1.CheckLicenseResponse.Reason; same numbers.
enum class UnusableReason {
  kUnspecified,
  kNoLicense,
  kNotStarted,
  kNotActivated,
  kExpired,
  kSuspended,
  kDisabled,
  kCustomerUnknown  // of a batch
};

struct LicenseCheck {
  bool usable = false;
  UnusableReason reason = UnusableReason::kUnspecified;
  const model::License* license = nullptr;  // speaks for the answer; none: NO_LICENSE
  LicenseDates dates;                       // of `license`, as shown
  model::LicenseState state = model::LicenseState::kUnspecified;
  int64_t units = 0;                  // of all usable licenses; of `license` if none is
  std::optional<int64_t> used_units;  // reported use of the same
};

// Looks at the customer's licenses of the product in the world. Of several the usable one that lasts longest speaks,
// else the one that can become usable again soonest: not ended before ended, then the one that ends last.
LicenseCheck CheckLicense(const model::World& world, const std::string& customer_id, const std::string& product_id,
                          model::Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_LICENSE_CHECK_H_
