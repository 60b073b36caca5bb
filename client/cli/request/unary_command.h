#ifndef LMP_CLIENT_CLI_REQUEST_UNARY_COMMAND_H_
#define LMP_CLIENT_CLI_REQUEST_UNARY_COMMAND_H_

#include "absl/status/status.h"
#include "client/cli/session.h"

namespace lmp::cli {

// Runs a command of the table: makes the request from what was typed, calls, and writes the answer; for a list, all its
// pages.
absl::Status RunUnaryCommand(Session& session);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_UNARY_COMMAND_H_
