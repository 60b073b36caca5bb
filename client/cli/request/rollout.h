// `lmp plan apply-updates`: brings all subscriptions of a plan up to date with the plan, page by page, with progress.
#ifndef LMP_CLIENT_CLI_REQUEST_ROLLOUT_H_
#define LMP_CLIENT_CLI_REQUEST_ROLLOUT_H_

#include "absl/status/status.h"
#include "client/cli/session.h"

namespace lmp::cli {

inline constexpr char kRolloutMethod[] = "lmp.v1.LicensingService.BatchApplyPlanUpdates";

// `request` asks for the first page. If the command is interrupted, what was done stays done; start it again. It writes
// one line for each page to `err`, and at the end what was applied and what was refused. It returns an error if
// anything was refused.
absl::Status RunRollout(Session& session, const google::protobuf::Message& request);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_ROLLOUT_H_
