#ifndef LMP_CLIENT_CLI_REQUEST_ASKED_CHANGE_H_
#define LMP_CLIENT_CLI_REQUEST_ASKED_CHANGE_H_

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// True if a person must be asked before the command is run. That is so if the command ends something for good, or has
// its effect again when it is repeated by accident; and if there is a terminal, and neither --yes nor --dry-run is
// given.
bool MustAsk(const Session& session);

// Shows what the request would do, and sends it after a yes. If the request would no longer do just that, it shows and
// asks again. After any other answer it returns OK without a change.
absl::Status RunAsked(Session& session, const google::protobuf::Message& request, google::protobuf::Message& response);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_ASKED_CHANGE_H_
