// Files of an operator, and the images that the database keeps of rows.

#include <sys/mman.h>
#include <unistd.h>

#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/auth/auth_file.h"
#include "server/command_line.h"
#include "storage/rows/images.h"
#include "tests/fuzz/target.h"

namespace lmp::fuzz {

void FuzzConfigFile(absl::string_view input) {
  static const bool silent = [] {
    return std::cerr.rdbuf(nullptr) != nullptr && std::cout.rdbuf(nullptr) != nullptr;
  }();
  Require(silent, "the texts for people go nowhere");
  const int file = memfd_create("config", MFD_CLOEXEC);
  Require(file >= 0 && write(file, input.data(), input.size()) == static_cast<ssize_t>(input.size()), "a file");
  const std::string name = absl::StrCat("/proc/self/fd/", file);
  const char* const arguments[] = {"lmp-server", "serve", "--config", name.c_str()};
  server::CommandLine command_line;
  int exit_code = 0;
  const auto verb = command_line.Parse(4, arguments, &exit_code);
  close(file);
  if (verb.ok()) {
    command_line.PrintConfig();
  } else {
    Require(exit_code == server::kExitUsage || exit_code == 0, "a wrong file is a wrong call");
  }
}

void FuzzAuthFile(absl::string_view input) {
  const absl::StatusOr<auth::AuthFile> file = auth::ParseAuthFile(std::string(input));
  if (!file.ok()) {
    Require(file.status().code() == absl::StatusCode::kInvalidArgument, "a wrong file is said to be wrong");
    return;
  }
  for (const auth::BindingRule& rule : file->bindings) {
    Require(file->GrantOf(rule.issuer, rule.subject).has_value(), "a rule matches its own text");
  }
}

void FuzzImage(absl::string_view input) {
  const auto [table, images] = FirstLine(input);
  const auto [before, after] = FirstLine(images);
  model::Event event;
  event.row_table = std::string(table);
  if (!before.empty()) event.before = std::string(before);
  event.after = std::string(after);
  const absl::StatusOr<model::ChangeSet> change = storage::ChangeOf(event);
  Require(change.ok() || change.status().code() == absl::StatusCode::kDataLoss, "a wrong image is lost data");
}

}  // namespace lmp::fuzz
