#include "server/domain/decision/invariants.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"

namespace lmp::domain {

std::vector<std::string> InvariantViolations(const model::World& world, model::Date today) {
  std::vector<std::string> violations;
  std::map<model::RowKey, std::string> service_licenses;  // (customer, product) → license
  for (const auto& [key, license] : world.licenses) {
    const std::string name = LicenseName(license.customer_id, license.license_id);
    const bool software = license.product_kind == model::ProductKind::kSoftware;
    if (!software && IsUnended(license, today)) {
      const auto [other, first] = service_licenses.insert({{license.customer_id, license.product_id}, name});
      if (!first) {
        violations.push_back(absl::StrCat("I1: ", name, " and ", other->second, " are both unended licenses of ",
                                          ProductName(license.product_id)));
      }
    }
    if (license.units <= 0) violations.push_back(absl::StrCat(name, " has ", license.units, " units"));
    if (license.start_date >= license.expiration_date || license.expiration_date > license.grace_end_date) {
      violations.push_back(absl::StrCat(name, " has dates out of order"));
    }
    if (software != license.activation_code.has_value()) {
      violations.push_back(absl::StrCat(name, software ? " has no activation code" : " is a service with a code"));
    }
    if (!license.closed && license.subscription_id.has_value()) {
      const model::Subscription* subscription =
          Find(world.subscriptions, license.customer_id, *license.subscription_id);
      if (subscription == nullptr || !Runs(*subscription)) {
        violations.push_back(absl::StrCat(name, " is not closed, but belongs to a subscription that does not run"));
      }
    }
  }
  for (const auto& [key, pool] : world.pools) {
    if (pool.assigned < 0 || pool.assigned > pool.total) {
      violations.push_back(absl::StrCat("I2: pool ", pool.partner_id, "/", pool.product_id, " has ", pool.assigned,
                                        " units assigned of ", pool.total));
    }
  }
  return violations;
}

}  // namespace lmp::domain
