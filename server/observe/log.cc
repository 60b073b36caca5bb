#include "server/observe/log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/observe/line_limit.h"
#include "server/observe/log_writer.h"
#include "storage/rows/columns.h"

namespace lmp::server {

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

namespace {

constexpr int kLibraryLinesASecond = 10;

std::string LineOf(Severity severity, absl::string_view message, LogFields fields);

// The writer is never destroyed, because threads may log until the very end. Lines that still wait go out at exit.
LogWriter& Writer() {
  static LogWriter& writer = [&]() -> LogWriter& {
    auto& made = *new LogWriter(STDERR_FILENO, [](int64_t dropped) {
      return LineOf(Severity::kWarning, "log lines were dropped, as nobody took them", {{"dropped", dropped}});
    });
    std::atexit([] { Writer().Flush(); });
    return made;
  }();
  return writer;
}

// Keeps nothing from line to line: a thread's own variables are gone when the last lines are written, at exit.
void AppendTime(std::string& line, absl::Time now) {
  std::string text = storage::FormatDateTime(now);
  text[text.find(' ')] = 'T';
  absl::StrAppend(&line, text, "Z");
}

// A line of a library's own. Anybody can cause such lines, and so each library has a limit.
void LogLibrary(Severity severity, absl::string_view library, absl::string_view text, const char* file, int line,
                LineLimit& limit) {
  const std::optional<int64_t> left_out = limit.Take(absl::Now());
  if (!left_out.has_value()) return;
  Log(severity, library,
      {{"text", text},
       {"file", file},
       {"line", static_cast<int64_t>(line)},
       {"left_out_before", *left_out == 0 ? LogValue("") : LogValue(*left_out)}});
}

// Each handshake that fails is a line.
void LogGrpc(gpr_log_func_args* args) {
  static LineLimit& limit = *new LineLimit(kLibraryLinesASecond);
  LogLibrary(args->severity == GPR_LOG_SEVERITY_ERROR ? Severity::kWarning : Severity::kInfo, "grpc", args->message,
             args->file, args->line, limit);
}

// So is each request with a text that is not UTF-8; the call's own line says that it was refused.
void LogProtobuf(google::protobuf::LogLevel level, const char* file, int line, const std::string& message) {
  static LineLimit& limit = *new LineLimit(kLibraryLinesASecond);
  LogLibrary(level == google::protobuf::LOGLEVEL_FATAL ? Severity::kError : Severity::kInfo, "protobuf", message, file,
             line, limit);
}

std::string LineOf(Severity severity, absl::string_view message, LogFields fields) {
  std::string line;
  line.reserve(512);
  absl::StrAppend(&line, "{\"time\":\"");
  AppendTime(line, absl::Now());
  absl::StrAppend(&line, "\",\"severity\":\"", NameOf(severity), "\",\"message\":");
  storage::AppendJsonString(line, message);
  for (const auto& [name, value] : fields) {
    const auto* text = std::get_if<absl::string_view>(&value);
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
  return line;
}

std::atomic<Severity> least_severity = Severity::kInfo;

}  // namespace

void TakeLogsOfLibraries() {
  gpr_set_log_function(LogGrpc);
  google::protobuf::SetLogHandler(LogProtobuf);
}

int64_t LogLinesDropped() { return Writer().dropped_total(); }

void SetLogLevel(Severity least) { least_severity = least; }

void Log(Severity severity, absl::string_view message, LogFields fields) {
  if (severity < least_severity) return;
  Writer().Write(LineOf(severity, message, fields), severity != Severity::kInfo);
}

}  // namespace lmp::server
