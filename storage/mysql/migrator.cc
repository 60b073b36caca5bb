#include "storage/mysql/migrator.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "storage/mysql/errors.h"
#include "storage/mysql/migration_guard.h"
#include "storage/mysql/schema_shape.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kCreateTable[] =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "version INT NOT NULL PRIMARY KEY,"
    "name VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    "checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    "statements_started INT NOT NULL,"
    "statements_done INT NOT NULL,"
    "applied_time DATETIME(6) NULL"  // NULL until the last statement is done
    ") ENGINE=InnoDB";
constexpr char kList[] =
    "SELECT version, name, checksum, statements_started, statements_done, applied_time IS NOT NULL "
    "FROM schema_migrations";
constexpr char kVersion[] = "SELECT COALESCE(MAX(version), 0) FROM schema_migrations WHERE applied_time IS NOT NULL";
constexpr char kInsert[] =
    "INSERT INTO schema_migrations (version, name, checksum, statements_started, statements_done) "
    "VALUES (?, ?, ?, 0, 0)";
constexpr char kStarted[] = "UPDATE schema_migrations SET statements_started = ? WHERE version = ?";
constexpr char kDone[] = "UPDATE schema_migrations SET statements_done = ? WHERE version = ?";
constexpr char kApplied[] = "UPDATE schema_migrations SET applied_time = UTC_TIMESTAMP(6) WHERE version = ?";
// Lock names are valid for the whole server, so the name has the database's name in it. It is hashed, because lock
// names have 64 bytes at most.
constexpr char kLock[] = "SELECT GET_LOCK(CONCAT('lmp-migrate-', LEFT(SHA2(DATABASE(), 256), 40)), ?)";
constexpr char kIsLocked[] = "SELECT IS_USED_LOCK(CONCAT('lmp-migrate-', LEFT(SHA2(DATABASE(), 256), 40))) IS NOT NULL";
constexpr char kUnlock[] = "DO RELEASE_LOCK(CONCAT('lmp-migrate-', LEFT(SHA2(DATABASE(), 256), 40)))";

constexpr absl::string_view kMismatchPayload = "lmp/schema-mismatch";

absl::Status Mismatch(const std::string& message) {
  absl::Status status = absl::FailedPreconditionError(message);
  status.SetPayload(kMismatchPayload, absl::Cord("1"));
  return status;
}

struct Stored {
  std::string name;
  std::string checksum;
  int64_t started = 0;
  int64_t done = 0;
  bool applied = false;
};

std::string Title(const Migration& migration) {
  return absl::StrFormat("migration %04d_%s", migration.version, migration.name);
}

// Returns the same status with more words; its number and payloads stay.
absl::Status Annotate(const absl::Status& status, absl::string_view where) {
  absl::Status annotated(status.code(), absl::StrCat(where, ": ", status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& value) { annotated.SetPayload(url, value); });
  return annotated;
}

absl::Status Lock(Connection& connection, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  for (;;) {
    // Waits in short slices, because each answer must come within the connection's read timeout.
    const absl::Duration slice = std::clamp(deadline - absl::Now(), absl::ZeroDuration(), absl::Seconds(2));
    ASSIGN_OR_RETURN(std::unique_ptr<ResultSet> rows,
                     connection.Query(kLock, {absl::ToInt64Seconds(absl::Ceil(slice, absl::Seconds(1)))}));
    const bool locked = rows->Next() && rows->Int64(0) == 1;
    RETURN_IF_ERROR(rows->status());
    if (locked) return absl::OkStatus();
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError("another process is migrating this database and has not finished in time");
    }
  }
}

absl::StatusOr<std::map<int, Stored>> LoadStored(Connection& connection) {
  ASSIGN_OR_RETURN(std::unique_ptr<ResultSet> rows, connection.Query(kList, {}));
  std::map<int, Stored> stored;
  while (rows->Next()) {
    stored[static_cast<int>(rows->Int64(0))] = {rows->String(1), rows->String(2), rows->Int64(3), rows->Int64(4),
                                                rows->Int64(5) != 0};
  }
  RETURN_IF_ERROR(rows->status());
  return stored;
}

absl::Status Check(absl::Span<const Migration> known, const std::map<int, Stored>& stored) {
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i].version != static_cast<int>(i) + 1) {
      return absl::FailedPreconditionError(absl::StrCat(Title(known[i]), " should have number ", i + 1));
    }
  }
  for (const auto& [version, row] : stored) {
    if (version > static_cast<int>(known.size())) {
      return absl::FailedPreconditionError(
          absl::StrFormat("the database has migration %04d_%s, which this program does not know: upgrade lmp-server",
                          version, row.name));
    }
    const Migration& migration = known[static_cast<size_t>(version) - 1];
    if (row.checksum != migration.sha256) {
      return absl::FailedPreconditionError(absl::StrCat(Title(migration), " was changed after it was applied (as ",
                                                        row.name, ", SHA-256 ", row.checksum.substr(0, 12),
                                                        "…): write a new migration instead"));
    }
  }
  return absl::OkStatus();
}

// Runs statement number `number` (from 1) and counts it. For DML both happen in one transaction; DDL commits by itself.
absl::Status RunStatement(Connection& connection, int version, int64_t number, const std::string& sql, bool in_doubt) {
  RETURN_IF_ERROR(connection.Update(kStarted, {number, int64_t{version}}).status());
  RETURN_IF_ERROR(connection.Execute("BEGIN"));
  absl::Status status = connection.Execute(sql);
  if (in_doubt && IsAlreadyDone(status, sql)) status = absl::OkStatus();
  if (status.ok()) {
    RETURN_IF_ERROR(connection.Update(kDone, {number, int64_t{version}}).status());
    return connection.Execute("COMMIT");
  }
  if (connection.broken()) return status;  // the statement stays in doubt
  RETURN_IF_ERROR(connection.Execute("ROLLBACK"));
  // The statement was refused, so it was not done. It no longer counts as started: a run after the repair must not take
  // "exists already" for its own work.
  if (!in_doubt) RETURN_IF_ERROR(connection.Update(kStarted, {number - 1, int64_t{version}}).status());
  return status;
}

// Calls RunStatement again while another session holds the table's lock. A statement that only waited has changed
// nothing.
absl::Status RunPatiently(Connection& connection, const Migration& migration, int64_t number, const std::string& sql,
                          bool in_doubt, const MigrateOptions& options) {
  const absl::Time deadline = absl::Now() + options.table_lock_timeout;
  for (;;) {
    absl::Status status = RunStatement(connection, migration.version, number, sql, in_doubt);
    if (!IsRerunnable(status)) return status;
    const std::string others = DescribeOtherSessions(connection);
    if (absl::Now() >= deadline) {
      return Annotate(status, absl::StrCat("others held a table for ", absl::FormatDuration(options.table_lock_timeout),
                                           "; ", others));
    }
    if (options.waiting) {
      options.waiting(absl::StrCat(Title(migration), ", statement ", number,
                                   " waits for a table that another session uses, and tries "
                                   "again; ",
                                   others));
    }
    absl::SleepFor(options.pause);
  }
}

absl::Status Apply(Connection& connection, const Migration& migration, const Stored* stored,
                   const MigrateOptions& options) {
  const std::vector<std::string> statements = SplitStatements(migration.sql);
  const int64_t total = static_cast<int64_t>(statements.size());
  if (stored == nullptr) {
    RETURN_IF_ERROR(
        connection
            .Update(kInsert, {int64_t{migration.version}, std::string(migration.name), std::string(migration.sha256)})
            .status());
  }
  const int64_t done = stored == nullptr ? 0 : stored->done;
  for (int64_t number = done + 1; number <= total; ++number) {
    if (options.progress) options.progress(migration, static_cast<int>(number), static_cast<int>(total));
    const bool in_doubt = stored != nullptr && stored->started == number;
    absl::Status status =
        RunPatiently(connection, migration, number, statements[static_cast<size_t>(number) - 1], in_doubt, options);
    if (!status.ok()) {
      return Annotate(status, absl::StrCat(Title(migration), ", statement ", number, " of ", total));
    }
  }
  return connection.Update(kApplied, {int64_t{migration.version}}).status();
}

absl::Status MigrateLocked(Connection& connection, const MigrateOptions& options) {
  RETURN_IF_ERROR(CheckOurs(connection));
  const int64_t seconds = std::max<int64_t>(1, absl::ToInt64Seconds(options.table_lock_wait));
  RETURN_IF_ERROR(connection.Execute(
      absl::StrCat("SET SESSION lock_wait_timeout=", seconds, ", innodb_lock_wait_timeout=", seconds)));
  RETURN_IF_ERROR(connection.Execute(kCreateTable));
  ASSIGN_OR_RETURN(const auto stored, LoadStored(connection));
  RETURN_IF_ERROR(Check(options.migrations, stored));
  for (const Migration& migration : options.migrations) {
    const auto found = stored.find(migration.version);
    if (found != stored.end() && found->second.applied) continue;
    RETURN_IF_ERROR(Apply(connection, migration, found == stored.end() ? nullptr : &found->second, options));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> SplitStatements(absl::string_view sql) {
  std::vector<std::string> statements;
  std::string statement;
  for (absl::string_view line : absl::StrSplit(sql, '\n')) {
    line = absl::StripTrailingAsciiWhitespace(line);
    const absl::string_view text = absl::StripLeadingAsciiWhitespace(line);
    if (absl::StartsWith(text, "--") || (statement.empty() && text.empty())) continue;
    const bool last = absl::ConsumeSuffix(&line, ";");
    absl::StrAppend(&statement, statement.empty() ? "" : "\n", line);
    if (last) statements.push_back(std::exchange(statement, std::string()));
  }
  if (!absl::StripAsciiWhitespace(statement).empty()) statements.push_back(std::move(statement));
  return statements;
}

absl::Status Migrate(Connection& connection, const MigrateOptions& options) {
  RETURN_IF_ERROR(Lock(connection, options.lock_timeout));
  absl::Status status = MigrateLocked(connection, options);
  // A lost session has lost its lock too.
  if (!connection.broken()) status.Update(connection.Execute(kUnlock));
  return status;
}

absl::StatusOr<int> SchemaVersion(Connection& connection) {
  absl::StatusOr<std::unique_ptr<ResultSet>> rows = connection.Query(kVersion, {});
  if (IsNoSuchTable(rows.status())) return 0;
  RETURN_IF_ERROR(rows.status());
  const int version = (*rows)->Next() ? static_cast<int>((*rows)->Int64(0)) : 0;
  RETURN_IF_ERROR((*rows)->status());
  return version;
}

absl::Status CheckSchema(Connection& connection, int min, int max, absl::Span<const Migration> known) {
  ASSIGN_OR_RETURN(const int version, SchemaVersion(connection));
  if (version < min) {
    return Mismatch(version == 0 ? absl::StrCat("the database has no schema of ours: run lmp-server migrate")
                                 : absl::StrCat("the database schema has version ", version, ", this server needs ",
                                                min, " or later: run lmp-server migrate"));
  }
  if (version > max) {
    return absl::FailedPreconditionError(absl::StrCat("the database schema has version ", version,
                                                      ", this server knows versions up to ", max,
                                                      ": upgrade the server"));
  }
  // What a later version drops is not needed, because the migration to that version may be under way.
  const SchemaShape needed = Common(ShapeOf(known.subspan(0, static_cast<size_t>(version))), ShapeOf(known));
  ASSIGN_OR_RETURN(const SchemaShape there, LoadShape(connection));
  const std::vector<std::string> missing = Missing(needed, there);
  if (missing.empty()) return absl::OkStatus();
  return Mismatch(absl::StrCat("the database says that its schema has version ", version,
                               ", but it has not: missing: ", absl::StrJoin(missing, ", "),
                               "; restore it from a backup, or put back what was removed by hand"));
}

bool IsSchemaMismatch(const absl::Status& status) { return status.GetPayload(kMismatchPayload).has_value(); }

absl::StatusOr<bool> IsBeingMigrated(Connection& connection) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kIsLocked, {}));
  const bool locked = rows->Next() && rows->Int64(0) == 1;
  RETURN_IF_ERROR(rows->status());
  return locked;
}

}  // namespace lmp::storage
