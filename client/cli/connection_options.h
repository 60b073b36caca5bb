#ifndef LMP_CLIENT_CLI_CONNECTION_OPTIONS_H_
#define LMP_CLIENT_CLI_CONNECTION_OPTIONS_H_

#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/contract/invocation.h"
#include "lmp/options.h"

namespace lmp::cli {

// The gRPC target for --server: the given text, with our port added if it names none.
//   TargetOf("lmp.example")    "lmp.example:50051"
//   TargetOf("::1")            "[::1]:50051"
//   TargetOf("unix:/run/lmp")  "unix:/run/lmp"
std::string TargetOf(const std::string& server);

// How to reach the server. Without --timeout, the tool gives up a server that it can't reach after a moment, and says
// on `err` that it waits, because a person may be waiting too. Errors: a usage error that names the wrong flag.
absl::StatusOr<client::Options> ConnectionOptions(const GlobalFlags& flags, std::ostream& err);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONNECTION_OPTIONS_H_
