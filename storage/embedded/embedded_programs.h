// The programs that an embedded database is made of, and what they say when they fail.
#ifndef LMP_STORAGE_EMBEDDED_EMBEDDED_PROGRAMS_H_
#define LMP_STORAGE_EMBEDDED_EMBEDDED_PROGRAMS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lmp::storage {

// deploy/lib.sh installs what has these, from a list of its own; a test compares the two.
struct EmbeddedProgram {
  absl::string_view name;
  absl::string_view package;  // Debian's
  absl::string_view run_by;   // the program that runs it
};
absl::Span<const EmbeddedProgram> EmbeddedPrograms();

// Where they are.
struct DatabasePrograms {
  std::string server;
  bool mariadb = false;   // not Oracle's, which initializes itself and upgrades its own tables
  std::string installer;  // MariaDB's, if it was found
};

// The server alone, `wanted` or else the mariadbd or mysqld that is found as a shell would, and then where Debian has
// servers even if an ordinary user's PATH does not lead there; and, for a new database, what initializes it and all
// that this runs. Errors: FAILED_PRECONDITION, naming every program that is missing and its package.
absl::StatusOr<DatabasePrograms> FindDatabasePrograms(const std::string& wanted, bool initialize);

// The path of mariadb-upgrade, if all that it runs is there too. Errors: FAILED_PRECONDITION, as above.
absl::StatusOr<std::string> FindUpgrader();

// Of the output of a program that failed the lines that say why, or if none does, the last ones; "" of nothing. What
// went wrong comes early in most of them, and is followed by much that did not.
std::string CauseIn(absl::string_view output);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EMBEDDED_EMBEDDED_PROGRAMS_H_
