#ifndef LMP_CLIENT_CLI_REQUEST_UNITS_SHORTHAND_H_
#define LMP_CLIENT_CLI_REQUEST_UNITS_SHORTHAND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// "PRODUCT=N" for each value of --units; "N" alone stands for all products not named of what the request, whose
// arguments are set, is about: a subscription's licenses, a plan's products, the --product of many. A usage error if
// that is not known.
absl::StatusOr<std::vector<std::string>> WithProducts(Session& session, const google::protobuf::Message& request,
                                                      const std::vector<std::string>& values);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_UNITS_SHORTHAND_H_
