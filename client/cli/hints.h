#ifndef LMP_CLIENT_CLI_HINTS_H_
#define LMP_CLIENT_CLI_HINTS_H_

#include <string>

#include "absl/status/status.h"
#include "client/cli/contract/invocation.h"

namespace lmp::cli {

// What to do about the error of a call, in the words of the command that made the call; empty if the error itself says
// it.
std::string HintFor(const Invocation& invocation, const absl::Status& status);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_HINTS_H_
