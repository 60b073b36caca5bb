// `lmp plan apply-updates`: brings all subscriptions of a plan up to it, page by page, with progress.
#ifndef LMP_CLIENT_CLI_REQUEST_ROLLOUT_H_
#define LMP_CLIENT_CLI_REQUEST_ROLLOUT_H_

#include "absl/status/status.h"
#include "client/cli/session.h"

namespace lmp::cli {

inline constexpr char kRolloutMethod[] = "lmp.v1.LicensingService.BatchApplyPlanUpdates";

// `request` is that of the first page. What is done stays done if it is interrupted: start it again. One line a page on
// `err`; at the end what was applied and what was refused, and an error if anything was.
absl::Status RunRollout(Session& session, const google::protobuf::Message& request);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_REQUEST_ROLLOUT_H_
