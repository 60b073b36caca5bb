#include "client/cli/cli.h"

#include <fstream>
#include <sstream>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/cli/assign.h"
#include "client/cli/command_line.h"
#include "client/cli/error_report.h"
#include "client/cli/session.h"
#include "client/cli/status_macros.h"
#include "client/cli/unary_command.h"
#include "client/cli/verify.h"

namespace lmp::cli {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& name) {
  if (name.empty()) return std::string();
  std::ifstream file(name);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) return UsageError(absl::StrCat("can't read ", name));
  return text.str();
}

absl::StatusOr<absl::Duration> ParseTimeout(const std::string& text) {
  absl::Duration timeout;
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds)) {
    timeout = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &timeout)) {
    timeout = absl::ZeroDuration();
  }
  if (timeout > absl::ZeroDuration()) return timeout;
  return UsageError(absl::StrCat("--timeout ", text, ": must be more than nothing, as 10s, 500ms or 1m30s"));
}

absl::StatusOr<client::Options> ConnectionOptions(const GlobalFlags& flags) {
  client::Options options;
  options.target = flags.server;
  options.reason = flags.reason;
  options.user_agent = "lmp-cli/" LMP_VERSION;
  ASSIGN_OR_RETURN(options.timeout, ParseTimeout(flags.timeout));
  ASSIGN_OR_RETURN(const std::string token, ReadFile(flags.token_file));
  options.bearer_token = std::string(absl::StripAsciiWhitespace(token));
  if (flags.tls || !flags.tls_ca.empty() || !flags.tls_cert.empty()) {
    client::TlsCredentials tls;
    ASSIGN_OR_RETURN(tls.ca, ReadFile(flags.tls_ca));
    ASSIGN_OR_RETURN(tls.cert, ReadFile(flags.tls_cert));
    ASSIGN_OR_RETURN(tls.key, ReadFile(flags.tls_key));
    options.credentials = tls;
  }
  return options;
}

absl::Status Run(Session& session) {
  if (!session.invocation.verify.token.empty()) return RunVerify(session);  // needs no server
  ASSIGN_OR_RETURN(const client::Options options, ConnectionOptions(session.invocation.global));
  session.connection = client::MakeConnection(options);
  return session.invocation.command == nullptr ? RunAssign(session) : RunUnaryCommand(session);
}

}  // namespace

int RunCli(const std::vector<std::string>& arguments, Console console) {
  const std::variant<Invocation, int> parsed = ParseCommandLine(arguments, console.out, console.err);
  if (const int* exit_code = std::get_if<int>(&parsed)) return *exit_code;
  Session session{.invocation = std::get<Invocation>(parsed), .console = console, .connection = nullptr};
  const absl::Status status = Run(session);
  return status.ok() ? 0 : ReportError(session, status);
}

}  // namespace lmp::cli
