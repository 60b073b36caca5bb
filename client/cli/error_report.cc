#include "client/cli/error_report.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/cli/command_line.h"
#include "client/cli/connection_options.h"
#include "client/cli/contract/typed_words.h"
#include "client/cli/hints.h"
#include "client/cli/output/json_output.h"
#include "client/cli/output/table.h"
#include "lmp/error.h"

namespace lmp::cli {
namespace {

// What gRPC itself says when it got no answer, in fewer words, and with the name of the server.
std::string NoAnswer(const Session& session, const absl::Status& status) {
  const std::string target = TargetOf(session.invocation.global.server);
  if (absl::IsDeadlineExceeded(status)) {
    return absl::StrCat("no answer from ", target, " within ", session.invocation.global.timeout);
  }
  const std::string message(status.message());
  constexpr absl::string_view kBefore = "Failed to connect to remote host: ";
  const size_t cause = message.rfind(kBefore.data());
  return absl::StrCat("no server answers at ", target, ": ",
                      cause == std::string::npos ? message : message.substr(cause + kBefore.size()));
}

// What went wrong, unless the lines below it say just that.
std::string Headline(const Session& session, const absl::Status& status, const client::ErrorDetails& details) {
  if (details.reason.empty() && (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status))) {
    return Printable(NoAnswer(session, status));
  }
  for (const auto& v : details.field_violations) {
    // A long one comes cut off, and whole in the message.
    if (absl::StrContains(status.message(), absl::StrCat(v.field, " ", absl::StripSuffix(v.description, "…"))))
      return "not valid:";
  }
  return Printable(status.message());
}

void DescribeDetails(const Invocation& invocation, const absl::Status& status, const client::ErrorDetails& details,
                     std::ostream& out) {
  for (const auto& v : details.field_violations) {
    out << "  " << Printable(TypedWord(invocation, v.field)) << ": " << Printable(v.description) << "\n";
  }
  for (const auto& v : details.preconditions) {
    if (v.description == status.message()) continue;  // the message is this only violation
    out << "  " << Printable(v.subject) << ": " << Printable(v.description) << "\n";
  }
  for (const auto& duplicate : details.duplicates) {
    out << "  duplicate " << duplicate.product() << ": " << duplicate.license() << " of "
        << (duplicate.subscription().empty() ? "no subscription (unbundled)" : duplicate.subscription())
        << "; choices: " << absl::StrJoin(duplicate.choices(), ", ") << "\n";
  }
  for (const auto& [key, value] : details.metadata) out << "  " << Printable(key) << ": " << Printable(value) << "\n";
  if (!details.log_id.empty()) out << "  log id: " << details.log_id << "\n";
}

// True if the change may have been made although no answer came.
bool IsUnknownOutcome(const Session& session, const absl::Status& status) {
  return !session.info.request_id.empty() && !session.invocation.global.dry_run &&
         (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status));
}

}  // namespace

void DescribeError(const Session& session, const absl::Status& status, std::ostream& out) {
  const client::ErrorDetails details = client::GetErrorDetails(status);
  const std::string code = absl::StatusCodeToString(status.code());
  out << "error: " << (details.reason.empty() ? code : absl::StrCat(details.reason, " (", code, ")")) << ": "
      << Headline(session, status, details) << "\n";
  DescribeDetails(session.invocation, status, details, out);
  if (const std::string hint = HintFor(session.invocation, status); !hint.empty()) out << "hint: " << hint << "\n";
}

int ReportError(const Session& session, const absl::Status& status) {
  std::ostream& err = session.console.err;
  if (IsUsageError(status)) {
    err << "error: " << Printable(status.message()) << "\n";
    return kUsageExitCode;
  }
  if (session.json()) {
    err << ToJson(client::ToRpcStatus(status)) << "\n";
    return status.raw_code();
  }
  DescribeError(session, status, err);
  if (IsUnknownOutcome(session, status)) {
    err << "It is not known whether the change was made. The same command with --request-id " << session.info.request_id
        << " makes it once, or shows that it was made.\n";
  }
  return status.raw_code();
}

}  // namespace lmp::cli
