#include "server/wire/license_token.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/wire/fields.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::wire {
namespace {

// Appends ,"name":"value".
void AppendText(std::string& json, absl::string_view name, absl::string_view value) {
  absl::StrAppend(&json, json.back() == '{' ? "\"" : ",\"", name, "\":");
  storage::AppendJsonString(json, value);
}

// The start of the claims of both kinds, up to where the claims of each kind begin.
std::string Claims(const std::string& subject, const std::string& token_id, absl::Time issue_time,
                   absl::Time expire_time) {
  std::string json = "{";
  AppendText(json, "iss", "lmp");
  AppendText(json, "sub", subject);
  if (!token_id.empty()) AppendText(json, "jti", token_id);
  absl::StrAppend(&json, ",\"iat\":", absl::ToUnixSeconds(issue_time), ",\"exp\":", absl::ToUnixSeconds(expire_time),
                  ",\"lmp\":{");
  return json;
}

}  // namespace

absl::StatusOr<domain::IssueLicenseTokenCommand> ParseIssueLicenseToken(const v1::IssueLicenseTokenRequest& request,
                                                                        const ServerContext& context) {
  Fields fields;
  domain::IssueLicenseTokenCommand command;
  std::tie(command.customer_id, command.license_id) = fields.ChildName("name", request.name(), "customers", "licenses");
  command.etag = request.etag();
  if (request.valid_days() != 0) command.valid_days = request.valid_days();
  if (command.valid_days < 1 || command.valid_days > domain::kMaxTokenDays) {
    fields.Fail("valid_days",
                absl::StrCat("must be 1 to ", domain::kMaxTokenDays, ", or 0 for ", domain::kDefaultTokenDays));
  }
  RETURN_IF_ERROR(fields.status());
  if (context.signer) command.signer = context.signer();
  return command;
}

absl::Status RenderLicenseToken(const engine::Decision& decided, const domain::IssuedToken& issued,
                                v1::LicenseToken* out) {
  const model::LicenseToken& row = *Find(decided.after.license_tokens, issued.key.first, issued.key.second);
  ToProto(row, {decided.after, decided.env.today}, out);
  if (decided.validate_only) return absl::OkStatus();
  ASSIGN_OR_RETURN(*out->mutable_token(),
                   issued.signer->Sign(kLicenseTokenType, LicenseTokenClaims(decided.after, row)));
  return absl::OkStatus();
}

std::string LicenseTokenClaims(const model::World& world, const model::LicenseToken& token) {
  const model::License& license = *Find(world.licenses, token.customer_id, token.license_id);
  const domain::TokenDates dates = domain::TokenDatesOf(world, license);
  std::string json = Claims(domain::LicenseName(token.customer_id, token.license_id), token.token_id, token.issue_time,
                            token.expire_time);
  AppendText(json, "partner", domain::PartnerName(Find(world.customers, token.customer_id)->partner_id));
  AppendText(json, "product", domain::ProductName(license.product_id));
  AppendText(json, "unit", model::NameOf(license.unit));
  absl::StrAppend(&json, ",\"units\":", token.units);
  AppendText(json, "start_date", storage::FormatDate(dates.start_date));
  AppendText(json, "expiration_date", storage::FormatDate(dates.expiration_date));
  AppendText(json, "grace_end_date", storage::FormatDate(dates.grace_end_date));
  return json + "}}";
}

std::string RevocationListClaims(const std::string& parent, const std::vector<std::string>& revoked,
                                 absl::Time issue_time, absl::Time expire_time) {
  std::string json = Claims(parent, "", issue_time, expire_time);
  absl::StrAppend(&json, "\"revoked\":[");
  const char* separator = "";
  for (const std::string& id : revoked) {
    absl::StrAppend(&json, std::exchange(separator, ","));
    storage::AppendJsonString(json, id);
  }
  return json + "]}}";
}

void ToProto(const model::LicenseToken& row, const View&, v1::LicenseToken* out) {
  out->set_name(domain::LicenseTokenName(row.customer_id, row.token_id));
  out->set_license(domain::LicenseName(row.customer_id, row.license_id));
  out->set_key_id(row.key_id);
  out->set_token_id(row.token_id);
  ToProto(row.issue_time, out->mutable_issue_time());
  ToProto(row.expire_time, out->mutable_expire_time());
}

}  // namespace lmp::wire
