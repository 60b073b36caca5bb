#ifndef LMP_CLIENT_CLI_SINCE_H_
#define LMP_CLIENT_CLI_SINCE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/contract/invocation.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// The instant that people mean with "today" and "yesterday" (midnight in UTC), "2h", "30m" or "3d" (so long before
// `now`), a day, or an instant as 2026-11-24T05:16:00Z. INVALID_ARGUMENT says how it is written.
absl::StatusOr<absl::Time> ParseSince(absl::string_view text, absl::Time now);

// Puts --since into `start_time`, and --actor into the filter, of a request that has these.
absl::Status ApplySince(const Invocation& invocation, google::protobuf::Message& request);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_SINCE_H_
