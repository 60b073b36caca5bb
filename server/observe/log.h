// Logs: one JSON object a line on standard error. No personal data: names of resources and callers, never their
// contents.
#ifndef LMP_SERVER_OBSERVE_LOG_H_
#define LMP_SERVER_OBSERVE_LOG_H_

#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/string_view.h"

namespace lmp::server {

using LogValue = std::variant<absl::string_view, int64_t, bool>;
using LogFields = std::initializer_list<std::pair<absl::string_view, LogValue>>;

enum class Severity { kInfo, kWarning, kError };

// The name, like "INFO".
absl::string_view NameOf(Severity severity);

// From now on, lines that are less severe than `least` are not logged.
void SetLogLevel(Severity least);

// Writes {"time":…,"severity":…,"message":…, fields…} as one whole line; empty strings are left out. A line that is
// only information may go out some milliseconds later, together with others. If nobody takes the lines, they are
// dropped and counted, and nobody waits (log_writer.h). Thread-safe.
void Log(Severity severity, absl::string_view message, LogFields fields = {});

// Turns the messages of gRPC and protobuf into lines of this log; otherwise they would be plain text between the lines.
void TakeLogsOfLibraries();

// How many lines were dropped since the start.
int64_t LogLinesDropped();

}  // namespace lmp::server

#endif  // LMP_SERVER_OBSERVE_LOG_H_
