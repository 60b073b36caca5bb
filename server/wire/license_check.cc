#include "server/wire/license_check.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"

namespace lmp::wire {
namespace {

void SetDate(model::Date date, google::type::Date* out) {
  out->set_year(static_cast<int32_t>(date.year()));
  out->set_month(date.month());
  out->set_day(date.day());
}

int32_t Capped(int64_t sum) {
  return static_cast<int32_t>(std::min<int64_t>(sum, std::numeric_limits<int32_t>::max()));
}

}  // namespace

void RenderLicenseCheck(const domain::LicenseCheck& check, v1::CheckLicenseResponse* out) {
  out->set_usable(check.usable);
  out->set_reason(static_cast<v1::CheckLicenseResponse::Reason>(check.reason));
  if (check.license == nullptr) return;
  out->set_license(absl::StrCat("customers/", check.license->customer_id, "/licenses/", check.license->license_id));
  out->set_state(static_cast<v1::License::State>(check.state));
  out->set_units(Capped(check.units));
  if (check.used_units.has_value()) out->set_used_units(Capped(*check.used_units));
  SetDate(check.dates.expiration, out->mutable_expiration_date());
  SetDate(check.dates.grace_end, out->mutable_grace_end_date());
}

void RenderLicenseCheck(const domain::LicenseCheck& check, absl::Time read_time, v1::CheckLicenseResponse* out) {
  const int64_t seconds = absl::ToUnixSeconds(read_time);
  out->mutable_read_time()->set_seconds(seconds);
  out->mutable_read_time()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(read_time - absl::FromUnixSeconds(seconds))));
  RenderLicenseCheck(check, out);
}

}  // namespace lmp::wire
