#include "server/wire/license.h"

#include "absl/strings/str_cat.h"
#include "server/domain/license/announcement.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/wire/mutation_request.h"
#include "server/wire/read_options.h"

namespace lmp::wire {
namespace {

constexpr int kMaxBatchChecks = 1000;

}  // namespace

void SetName(Fields& fields, const std::string& name, domain::LicenseCommand& command) {
  std::tie(command.customer_id, command.license_id) = fields.ChildName("name", name, "customers", "licenses");
}

absl::StatusOr<model::RowKey> ParseGetLicense(const v1::GetLicenseRequest& request) {
  return ParseChildName("name", request.name(), "customers", "licenses");
}

absl::StatusOr<model::RowKey> ParseCheckLicense(const v1::CheckLicenseRequest& request) {
  Fields fields;
  model::RowKey key(fields.Name("customer", request.customer(), "customers"),
                    fields.Name("product", request.product(), "products"));
  RETURN_IF_ERROR(fields.status());
  return key;
}

absl::StatusOr<std::vector<model::RowKey>> ParseBatchCheckLicenses(const v1::BatchCheckLicensesRequest& request) {
  Fields fields;
  std::vector<model::RowKey> keys;
  if (request.requests_size() < 1 || request.requests_size() > kMaxBatchChecks) {
    fields.Fail("requests", absl::StrCat("must be 1 to ", kMaxBatchChecks));
  }
  for (int i = 0; i < request.requests_size() && i < kMaxBatchChecks; ++i) {
    const std::string prefix = absl::StrCat("requests[", i, "].");
    keys.emplace_back(fields.Name(prefix + "customer", request.requests(i).customer(), "customers"),
                      fields.Name(prefix + "product", request.requests(i).product(), "products"));
    fields.Duration(prefix + "max_staleness", request.requests(i).max_staleness(), kMaxStaleness);
  }
  RETURN_IF_ERROR(fields.status());
  return keys;
}

absl::StatusOr<domain::ReportUsageCommand> ParseReportUsage(const v1::ReportUsageRequest& request) {
  Fields fields;
  domain::ReportUsageCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.used_units = request.used_units();
  if (!request.has_used_units()) fields.Fail("used_units", "is required");
  if (request.used_units() < 0 || request.used_units() > kMaxUnits) {
    fields.Fail("used_units", absl::StrCat("must be 0 to ", kMaxUnits));
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

void RenderLicense(const engine::Decision& decided, const model::RowKey& license, v1::License* out) {
  ToProto(*Find(decided.after.licenses, license.first, license.second), After(decided), out);
}

void ToProto(const model::License& row, const View& view, v1::License* out) {
  out->set_name(domain::LicenseName(row.customer_id, row.license_id));
  out->set_product(domain::ProductName(row.product_id));
  out->set_product_kind(static_cast<v1::Product::Kind>(row.product_kind));
  out->set_unit(static_cast<v1::Product::Unit>(row.unit));
  out->set_units(row.units);
  if (row.used_units.has_value()) {
    out->set_used_units(*row.used_units);
    out->set_over_allocated(*row.used_units > row.units);
  }
  ToProto(row.start_date, out->mutable_start_date());
  const domain::StateOverlays overlays = domain::OverlaysIn(view.world, row);
  const domain::LicenseDates dates = domain::DatesOf(row, overlays);
  ToProto(dates.expiration, out->mutable_expiration_date());
  ToProto(dates.grace_end, out->mutable_grace_end_date());
  out->set_auto_renewal(dates.renewal.has_value());
  if (dates.renewal.has_value()) ToProto(*dates.renewal, out->mutable_renewal_date());
  out->set_expiration_notice_days(row.expiration_notice_days);
  ToProto(row.anchor_date, out->mutable_anchor_date());
  if (row.activation_code.has_value()) out->set_activation_code(*row.activation_code);
  if (row.subscription_id.has_value()) {
    out->set_subscription(domain::SubscriptionName(row.customer_id, *row.subscription_id));
  }
  model::LicenseState state = domain::LicenseStateOf(row, overlays, view.today);
  const bool near_its_end = state == model::LicenseState::kExpiringSoon || state == model::LicenseState::kGrace;
  if (view.announcing && near_its_end) state = domain::AnnouncedState(row);
  out->set_state(static_cast<v1::License::State>(state));
  out->set_nfr(row.nfr);
  out->set_trial(row.version == model::PlanVersion::kTrial);
  if (row.activate_time.has_value()) ToProto(*row.activate_time, out->mutable_activate_time());
  if (row.suspend_date.has_value()) ToProto(*row.suspend_date, out->mutable_suspend_date());
  SetStamp(row.stamp, out);
}

}  // namespace lmp::wire
