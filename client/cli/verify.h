#ifndef LMP_CLIENT_CLI_VERIFY_H_
#define LMP_CLIENT_CLI_VERIFY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/session.h"

namespace lmp::cli {

// Reads a file, or standard input ("-"). If it holds the JSON answer of a command (-o json), only `field` of it is
// returned, so that the output of one command can be the input of another. Errors: a usage error.
absl::StatusOr<std::string> ReadInput(Session& session, const std::string& name, absl::string_view field);

// `lmp license verify`: verifies a license token without a server, and writes what the token says.
absl::Status RunVerify(Session& session);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_VERIFY_H_
