#ifndef LMP_CLIENT_CLI_VERIFY_H_
#define LMP_CLIENT_CLI_VERIFY_H_

#include "absl/status/status.h"
#include "client/cli/session.h"

namespace lmp::cli {

// `lmp license verify`: verifies a license token without a server, and writes what the token says.
absl::Status RunVerify(Session& session);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_VERIFY_H_
