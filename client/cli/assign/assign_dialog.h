#ifndef LMP_CLIENT_CLI_ASSIGN_ASSIGN_DIALOG_H_
#define LMP_CLIENT_CLI_ASSIGN_ASSIGN_DIALOG_H_

#include "absl/status/status.h"
#include "client/cli/session.h"

namespace lmp::cli {

// `lmp assign` as a conversation: customer, plan, duplicates, units, start date, preview, save. Nothing is saved before
// the last yes; leaving ("q", end of input) is no error. The conversation is written to `out`, but with -o json to
// `err`, so that `out` has only the result.
absl::Status RunAssignDialog(Session& session);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_ASSIGN_ASSIGN_DIALOG_H_
