#ifndef LMP_CLIENT_CLI_CREDENTIALS_H_
#define LMP_CLIENT_CLI_CREDENTIALS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lmp::cli {

// How a server is told who calls: one of the two.
struct Credential {
  // An API key or a token.
  std::string token;
  // A command of the shell that prints one.
  std::string command;
};

// What `lmp login` has stored for this target (TargetOf); nothing if it has not. A usage error for a file that can't be
// used, that others can read too.
absl::StatusOr<std::optional<Credential>> LoadCredential(const std::string& target);
// Stores it in a file of its own that is readable by the user alone, in place of what was there, or not at all.
// FAILED_PRECONDITION with the reason.
absl::Status StoreCredential(const std::string& target, const Credential& credential);
// False if nothing was stored.
absl::StatusOr<bool> RemoveCredential(const std::string& target);

// The token itself; that of a command by running it. FAILED_PRECONDITION if it prints none.
absl::StatusOr<std::string> TokenOf(const Credential& credential);

// The token stored for this target; empty if there is none. Errors: as above.
absl::StatusOr<std::string> StoredToken(const std::string& target);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CREDENTIALS_H_
