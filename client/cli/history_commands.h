#ifndef LMP_CLIENT_CLI_HISTORY_COMMANDS_H_
#define LMP_CLIENT_CLI_HISTORY_COMMANDS_H_

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

inline constexpr char kExportMethod[] = "lmp.v1.LicensingService.ExportHistory";

// `lmp event export`: writes the whole history as lines of JSON, an event each, and in the end the signed head.
absl::Status RunExport(Session& session, const google::protobuf::Message& request);

// `lmp event verify`: without a server, that an exported history ends in its signed head, that an event is in it, or
// that an earlier history is its beginning.
absl::Status RunVerifyHistory(Session& session);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_HISTORY_COMMANDS_H_
