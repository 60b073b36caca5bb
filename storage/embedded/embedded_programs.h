// The programs that an embedded database needs, and what they say when they fail.
#ifndef LMP_STORAGE_EMBEDDED_EMBEDDED_PROGRAMS_H_
#define LMP_STORAGE_EMBEDDED_EMBEDDED_PROGRAMS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lmp::storage {

// deploy/lib.sh installs the packages that have these programs, from a list of its own; a test compares both lists.
struct EmbeddedProgram {
  absl::string_view name;
  absl::string_view package;  // the Debian package that has it
  absl::string_view run_by;   // the program that needs it
};
absl::Span<const EmbeddedProgram> EmbeddedPrograms();

// The paths of the programs.
struct DatabasePrograms {
  std::string server;
  bool mariadb = false;   // false: Oracle's server, which initializes itself and upgrades its own tables
  std::string installer;  // MariaDB's installer, if it was found
};

// Finds the server: `wanted` or, if that is empty, the mariadbd or mysqld that a shell would find, or that lies where
// Debian has servers even if the PATH of an ordinary user does not lead there. With `initialize` it also finds the
// program that initializes a database, and all programs which that one runs. Errors: FAILED_PRECONDITION, naming every
// program that is missing and its package.
absl::StatusOr<DatabasePrograms> FindDatabasePrograms(const std::string& wanted, bool initialize);

// The path of mariadb-upgrade, if all programs that it runs are there too. Errors: FAILED_PRECONDITION, as above.
absl::StatusOr<std::string> FindUpgrader();

// Returns those lines of a failed program's output that say why it failed; if no line does, the last lines; "" if there
// is no output. Most programs say early what went wrong, and then much that did not.
std::string CauseIn(absl::string_view output);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EMBEDDED_EMBEDDED_PROGRAMS_H_
