#ifndef LMP_CLIENT_CLI_COMMAND_LINE_H_
#define LMP_CLIENT_CLI_COMMAND_LINE_H_

#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "client/cli/contract/invocation.h"

namespace lmp::cli {

// The exit code for a wrong command line (EX_USAGE of sysexits.h; all gRPC codes are below it).
inline constexpr int kUsageExitCode = 64;

// Returns what the arguments (without the program's name) and the environment (LMP_…) ask for. If that has been done
// already, returns an exit code: help and version are written to `out`, a usage error to `err`.
std::variant<Invocation, int> ParseCommandLine(const std::vector<std::string>& arguments, std::ostream& out,
                                               std::ostream& err);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_COMMAND_LINE_H_
