#ifndef LMP_CLIENT_CLI_ASSIGN_ASSIGN_H_
#define LMP_CLIENT_CLI_ASSIGN_ASSIGN_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "lmp/v1/licensing_service.pb.h"

namespace lmp::cli {

// `lmp assign`: if a customer and a plan are given, makes the request from the flags and sends it; otherwise asks for
// them (assign_dialog.h).
absl::Status RunAssign(Session& session);

// Sends the request, which is complete except for the change flags.
absl::Status SendAssignment(Session& session, v1::AssignServicePlanRequest request);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_ASSIGN_ASSIGN_H_
