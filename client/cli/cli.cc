#include "client/cli/cli.h"

#include <variant>

#include "client/cli/assign/assign.h"
#include "client/cli/command_line.h"
#include "client/cli/connection_options.h"
#include "client/cli/error_report.h"
#include "client/cli/history_commands.h"
#include "client/cli/login.h"
#include "client/cli/request/unary_command.h"
#include "client/cli/session.h"
#include "client/cli/status_macros.h"
#include "client/cli/verify.h"

namespace lmp::cli {
namespace {

absl::Status Run(Session& session) {
  if (!session.invocation.verify.token.empty()) return RunVerify(session);                // needs no server
  if (!session.invocation.verify_history.file.empty()) return RunVerifyHistory(session);  // nor does this
  if (session.invocation.login.kind != LoginArguments::kNeither) return RunLogin(session);
  ASSIGN_OR_RETURN(const client::Options options, ConnectionOptions(session.invocation.global, session.console.err));
  session.connection = client::MakeConnection(options);
  return session.invocation.command == nullptr ? RunAssign(session) : RunUnaryCommand(session);
}

// The output must have arrived: a full disk must not look like success, nor cut off an export in silence.
int Finish(Console& console, int exit_code, const std::string& changed_by) {
  console.out.flush();
  if (console.out.good() || exit_code != 0) return exit_code;
  console.err << "error: the output could not be written\n";
  if (!changed_by.empty()) {
    console.err << "The change was made. The same command with --request-id " << changed_by
                << " shows its answer again.\n";
  }
  return kOutputExitCode;
}

}  // namespace

int RunCli(const std::vector<std::string>& arguments, Console console) {
  const std::variant<Invocation, int> parsed = ParseCommandLine(arguments, console.out, console.err);
  if (const int* exit_code = std::get_if<int>(&parsed)) return Finish(console, *exit_code, "");
  Session session{.invocation = std::get<Invocation>(parsed), .console = console, .connection = nullptr};
  const absl::Status status = Run(session);
  const int exit_code = status.ok() ? 0 : ReportError(session, status);
  return Finish(console, exit_code, session.invocation.global.dry_run ? "" : session.info.request_id);
}

}  // namespace lmp::cli
