#ifndef LMP_CLIENT_CLI_REQUEST_STORED_CHANGES_H_
#define LMP_CLIENT_CLI_REQUEST_STORED_CHANGES_H_

#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// What the change that was just made has changed, from its events, for a person at a terminal: the answer to a change
// says only what there is now. Shows nothing if they can't be had: the change is made, whatever becomes of this.
void ShowStoredChanges(Session& session, const google::protobuf::Message& request,
                       const google::protobuf::Message& response);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_STORED_CHANGES_H_
