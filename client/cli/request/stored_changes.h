#ifndef LMP_CLIENT_CLI_REQUEST_STORED_CHANGES_H_
#define LMP_CLIENT_CLI_REQUEST_STORED_CHANGES_H_

#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// Shows a person at a terminal what a change that was just made has changed. It reads the change's events, because the
// answer to the change only says what there is now. If they can't be read, it shows nothing: the change is made in any
// case.
void ShowStoredChanges(Session& session, const google::protobuf::Message& request,
                       const google::protobuf::Message& response);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_STORED_CHANGES_H_
