#include "client/cli/watch.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/durable_file.h"
#include "client/cli/output/change_text.h"
#include "client/cli/output/json_output.h"
#include "client/cli/status_macros.h"
#include "lmp/event_watcher.h"

namespace lmp::cli {
namespace {

// What an earlier run left; empty if there was none. A file that says nothing is a mistake: to begin now would lose
// what has happened since.
absl::StatusOr<std::string> KeptToken(const std::string& file) {
  std::error_code error;
  if (file.empty() || !std::filesystem::exists(file, error)) return "";
  std::ifstream in(file);
  std::string token;
  std::getline(in, token);
  absl::StripAsciiWhitespace(&token);
  if (!token.empty()) return token;
  return UsageError(absl::StrCat(file, " can't be read, or has no token: mend it, or remove it to begin anew"));
}

absl::Status KeepToken(const std::string& file, const std::string& token) {
  if (file.empty() || token.empty()) return absl::OkStatus();  // inside a snapshot there is none
  const absl::Status kept = ReplaceDurably(file, absl::StrCat(token, "\n"));
  return kept.ok() ? kept : UsageError(absl::StrCat("the token could not be kept: ", kept.message()));
}

// A transaction in one line of JSON, or its events as people read them.
void Show(const Session& session, const v1::WatchEventsResponse& message) {
  std::ostream& out = session.console.out;
  if (session.json()) {
    out << nlohmann::ordered_json::parse(ToJson(message), nullptr, false).dump() << "\n";
  } else {
    for (const v1::Event& event : message.events()) RenderEvent(event, out, session.console.width);
  }
  out.flush();
}

}  // namespace

absl::Status RunWatch(Session& session, const google::protobuf::Message& request) {
  if (session.invocation.global.output == Output::kCsv) return UsageError("watch writes a table, or JSON with -o json");
  v1::WatchEventsRequest wanted;
  wanted.CopyFrom(request);
  const std::string& file = session.invocation.resume_file;
  ASSIGN_OR_RETURN(const std::string kept, KeptToken(file));
  if (!kept.empty()) {
    wanted.set_resume_token(kept);
    wanted.clear_start_time();  // "an hour ago" is later now than what the token comes after
  }
  client::EventWatcher watcher(session.connection, wanted);
  const int64_t limit = session.invocation.limit.value_or(std::numeric_limits<int64_t>::max());
  for (int64_t shown = 0; shown < limit && session.console.out.good();) {
    ASSIGN_OR_RETURN(const v1::WatchEventsResponse message, watcher.Next());
    if (message.events_size() > 0) {
      Show(session, message);
      ++shown;
    }
    if (session.console.out.good()) RETURN_IF_ERROR(KeepToken(file, message.resume_token()));
  }
  return absl::OkStatus();
}

}  // namespace lmp::cli
