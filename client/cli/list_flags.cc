#include "client/cli/list_flags.h"

#include <CLI/CLI.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/contract/number.h"
#include "client/cli/watch.h"
#include "client/cli/watch_licenses.h"

namespace lmp::cli {

void AddLimit(CLI::App& app, Invocation& invocation) {
  app.add_option_function<std::string>(
         "--limit", [&invocation](const std::string& n) { invocation.limit = *ParseNumber(n); },
         "List no more than this; default all")
      ->type_name("N")
      ->check(CLI::Validator(
          [](const std::string& n) {
            const absl::Status status = ParseNumber(n).status();
            return status.ok() ? "" : absl::StrCat("--limit ", n, ": ", status.message());
          },
          ""));
}

void AddHistoryFlags(CLI::App& app, const Command& command, Invocation& invocation) {
  if (command.method == kWatchLicensesMethod) return AddLimit(app, invocation);
  const bool is_watch = command.method == kWatchMethod;
  if (!is_watch && !(command.group == "event" && command.verb == "list")) return;
  app.add_option("--since", invocation.since,
                 "Only what was recorded from then on: yesterday, today, 2h or 3d ago, a day, or an instant")
      ->type_name("TIME");
  if (!is_watch) {
    app.add_option("--actor", invocation.actor, "Only what this caller did")->type_name("ACTOR");
    return;
  }
  AddLimit(app, invocation);
  app.add_option("--resume-file", invocation.resume_file,
                 "Go on after the token in this file, if there is one, and keep it there")
      ->type_name("FILE");
}

}  // namespace lmp::cli
