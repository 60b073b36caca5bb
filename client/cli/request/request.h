#ifndef LMP_CLIENT_CLI_REQUEST_REQUEST_H_
#define LMP_CLIENT_CLI_REQUEST_REQUEST_H_

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// Fills the command's request from what was typed: its arguments; its flags; an update mask of exactly the flags that
// were given, at whatever depth the mask is; and --request-id, --etag and --dry-run. It asks the server only if an id
// is given by its end. Errors: a usage error that says which argument is wrong.
absl::Status FillRequest(Session& session, google::protobuf::Message& request);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_REQUEST_H_
