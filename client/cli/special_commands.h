// The flags of the commands that are more than one RPC: `assign`, and `license verify`, which asks no server.
#ifndef LMP_CLIENT_CLI_SPECIAL_COMMANDS_H_
#define LMP_CLIENT_CLI_SPECIAL_COMMANDS_H_

#include "client/cli/contract/invocation.h"

namespace CLI {
class App;
}

namespace lmp::cli {

// Adds `lmp assign` to the tool.
CLI::App* AddAssign(CLI::App& app, AssignArguments& arguments);

// Adds `lmp license verify` to its group.
void AddVerify(CLI::App& group, VerifyArguments& arguments);

// Adds `lmp event verify` to its group.
void AddVerifyHistory(CLI::App& group, VerifyHistoryArguments& arguments);

// `lmp login` and `lmp logout`, of the whole tool.
void AddLogin(CLI::App& app, LoginArguments& arguments);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_SPECIAL_COMMANDS_H_
