#ifndef LMP_CLIENT_CLI_WATCH_H_
#define LMP_CLIENT_CLI_WATCH_H_

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

inline constexpr char kWatchMethod[] = "lmp.v1.LicensingService.WatchEvents";

// `lmp watch`: shows what happens as it happens, and goes on by itself, until it is stopped or has shown --limit
// transactions. With
// --resume-file it goes on where it was stopped: the token is written after what was shown.
absl::Status RunWatch(Session& session, const google::protobuf::Message& request);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_WATCH_H_
