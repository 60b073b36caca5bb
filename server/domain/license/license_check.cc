#include "server/domain/license/license_check.h"

#include <tuple>

#include "absl/strings/string_view.h"

namespace lmp::domain {
namespace {

using model::LicenseState;

UnusableReason ReasonFor(LicenseState state) {
  switch (state) {
    case LicenseState::kPending:
      return UnusableReason::kNotStarted;
    case LicenseState::kNotActivated:
      return UnusableReason::kNotActivated;
    case LicenseState::kExpired:
      return UnusableReason::kExpired;
    case LicenseState::kSuspended:
      return UnusableReason::kSuspended;
    case LicenseState::kDisabled:
      return UnusableReason::kDisabled;
    default:
      return UnusableReason::kUnspecified;
  }
}

void AddUse(const model::License& license, LicenseCheck& check) {
  check.units += license.units;
  if (license.used_units.has_value()) check.used_units = check.used_units.value_or(0) + *license.used_units;
}

// `for_each` calls a function with each license of the product.
template <class ForEach>
LicenseCheck Judge(const model::World& world, model::Date today, const ForEach& for_each) {
  LicenseCheck check{.reason = UnusableReason::kNoLicense};
  const auto rank = [&](const model::License& license, LicenseState state, const LicenseDates& dates) {
    // Of two that have the end of their product's life in common, the one that would have lasted longer: so that which
    // closed one it is follows from the rows alone, and only that one needs to be read.
    const absl::string_view closed = license.closed ? license.license_id : absl::string_view();
    return std::make_tuple(IsUsable(state), IsUnended(license, today), dates.grace_end, license.grace_end_date, closed);
  };
  for_each([&](const model::License& license) {
    const StateOverlays overlays = OverlaysIn(world, license);
    const LicenseState state = LicenseStateOf(license, overlays, today);
    const LicenseDates dates = DatesOf(license, overlays);
    if (IsUsable(state)) AddUse(license, check);
    if (check.license == nullptr || rank(license, state, dates) > rank(*check.license, check.state, check.dates)) {
      check.license = &license;
      check.dates = dates;
      check.state = state;
    }
  });
  if (check.license == nullptr) return check;
  check.usable = IsUsable(check.state);
  check.reason = ReasonFor(check.state);
  if (!check.usable) AddUse(*check.license, check);
  return check;
}

}  // namespace

LicenseCheck CheckLicense(const model::World& world, const std::string& customer_id, const std::string& product_id,
                          model::Date today) {
  return Judge(world, today, [&](const auto& look) {
    for (const auto& [key, license] : Range(world.licenses, customer_id)) {
      if (license.product_id == product_id) look(license);
    }
  });
}

LicenseCheck CheckLicense(const model::World& world, const std::vector<const model::License*>& licenses,
                          model::Date today) {
  return Judge(world, today, [&](const auto& look) {
    for (const model::License* license : licenses) look(*license);
  });
}

}  // namespace lmp::domain
