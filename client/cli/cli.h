#ifndef CLIENT_CLI_CLI_H_
#define CLIENT_CLI_CLI_H_

#include <string>
#include <vector>

#include "client/cli/console.h"

namespace lmp::cli {

// The whole `lmp` tool, given its arguments without the program's name. Returns the exit code: the number of the gRPC
// status code, or 64 for a wrong command line.
int RunCli(const std::vector<std::string>& arguments, Console console);

}  // namespace lmp::cli

#endif  // CLIENT_CLI_CLI_H_
