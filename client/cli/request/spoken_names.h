#ifndef LMP_CLIENT_CLI_REQUEST_SPOKEN_NAMES_H_
#define LMP_CLIENT_CLI_REQUEST_SPOKEN_NAMES_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/session.h"

namespace lmp::cli {

// People know a customer's plan or product, not the id: "customers/bakery/subscriptions/cas-annual" is the one
// subscription that runs of that plan, or with a license of that product, "customers/bakery/licenses/cas" the one
// license of that product that has not ended. For a name that a server did not find: `not_found` is its error, and
// returned if nothing is meant so either. A usage error names them if it is several.
absl::StatusOr<std::string> MeantBy(Session& session, const std::string& name, const absl::Status& not_found);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_SPOKEN_NAMES_H_
