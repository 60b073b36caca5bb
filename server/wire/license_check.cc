#include "server/wire/license_check.h"

#include "absl/strings/str_cat.h"
#include "server/wire/values.h"

namespace lmp::wire {

void RenderLicenseCheck(const domain::LicenseCheck& check, v1::CheckLicenseResponse* out) {
  out->set_usable(check.usable);
  out->set_reason(static_cast<v1::CheckLicenseResponse::Reason>(check.reason));
  if (check.license == nullptr) return;
  out->set_license(absl::StrCat("customers/", check.license->customer_id, "/licenses/", check.license->license_id));
  out->set_state(static_cast<v1::License::State>(check.state));
  out->set_units(Capped(check.units));
  if (check.used_units.has_value()) out->set_used_units(Capped(*check.used_units));
  ToProto(check.dates.expiration, out->mutable_expiration_date());
  ToProto(check.dates.grace_end, out->mutable_grace_end_date());
}

void RenderLicenseCheck(const domain::LicenseCheck& check, absl::Time read_time, v1::CheckLicenseResponse* out) {
  ToProto(read_time, out->mutable_read_time());
  RenderLicenseCheck(check, out);
}

}  // namespace lmp::wire
