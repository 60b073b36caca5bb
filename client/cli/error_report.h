#ifndef LMP_CLIENT_CLI_ERROR_REPORT_H_
#define LMP_CLIENT_CLI_ERROR_REPORT_H_

#include "absl/status/status.h"
#include "client/cli/session.h"

namespace lmp::cli {

// Writes the error of a call to `err`: for a person, with everything it says and what to do; or the google.rpc.Status
// as JSON. Returns the exit code.
int ReportError(const Session& session, const absl::Status& status);

// Writes the lines for a person.
void DescribeError(const Session& session, const absl::Status& status, std::ostream& out);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_ERROR_REPORT_H_
