// MySQL's error numbers and what they mean to us. No other file knows such a number, and no code matches the text of an
// error: the number travels with the Status as a payload.
#ifndef LMP_STORAGE_MYSQL_ERRORS_H_
#define LMP_STORAGE_MYSQL_ERRORS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lmp::storage {

inline constexpr absl::string_view kMysqlErrnoPayload = "lmp/mysql-errno";
// The driver's own words, only with INTERNAL. They are for our log, as they may quote SQL, and never in message().
inline constexpr absl::string_view kMysqlTextPayload = "lmp/mysql-text";

// Turns an error number of the server (1000…) or of the client library (2000…) into a Status. The message names the
// number and `context` (what was being done; no parameter values), but not the driver's text. 0 is a fault of the
// connector itself. Codes: ABORTED (conflict, run the transaction again), UNAVAILABLE (no database, or the session is
// gone), DEADLINE_EXCEEDED (statement limit), ALREADY_EXISTS (unique key), FAILED_PRECONDITION (foreign key, CHECK,
// read only, no such database or table, TLS), PERMISSION_DENIED (the database refuses *us*, not our caller),
// INVALID_ARGUMENT (value does not fit its column), RESOURCE_EXHAUSTED, INTERNAL (any other).
absl::Status StatusFromMysql(int number, absl::string_view sqlstate, absl::string_view context);

// The status for a row that is no longer as it was read although it was locked: another node of a cluster wrote it. It
// is treated like a deadlock.
absl::Status LostUpdate(absl::string_view context);

// The error number in the payload; nothing if the status was not made here.
std::optional<int> MysqlErrno(const absl::Status& status);

// True for a deadlock, a lock timeout or a NOWAIT refusal: the same transaction may succeed when it runs again. The
// code is always ABORTED.
bool IsRerunnable(const absl::Status& status);
// True if a statement waited for a lock as long as it may, in vain. The code is always ABORTED.
bool IsLockWaitTimeout(const absl::Status& status);
// True if a unique or primary key exists already. The code is always ALREADY_EXISTS.
bool IsDuplicateKey(const absl::Status& status);
// True if the database takes no writes now (read_only, a replica). The code is always FAILED_PRECONDITION.
bool IsReadOnly(const absl::Status& status);
// True if the table does not exist. The code is always FAILED_PRECONDITION.
bool IsNoSuchTable(const absl::Status& status);
// True if the answer to this CREATE, DROP or ALTER statement says that what it makes exists already, or that what it
// drops is gone.
bool IsAlreadyDone(const absl::Status& status, absl::string_view ddl);

// True if a statement, or a value in it, is larger than the server accepts (max_allowed_packet). The code is always
// RESOURCE_EXHAUSTED.
bool IsTooLarge(const absl::Status& status);
// True if the statement ran longer than it may. The code is always DEADLINE_EXCEEDED.
bool IsStatementTimeout(const absl::Status& status);
// True if the server has no place for another prepared statement (max_prepared_stmt_count). The code is always
// RESOURCE_EXHAUSTED.
bool IsOutOfStatements(const absl::Status& status);

// True if the session is gone (or never began), with everything that it had not committed.
bool IsConnectionLost(int number);
// True if the session is of no more use, though it may still exist: it is lost, or on a node that takes no writes.
bool IsConnectionUseless(int number);
// True if the server has rolled back the whole transaction, and not only the statement.
bool UndoesTransaction(int number);
// True if this answer to COMMIT means that certainly nothing was stored.
bool IsCommitRefused(const absl::Status& status);

// True if COMMIT was sent and no answer came: whether it was stored is unknown here. Only the row of the request id can
// tell.
bool IsOutcomeUnknown(const absl::Status& status);
// The same failure as UNAVAILABLE for which IsOutcomeUnknown() is true.
absl::Status MarkOutcomeUnknown(const absl::Status& status);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_ERRORS_H_
