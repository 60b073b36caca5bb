#include "storage/embedded/embedded_programs.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kServer[] = "mariadbd";
constexpr char kInstaller[] = "mariadb-install-db";
constexpr char kUpgrader[] = "mariadb-upgrade";
constexpr char kOurselves[] = "lmp-server";
constexpr EmbeddedProgram kPrograms[] = {
    {kServer, "mariadb-server-core", kOurselves},
    {kInstaller, "mariadb-server-core", kOurselves},
    {"my_print_defaults", "mariadb-client-core", kInstaller},
    {kUpgrader, "mariadb-server-core", kOurselves},
    {"mariadb", "mariadb-client-core", kUpgrader},
    {"mariadb-check", "mariadb-client-core", kUpgrader},
};

constexpr size_t kMostCauses = 8;
constexpr size_t kLastLines = 8;
constexpr size_t kMaxLine = 400;  // bytes
constexpr absl::string_view kCauses[] = {"error",     "fatal",   "fail",     "cannot", "can't",
                                         "could not", "unable",  "denied",   "refus",  "no such",
                                         "not found", "missing", "no space", "killed", "unknown option"};

std::string FindProgram(absl::string_view name) {
  const char* path = std::getenv("PATH");
  const std::string directories = absl::StrCat(path == nullptr ? "" : path, ":/usr/sbin:/usr/bin");
  for (absl::string_view directory : absl::StrSplit(directories, ':')) {
    std::string candidate = absl::StrCat(directory, "/", name);
    if (candidate[0] == '/' && access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

// OK if the program `name` and all programs that it runs are there.
absl::Status CheckProgram(absl::string_view name) {
  std::vector<std::string> missing;
  std::vector<absl::string_view> packages;
  for (const EmbeddedProgram& program : kPrograms) {
    if ((program.name != name && program.run_by != name) || !FindProgram(program.name).empty()) continue;
    missing.push_back(
        absl::StrCat(program.name, " (of Debian's package ", program.package,
                     program.run_by == kOurselves ? ")" : absl::StrCat("; ", program.run_by, " runs it)")));
    if (std::find(packages.begin(), packages.end(), program.package) == packages.end())
      packages.push_back(program.package);
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("embedded database: not found: ", absl::StrJoin(missing, ", "),
                                                    "; install it (apt-get install ", absl::StrJoin(packages, " "),
                                                    ") or use a database of your own (--mysql-url)"));
}

bool IsCause(absl::string_view line) {
  // MariaDB marks lines that are no errors this way.
  if (absl::StrContains(line, "[Note]") || absl::StrContains(line, "[Warning]")) return false;
  const std::string lower = absl::AsciiStrToLower(line);
  return std::any_of(std::begin(kCauses), std::end(kCauses),
                     [&](absl::string_view cause) { return absl::StrContains(lower, cause); });
}

}  // namespace

absl::Span<const EmbeddedProgram> EmbeddedPrograms() { return kPrograms; }

absl::StatusOr<DatabasePrograms> FindDatabasePrograms(const std::string& wanted, bool initialize) {
  DatabasePrograms found;
  found.server = wanted;
  if (found.server.empty()) found.server = FindProgram(kServer);
  if (found.server.empty()) found.server = FindProgram("mysqld");
  if (found.server.empty()) return CheckProgram(kServer);
  std::error_code error;
  const std::string real = std::filesystem::canonical(found.server, error).filename();
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("embedded database: ", wanted,
                     " not found; install a server (apt-get "
                     "install mariadb-server-core mariadb-client-core) or use a database of your own (--mysql-url)"));
  }
  found.mariadb = absl::StrContains(real, "maria");  // on Debian, mysqld is a link to mariadbd
  if (!found.mariadb) return found;
  if (initialize) RETURN_IF_ERROR(CheckProgram(kInstaller));
  found.installer = FindProgram(kInstaller);
  return found;
}

absl::StatusOr<std::string> FindUpgrader() {
  RETURN_IF_ERROR(CheckProgram(kUpgrader));
  return FindProgram(kUpgrader);
}

std::string CauseIn(absl::string_view output) {
  std::vector<absl::string_view> lines = absl::StrSplit(output, '\n', absl::SkipWhitespace());
  std::vector<absl::string_view> causes;
  for (absl::string_view line : lines) {
    if (IsCause(line) && causes.size() < kMostCauses) causes.push_back(line);
  }
  if (causes.empty())
    causes.assign(lines.end() - static_cast<ptrdiff_t>(std::min(lines.size(), kLastLines)), lines.end());
  for (absl::string_view& line : causes) line = line.substr(0, kMaxLine);
  return absl::StrJoin(causes, "\n  ");
}

}  // namespace lmp::storage
