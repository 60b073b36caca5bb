#ifndef LMP_CLIENT_CLI_REQUEST_REQUEST_H_
#define LMP_CLIENT_CLI_REQUEST_REQUEST_H_

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// Puts what was typed into the command's request: its arguments, its flags, an update mask of exactly the flags given,
// at whatever depth it is, and --request-id, --etag and --dry-run. Asks the server only where an id is given by its
// end. A usage error says which of them is wrong.
absl::Status FillRequest(Session& session, google::protobuf::Message& request);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_REQUEST_H_
