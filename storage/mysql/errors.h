// MySQL's error numbers and what they mean to us. Nothing else in the project knows such a number, and nothing matches
// the text of an error: the number travels with the Status as a payload.
#ifndef LMP_STORAGE_MYSQL_ERRORS_H_
#define LMP_STORAGE_MYSQL_ERRORS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lmp::storage {

inline constexpr absl::string_view kMysqlErrnoPayload = "lmp/mysql-errno";
// The driver's own words, only with INTERNAL: for our log, as they may quote SQL. Never in message().
inline constexpr absl::string_view kMysqlTextPayload = "lmp/mysql-text";

// Turns an error number of the server (1000…) or of the client library (2000…) into a Status. The message names the
// number and `context` (what was being done; no parameter values), and no text of the driver. 0 is a fault of the
// connector itself. Codes: ABORTED (conflict, run the transaction again), UNAVAILABLE (no database, or the session is
// gone), DEADLINE_EXCEEDED (statement limit), ALREADY_EXISTS (unique key), FAILED_PRECONDITION (foreign key, CHECK,
// read only, no such database or table, TLS), PERMISSION_DENIED (the database refuses *us*, not our caller),
// INVALID_ARGUMENT (value does not fit its column), RESOURCE_EXHAUSTED, INTERNAL (any other).
absl::Status StatusFromMysql(int number, absl::string_view sqlstate, absl::string_view context);

// A row is no longer as it was read, although it was locked: another node of a cluster wrote it. Like a deadlock.
absl::Status LostUpdate(absl::string_view context);

// The number in the payload; nothing if the status is not one of ours.
std::optional<int> MysqlErrno(const absl::Status& status);

// Deadlock, lock timeout or NOWAIT refusal: the same transaction may succeed when it runs again. Always ABORTED.
bool IsRerunnable(const absl::Status& status);
// A unique or primary key exists already. Always ALREADY_EXISTS.
bool IsDuplicateKey(const absl::Status& status);
// The database takes no writes now (read_only, a replica). Always FAILED_PRECONDITION.
bool IsReadOnly(const absl::Status& status);
// The table is not there. Always FAILED_PRECONDITION.
bool IsNoSuchTable(const absl::Status& status);
// The answer to this CREATE, DROP or ALTER statement says that what it makes exists already, or what it drops is gone.
bool IsAlreadyDone(const absl::Status& status, absl::string_view ddl);

// A statement, or a value in it, is larger than the server takes (max_allowed_packet). Always RESOURCE_EXHAUSTED.
bool IsTooLarge(const absl::Status& status);
// The statement ran for longer than it may. Always DEADLINE_EXCEEDED.
bool IsStatementTimeout(const absl::Status& status);
// The server has no place for another prepared statement (max_prepared_stmt_count). Always RESOURCE_EXHAUSTED.
bool IsOutOfStatements(const absl::Status& status);

// The session is gone (or never came to be), with everything it had not committed.
bool IsConnectionLost(int number);
// The session is of no more use, though it may live: lost, or on a node that takes no writes.
bool IsConnectionUseless(int number);
// The server has rolled the whole transaction back, not only the statement.
bool UndoesTransaction(int number);
// As the answer to COMMIT: certainly nothing was stored.
bool IsCommitRefused(const absl::Status& status);

// COMMIT was sent and no answer came: stored or not, nobody here knows. Only the request id's row can tell.
bool IsOutcomeUnknown(const absl::Status& status);
// The same failure as UNAVAILABLE with that mark.
absl::Status MarkOutcomeUnknown(const absl::Status& status);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_ERRORS_H_
