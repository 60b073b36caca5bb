#ifndef LMP_CLIENT_CLI_CONNECTION_OPTIONS_H_
#define LMP_CLIENT_CLI_CONNECTION_OPTIONS_H_

#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/contract/invocation.h"
#include "lmp/options.h"

namespace lmp::cli {

// The gRPC target of what --server says: as it is, with our port if it names none.
//   TargetOf("lmp.example")    "lmp.example:50051"
//   TargetOf("::1")            "[::1]:50051"
//   TargetOf("unix:/run/lmp")  "unix:/run/lmp"
std::string TargetOf(const std::string& server);

// How to reach the server. Without --timeout, one that can't be reached is given up after a moment, and said to be
// waited for on `err`: a person waits in front of it. A usage error names the flag that is wrong.
absl::StatusOr<client::Options> ConnectionOptions(const GlobalFlags& flags, std::ostream& err);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONNECTION_OPTIONS_H_
