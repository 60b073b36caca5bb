#ifndef LMP_CLIENT_CLI_CLI_H_
#define LMP_CLIENT_CLI_CLI_H_

#include <string>
#include <vector>

#include "client/cli/console.h"

namespace lmp::cli {

// The exit code if the output could not be written (EX_IOERR of sysexits.h).
inline constexpr int kOutputExitCode = 74;

// Runs the whole `lmp` tool with these arguments, which do not include the program's name. Returns the exit code: the
// number of the gRPC status code, 64 for a wrong command line, or 74.
int RunCli(const std::vector<std::string>& arguments, Console console);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CLI_H_
