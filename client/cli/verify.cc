#include "client/cli/verify.h"

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/cli/output/json_output.h"
#include "client/cli/output/table.h"
#include "client/cli/status_macros.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "lmp/error.h"
#include "lmp/license_token.h"

namespace lmp::cli {
namespace {

using State = client::VerifiedLicense::State;

absl::StatusOr<client::VerifiedLicense> Verify(Session& session) {
  const VerifyArguments& arguments = session.invocation.verify;
  client::LicenseTokenOptions options;
  ASSIGN_OR_RETURN(const std::string token, ReadInput(session, arguments.token, "token"));
  ASSIGN_OR_RETURN(options.jwks_json, ReadInput(session, arguments.keys, "jwks_json"));
  if (!arguments.revocations.empty()) {
    ASSIGN_OR_RETURN(options.revocation_list, ReadInput(session, arguments.revocations, "revocation_list"));
  }
  if (arguments.clock_file.empty()) return client::VerifyLicenseToken(token, options);
  return client::VerifyLicenseToken(token, std::move(options), client::ClockFile(arguments.clock_file));
}

// The error as a server would send it, so that it is written like any other error.
absl::Status Described(const absl::Status& status) {
  const std::optional<client::LicenseTokenError> error = client::GetLicenseTokenError(status);
  if (!error.has_value()) return status;
  google::rpc::Status rpc = client::ToRpcStatus(status);
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(client::LicenseTokenErrorName(*error)));
  info.set_domain("lmp");
  rpc.add_details()->PackFrom(info);
  return client::FromRpcStatus(rpc);
}

void Write(Session& session, const client::VerifiedLicense& license) {
  const std::string units = absl::StrCat(license.units);
  const auto time = [](absl::Time value) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", value, absl::UTCTimeZone()); };
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"license", license.license},
      {"partner", license.partner},
      {"product", license.product},
      {"units", units},
      {"unit", license.unit},
      {"state", license.state == State::kActive ? "ACTIVE" : "GRACE"},
      {"start_date", absl::FormatCivilTime(license.start_date)},
      {"expiration_date", absl::FormatCivilTime(license.expiration_date)},
      {"grace_end_date", absl::FormatCivilTime(license.grace_end_date)},
      {"issue_time", time(license.issue_time)},
      {"expire_time", time(license.expire_time)},
      {"token_id", license.token_id},
      {"key_id", license.key_id},
  };
  if (session.json()) {
    google::protobuf::Struct object;
    for (const auto& [name, value] : lines) (*object.mutable_fields())[name].set_string_value(value);
    (*object.mutable_fields())["units"].set_number_value(license.units);
    session.console.out << ToJson(object) << "\n";
    return;
  }
  Table table;
  for (const auto& [name, value] : lines) table.Add({name, Printable(value)});
  table.Write(session.console.out);
}

}  // namespace

absl::StatusOr<std::string> ReadInput(Session& session, const std::string& name, absl::string_view field) {
  std::stringstream text;
  if (name == "-") {
    text << session.console.in.rdbuf();
  } else {
    std::ifstream file(name);
    if (!file || !(text << file.rdbuf())) return UsageError(absl::StrCat("can't read ", name));
  }
  std::string content(absl::StripAsciiWhitespace(text.str()));
  google::protobuf::Struct answer;
  if (!absl::StartsWith(content, "{") || !google::protobuf::util::JsonStringToMessage(content, &answer).ok())
    return content;
  const auto value = answer.fields().find(std::string(field));
  return value == answer.fields().end() || value->second.string_value().empty() ? content
                                                                                : value->second.string_value();
}

absl::Status RunVerify(Session& session) {
  const GlobalFlags& flags = session.invocation.global;
  if (flags.dry_run || !flags.request_id.empty() || !flags.etag.empty() || !flags.reason.empty()) {
    return UsageError("flags of changes have no meaning for this command: it changes nothing");
  }
  const absl::StatusOr<client::VerifiedLicense> license = Verify(session);
  if (!license.ok()) return Described(license.status());
  Write(session, *license);
  return absl::OkStatus();
}

}  // namespace lmp::cli
