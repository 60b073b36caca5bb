#ifndef LMP_CLIENT_CLI_REQUEST_SPOKEN_NAMES_H_
#define LMP_CLIENT_CLI_REQUEST_SPOKEN_NAMES_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/session.h"

namespace lmp::cli {

// Finds what a person means who knows a customer's plan or product but not the id.
// "customers/bakery/subscriptions/cas-annual" means the one subscription that runs and is of that plan, or has a
// license of that product; "customers/bakery/licenses/cas" means the one license of that product that has not ended. It
// is for a name that the server did not find; `not_found` is the server's error, which is returned if nothing is meant
// that way. Errors also: a usage error that names the candidates if there are several.
absl::StatusOr<std::string> MeantBy(Session& session, const std::string& name, const absl::Status& not_found);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_SPOKEN_NAMES_H_
