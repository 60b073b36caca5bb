#ifndef LMP_CLIENT_CLI_DURABLE_FILE_H_
#define LMP_CLIENT_CLI_DURABLE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lmp::cli {

// Gives a file a new text, or makes it. Whenever the tool or the machine stops, the file has the one text or the other,
// whole; after OK the new one. Errors: FAILED_PRECONDITION.
absl::Status ReplaceDurably(const std::string& file, absl::string_view text);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_DURABLE_FILE_H_
