#include "server/log.h"

#include <grpc/support/log.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/columns.h"

namespace lmp::server {
namespace {

absl::string_view NameOf(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "INFO";
    case Severity::kWarning:
      return "WARNING";
    case Severity::kError:
      return "ERROR";
  }
  return "";
}

void LogGrpc(gpr_log_func_args* args) {
  Log(args->severity == GPR_LOG_SEVERITY_ERROR ? Severity::kWarning : Severity::kInfo, "grpc",
      {{"text", std::string(args->message)},
       {"file", std::string(args->file)},
       {"line", static_cast<int64_t>(args->line)}});
}

}  // namespace

void TakeGrpcLog() { gpr_set_log_function(LogGrpc); }

void Log(Severity severity, absl::string_view message, LogFields fields) {
  std::string line = absl::StrCat("{\"time\":\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone()),
                                  "\",\"severity\":\"", NameOf(severity), "\",\"message\":");
  storage::AppendJsonString(line, message);
  for (const auto& [name, value] : fields) {
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && text->empty()) continue;
    absl::StrAppend(&line, ",\"", name, "\":");
    if (text != nullptr) {
      storage::AppendJsonString(line, *text);
    } else if (const auto* number = std::get_if<int64_t>(&value)) {
      absl::StrAppend(&line, *number);
    } else {
      absl::StrAppend(&line, std::get<bool>(value) ? "true" : "false");
    }
  }
  line += "}\n";
  // One write: lines of several threads, or processes on one pipe, don't mix. A full disk must not stop the service.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace lmp::server
