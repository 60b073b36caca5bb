// The verbs of a single license.
#ifndef LMP_SERVER_DOMAIN_LICENSE_LICENSE_VERBS_H_
#define LMP_SERVER_DOMAIN_LICENSE_LICENSE_VERBS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/env.h"
#include "server/domain/standing.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct LicenseCommand {
  std::string customer_id;
  std::string license_id;
  std::string etag;

  model::Footprint footprint() const { return {.customers = {customer_id}}; }
};

struct ActivateLicenseCommand : LicenseCommand {
  static constexpr Verb kVerb = Verb::kActivateLicense;
};
struct DeleteUnbundledLicenseCommand : LicenseCommand {
  static constexpr Verb kVerb = Verb::kDeleteUnbundledLicense;
};
struct ReportUsageCommand : LicenseCommand {
  static constexpr Verb kVerb = Verb::kReportUsage;
  int used_units = 0;
};

// Helpers for the verbs of a license, here and in other files. FindLicenseForChange returns the row to change, if its
// customer may be changed now. WrongLicenseState refuses a license in the wrong state; it adds `what` to the license's
// name and state. Errors: LICENSE_NOT_FOUND; ETAG_MISMATCH; those of customer and partner.
absl::StatusOr<model::License*> FindLicenseForChange(model::World& world, const LicenseCommand& command, Verb verb,
                                                     const Caller& caller);
template <class Command>
absl::StatusOr<model::License*> FindLicenseForChange(model::World& world, const Command& command,
                                                     const Caller& caller) {
  return FindLicenseForChange(world, command, Command::kVerb, caller);
}
absl::Status WrongLicenseState(const model::License& license, model::LicenseState state, absl::string_view what);

// Each returns the license's key. Errors of all: LICENSE_NOT_FOUND; ETAG_MISMATCH; those of customer and partner.
// Besides:
//   ActivateLicense         WRONG_STATE unless the license is NOT_ACTIVATED (waits for the customer's first sign-in)
//   DeleteUnbundledLicense  LICENSE_NOT_UNBUNDLED; WRONG_STATE if the license has ended
//   ReportUsage             WRONG_STATE if the license has ended
absl::StatusOr<model::RowKey> ActivateLicense(model::World& world, const ActivateLicenseCommand& command,
                                              const Env& env);
absl::StatusOr<model::RowKey> DeleteUnbundledLicense(model::World& world, const DeleteUnbundledLicenseCommand& command,
                                                     const Env& env);
absl::StatusOr<model::RowKey> ReportUsage(model::World& world, const ReportUsageCommand& command, const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_LICENSE_VERBS_H_
