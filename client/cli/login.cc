#include "client/cli/login.h"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <istream>
#include <iterator>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/connection_options.h"
#include "client/cli/credentials.h"
#include "client/cli/output/table.h"
#include "client/cli/status_macros.h"
#include "lmp/customer_client.h"

namespace lmp::cli {
namespace {

// What is typed is not shown while there is one.
class NoEcho final {
 public:
  NoEcho() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_set_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~NoEcho() {
    if (is_set_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  bool is_set_ = false;
};

absl::StatusOr<std::string> ReadToken(Console& console) {
  std::string text;
  if (console.interactive) {
    console.err << "API key or token (not shown): " << std::flush;
    const NoEcho quiet;
    std::getline(console.in, text);
    console.err << "\n";
  } else {
    text.assign(std::istreambuf_iterator<char>(console.in), std::istreambuf_iterator<char>());
  }
  const std::string token(absl::StripAsciiWhitespace(text));
  if (token.empty())
    return UsageError("no key was given: `lmp login < FILE`, or --command \"a command that prints one\"");
  if (std::all_of(token.begin(), token.end(), [](unsigned char c) { return absl::ascii_isgraph(c); })) return token;
  return UsageError("what was given is no API key and no token: it has blanks, line breaks or other characters in it");
}

absl::Status Logout(Session& session, const std::string& target) {
  ASSIGN_OR_RETURN(const bool removed, RemoveCredential(target));
  session.console.err << (removed ? "logged out of " : "(nothing was stored for ") << Printable(target)
                      << (removed ? "\n" : ")\n");
  return absl::OkStatus();
}

}  // namespace

absl::Status RunLogin(Session& session) {
  GlobalFlags flags = session.invocation.global;
  const LoginArguments& login = session.invocation.login;
  const std::string target = TargetOf(flags.server);
  if (login.kind == LoginArguments::kLogout) return Logout(session, target);
  if (!flags.token_file.empty()) session.console.err << "(--token-file goes before what is stored here)\n";
  flags.token_file.clear();
  flags.ignore_stored = true;
  ASSIGN_OR_RETURN(client::Options options, ConnectionOptions(flags, session.console.err));
  Credential credential{.token = "", .command = login.command};
  if (login.command.empty()) {
    ASSIGN_OR_RETURN(credential.token, ReadToken(session.console));
  }
  ASSIGN_OR_RETURN(options.bearer_token, TokenOf(credential));
  session.connection = client::MakeConnection(options);
  ASSIGN_OR_RETURN(const v1::WhoAmIResponse caller,
                   client::CustomerClient(session.connection).WhoAmI({}, session.Options()));
  RETURN_IF_ERROR(StoreCredential(target, credential));
  session.console.err << "logged in to " << Printable(target) << " as " << Printable(caller.actor()) << "\n";
  return absl::OkStatus();
}

}  // namespace lmp::cli
