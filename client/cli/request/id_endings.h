#ifndef LMP_CLIENT_CLI_REQUEST_ID_ENDINGS_H_
#define LMP_CLIENT_CLI_REQUEST_ID_ENDINGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/session.h"

namespace lmp::cli {

// Returns the name with its whole id if the id is given by its end, as narrow tables show it:
// "customers/bakery/licenses/…bcck81", or with dots, "..bcck81". Other names are returned as they are. Errors:
// NOT_FOUND if no id of the customer ends so, a usage error if several do.
absl::StatusOr<std::string> WithWholeId(Session& session, const std::string& name);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_ID_ENDINGS_H_
