#ifndef LMP_CLIENT_CLI_LOGIN_H_
#define LMP_CLIENT_CLI_LOGIN_H_

#include "absl/status/status.h"
#include "client/cli/session.h"

namespace lmp::cli {

// What `lmp login --help` says.
inline constexpr char kLoginAbout[] =
    R"(Store how all commands tell this server (--server) who you are: an API key or token, asked for or read from
standard input, or with --command a command that prints one each time. It is tried before it is stored.)";

inline constexpr char kLoginFooter[] = R"(
Examples:
  lmp login --server lmp.example --tls < key
  lmp login --server lmp.example --tls --command "vault read -field=key secret/lmp"

The file is $LMP_CREDENTIALS_DIR, else $XDG_CONFIG_HOME/lmp/credentials, else ~/.config/lmp/credentials, one for each
server, readable by you alone. --token-file goes before it.)";

// `lmp login` and `lmp logout`. What is to be stored is tried first: if the server does not take it, nothing is stored.
absl::Status RunLogin(Session& session);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_LOGIN_H_
