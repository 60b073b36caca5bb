#ifndef LMP_CLIENT_CLI_REQUEST_UNITS_SHORTHAND_H_
#define LMP_CLIENT_CLI_REQUEST_UNITS_SHORTHAND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// Returns "PRODUCT=N" for each value of --units. "N" alone stands for all products, except those named, of what the
// request is about: a subscription's licenses, a plan's products, the --product of a command on many subscriptions. The
// request's arguments must be set. Errors: a usage error if the products are not known.
absl::StatusOr<std::vector<std::string>> WithProducts(Session& session, const google::protobuf::Message& request,
                                                      const std::vector<std::string>& values);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_UNITS_SHORTHAND_H_
