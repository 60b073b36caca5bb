#ifndef LMP_CLIENT_CLI_COMMAND_LINE_H_
#define LMP_CLIENT_CLI_COMMAND_LINE_H_

#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "client/cli/contract/invocation.h"

namespace lmp::cli {

// Exit code of a command line that is wrong (sysexits.h's EX_USAGE; gRPC's codes are all below).
inline constexpr int kUsageExitCode = 64;

// What the arguments (without the program's name) and the environment (LMP_…) ask for, or an exit code if that has been
// dealt with: help and version, written to `out`, or a usage error, written to `err`.
std::variant<Invocation, int> ParseCommandLine(const std::vector<std::string>& arguments, std::ostream& out,
                                               std::ostream& err);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_COMMAND_LINE_H_
