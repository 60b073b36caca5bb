#ifndef LMP_CLIENT_CLI_WATCH_LICENSES_H_
#define LMP_CLIENT_CLI_WATCH_LICENSES_H_

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

inline constexpr char kWatchLicensesMethod[] = "lmp.v1.LicensingService.WatchLicenses";

// `lmp license watch`: what CheckLicense depends on, a message in one line of JSON, until it is stopped, the stream
// ends or --limit messages with facts were shown.
absl::Status RunWatchLicenses(Session& session, const google::protobuf::Message& request);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_WATCH_LICENSES_H_
