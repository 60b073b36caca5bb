#ifndef LMP_CLIENT_CLI_LIST_FLAGS_H_
#define LMP_CLIENT_CLI_LIST_FLAGS_H_

#include "client/cli/contract/commands.h"
#include "client/cli/contract/invocation.h"

namespace CLI {
class App;
}

namespace lmp::cli {

// --limit.
void AddLimit(CLI::App& app, Invocation& invocation);

// Those of the commands about the history that are no fields of a request: --since, --actor, --limit, --resume-file.
void AddHistoryFlags(CLI::App& app, const Command& command, Invocation& invocation);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_LIST_FLAGS_H_
