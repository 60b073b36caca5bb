#ifndef LMP_CLIENT_CLI_REQUEST_ASKED_CHANGE_H_
#define LMP_CLIENT_CLI_REQUEST_ASKED_CHANGE_H_

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// Whether a person is to be asked first: the command ends things for good, or does again what it did when it is
// repeated by accident, and there is a terminal, and neither --yes nor --dry-run.
bool MustAsk(const Session& session);

// Shows what the request would do and sends it after a yes; shows and asks again if it would no longer do just that. OK
// without a change after anything else.
absl::Status RunAsked(Session& session, const google::protobuf::Message& request, google::protobuf::Message& response);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_ASKED_CHANGE_H_
