// The flags of the commands that are more than one RPC: `assign`, and `license verify`, which asks no server.
#ifndef LMP_CLIENT_CLI_SPECIAL_COMMANDS_H_
#define LMP_CLIENT_CLI_SPECIAL_COMMANDS_H_

#include "client/cli/contract/invocation.h"

namespace CLI {
class App;
}

namespace lmp::cli {

// `lmp assign`, of the whole tool.
CLI::App* AddAssign(CLI::App& app, AssignArguments& arguments);

// `lmp license verify`, of the group.
void AddVerify(CLI::App& group, VerifyArguments& arguments);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_SPECIAL_COMMANDS_H_
