#include "server/domain/license/license_verbs.h"

#include "absl/strings/str_cat.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {

absl::StatusOr<model::License*> FindLicenseForChange(model::World& world, const LicenseCommand& command, Verb verb,
                                                     const Caller& caller) {
  RETURN_IF_ERROR(FindWritableCustomer(world, caller, verb, command.customer_id).status());
  model::License* license = Find(world.licenses, command.customer_id, command.license_id);
  const std::string name = LicenseName(command.customer_id, command.license_id);
  if (license == nullptr) return NotFound(reason::kLicenseNotFound, name);
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(license->stamp), name));
  return license;
}

absl::Status WrongLicenseState(const model::License& license, model::LicenseState state, absl::string_view what) {
  const std::string name = LicenseName(license.customer_id, license.license_id);
  return Precondition(reason::kWrongState, name, absl::StrCat(name, " is ", NameOf(state), ": ", what),
                      {{"state", std::string(NameOf(state))}});
}

absl::StatusOr<model::RowKey> ActivateLicense(model::World& world, const ActivateLicenseCommand& command,
                                              const Env& env) {
  ASSIGN_OR_RETURN(model::License* const license, FindLicenseForChange(world, command, env.caller));
  const model::LicenseState state = LicenseStateIn(world, *license, env.today);
  if (state != model::LicenseState::kNotActivated) {
    return WrongLicenseState(*license, state, "only a license that waits for the first sign-in can be activated");
  }
  license->activate_time = env.now;
  return KeyOf(*license);
}

absl::StatusOr<model::RowKey> DeleteUnbundledLicense(model::World& world, const DeleteUnbundledLicenseCommand& command,
                                                     const Env& env) {
  ASSIGN_OR_RETURN(model::License* const license, FindLicenseForChange(world, command, env.caller));
  if (license->subscription_id.has_value()) {
    const std::string name = LicenseName(command.customer_id, command.license_id);
    return Precondition(
        reason::kLicenseNotUnbundled, name,
        absl::StrCat(name, " belongs to ", SubscriptionName(command.customer_id, *license->subscription_id),
                     ": cancel that instead"));
  }
  if (!IsUnended(*license, env.today)) {
    return WrongLicenseState(*license, LicenseStateIn(world, *license, env.today), "it has ended already");
  }
  license->closed = true;
  return KeyOf(*license);
}

absl::StatusOr<model::RowKey> ReportUsage(model::World& world, const ReportUsageCommand& command, const Env& env) {
  ASSIGN_OR_RETURN(model::License* const license, FindLicenseForChange(world, command, env.caller));
  if (!IsUnended(*license, env.today)) {
    return WrongLicenseState(*license, LicenseStateIn(world, *license, env.today), "its use no longer counts");
  }
  license->used_units = command.used_units;
  return KeyOf(*license);
}

}  // namespace lmp::domain
