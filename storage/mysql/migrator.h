// Brings the schema to the version this program knows, forward only. `lmp-server migrate` runs it; `serve` only checks.
//
// A migration is storage/migrations/NNNN_verb_noun.sql, numbered from 0001 without gaps and embedded at build time. A
// statement ends with a `;` at the end of a line; a comment has lines of its own that begin with `--`.
//
// MySQL commits before and after each DDL statement, so progress is kept for each statement: `statements_started` is
// stored before a statement runs and `statements_done` after it, which for DML is in the same transaction as its
// effect. A migration that was killed goes on where it stopped. Only one statement can then be in doubt: a DDL
// statement that was started and not counted as done. It runs again, and an answer that what it makes exists already
// (or that what it drops is gone) counts as success. A statement that the server refused is not in doubt: it no longer
// counts as started. Hence the rule for writers of migrations: use only CREATE TABLE and the like, DROP TABLE and the
// like, and ALTER TABLE … ADD, DROP or MODIFY (also for an index). Do not use RENAME, and put foreign keys inside
// CREATE TABLE: otherwise a second run can't be told from a mistake.
#ifndef LMP_STORAGE_MYSQL_MIGRATOR_H_
#define LMP_STORAGE_MYSQL_MIGRATOR_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

struct Migration {
  int version;             // 1, 2, 3 …
  absl::string_view name;  // "create_customer"
  absl::string_view sql;
  absl::string_view sha256;  // of the file, in hexadecimal digits
};

// The migrations of storage/migrations, ascending.
absl::Span<const Migration> EmbeddedMigrations();

struct MigrateOptions {
  absl::Span<const Migration> migrations = EmbeddedMigrations();
  absl::Duration lock_timeout = absl::Minutes(5);  // how long to wait for another migrator to finish
  // A statement that changes a table waits for the transactions that use the table, and everybody who comes later waits
  // behind the statement. So it waits only for `table_lock_wait`, lets the others pass for `pause`, and tries again,
  // until `table_lock_timeout`.
  absl::Duration table_lock_wait = absl::Seconds(3);
  absl::Duration pause = absl::Seconds(1);
  absl::Duration table_lock_timeout = absl::Minutes(10);
  // Called with each statement before it runs, for people who watch.
  std::function<void(const Migration& migration, int statement, int statements)> progress = {};
  // Called with what the migration waits for, and which sessions may hold it.
  std::function<void(const std::string& why)> waiting = {};
};

// Runs the missing migrations in order, under a lock that admits one migrator per database (on Galera it is one per
// node, so always migrate on the same node). The connection should have an infinite read_timeout, because DDL takes its
// time. Errors: FAILED_PRECONDITION (the database is another program's, in which case nothing was done; an applied
// migration was changed since, or this program does not know it; the list has gaps), DEADLINE_EXCEEDED (waiting for
// another migrator), ABORTED (waiting for the lock of a table), those of the statement that failed, naming migration
// and statement.
absl::Status Migrate(Connection& connection, const MigrateOptions& options = {});

// The highest migration that has run to its end; 0 if none has. Errors: those of a query.
absl::StatusOr<int> SchemaVersion(Connection& connection);

// OK if SchemaVersion is from min to max, and everything that this program needs of that version is there. It is a
// range, so that old and new servers run side by side during an upgrade. Errors: FAILED_PRECONDITION if the schema is
// too old or missing (run lmp-server migrate), if tables, columns or keys are missing (they are named), or if it is too
// new (upgrade the server).
absl::Status CheckSchema(Connection& connection, int min, int max,
                         absl::Span<const Migration> known = EmbeddedMigrations());
// True for the first two of these errors: a migration that is under way elsewhere, or has not reached this node of a
// cluster, looks like them.
bool IsSchemaMismatch(const absl::Status& status);
// True if somebody is migrating the connection's database now, on the same database server. Errors: those of a query.
absl::StatusOr<bool> IsBeingMigrated(Connection& connection);

// Only for tests.
std::vector<std::string> SplitStatements(absl::string_view sql);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_MIGRATOR_H_
