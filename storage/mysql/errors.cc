#include "storage/mysql/errors.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace lmp::storage {
namespace {

using enum absl::StatusCode;

constexpr absl::string_view kOutcomeUnknownPayload = "lmp/outcome-unknown";

enum Trait : unsigned {
  kRerun = 1,       // the transaction may succeed when run again
  kLost = 2,        // the session is gone
  kUseless = 4,     // the session still exists, but leads to a node that does not serve
  kUndone = 8,      // the whole transaction was rolled back
  kRefused = 16,    // as an answer to COMMIT: nothing was stored
  kDuplicate = 32,  // a unique key has the value already
  kMade = 64,       // a CREATE statement finds its work done already,
  kDropped = 128,   // so does a DROP,
  kAltered = 256,   // so does an ALTER
  kTooLarge = 512,  // it is too large for a packet
};

struct Error {
  int number;
  absl::StatusCode code;
  unsigned traits;
  absl::string_view name;
  absl::string_view meaning;
};

// The errors, ordered by number and named as MySQL names them.
constexpr Error kErrors[] = {
    {0, kInternal, 0, "CONNECTOR", "the connector failed"},
    // From MariaDB, and from LostUpdate().
    {1020, kAborted, kRerun | kUndone | kRefused, "ER_CHECKREAD", "row changed since it was read"},
    {1021, kResourceExhausted, 0, "ER_DISK_FULL", "database disk full"},
    {1022, kAlreadyExists, kDuplicate, "ER_DUP_KEY", "duplicate key"},
    {1037, kResourceExhausted, 0, "ER_OUTOFMEMORY", "database out of memory"},
    {1040, kUnavailable, kLost, "ER_CON_COUNT_ERROR", "database has too many connections"},
    {1041, kResourceExhausted, 0, "ER_OUT_OF_RESOURCES", "database out of memory"},
    {1042, kUnavailable, kLost, "ER_BAD_HOST_ERROR", "database cannot resolve our host"},
    {1043, kUnavailable, kLost, "ER_HANDSHAKE_ERROR", "database handshake failed"},
    {1044, kPermissionDenied, 0, "ER_DBACCESS_DENIED_ERROR", "database refuses our user"},
    {1045, kPermissionDenied, 0, "ER_ACCESS_DENIED_ERROR", "database refuses our user"},
    {1047, kUnavailable, kUseless, "ER_UNKNOWN_COM_ERROR", "database node not ready"},  // from Galera
    {1049, kFailedPrecondition, 0, "ER_BAD_DB_ERROR", "no such database"},
    {1050, kInternal, kMade, "ER_TABLE_EXISTS_ERROR", "table exists"},
    {1051, kInternal, kDropped, "ER_BAD_TABLE_ERROR", "table does not exist"},
    {1053, kUnavailable, kLost, "ER_SERVER_SHUTDOWN", "database is shutting down"},
    {1060, kInternal, kAltered, "ER_DUP_FIELDNAME", "column exists"},
    {1061, kInternal, kAltered, "ER_DUP_KEYNAME", "key exists"},
    {1062, kAlreadyExists, kDuplicate, "ER_DUP_ENTRY", "duplicate key"},
    {1077, kUnavailable, kLost, "ER_NORMAL_SHUTDOWN", "database is shutting down"},
    {1079, kUnavailable, kLost, "ER_SHUTDOWN_COMPLETE", "database is shutting down"},
    {1091, kInternal, kAltered, "ER_CANT_DROP_FIELD_OR_KEY", "column or key does not exist"},
    {1105, kResourceExhausted, kTooLarge, "ER_UNKNOWN_ERROR", "value too large"},  // we have seen it only for this
    {1114, kResourceExhausted, 0, "ER_RECORD_FILE_FULL", "table full"},
    {1129, kUnavailable, kLost, "ER_HOST_IS_BLOCKED", "database blocks our host"},
    {1130, kPermissionDenied, kLost, "ER_HOST_NOT_PRIVILEGED", "database refuses our host"},
    {1142, kPermissionDenied, 0, "ER_TABLEACCESS_DENIED_ERROR", "database refuses our user"},
    {1143, kPermissionDenied, 0, "ER_COLUMNACCESS_DENIED_ERROR", "database refuses our user"},
    {1146, kFailedPrecondition, 0, "ER_NO_SUCH_TABLE", "no such table"},
    {1152, kUnavailable, kLost, "ER_ABORTING_CONNECTION", "connection aborted"},
    {1153, kResourceExhausted, kLost | kTooLarge, "ER_NET_PACKET_TOO_LARGE", "statement too large"},
    {1158, kUnavailable, kLost, "ER_NET_READ_ERROR", "connection lost"},
    {1159, kUnavailable, kLost, "ER_NET_READ_INTERRUPTED", "connection lost"},
    {1160, kUnavailable, kLost, "ER_NET_ERROR_ON_WRITE", "connection lost"},
    {1161, kUnavailable, kLost, "ER_NET_WRITE_INTERRUPTED", "connection lost"},
    {1180, kUnavailable, kUseless, "ER_ERROR_DURING_COMMIT", "database failed to commit"},
    {1184, kUnavailable, kLost, "ER_NEW_ABORTING_CONNECTION", "connection aborted"},
    {1203, kUnavailable, kLost, "ER_TOO_MANY_USER_CONNECTIONS", "too many connections of our user"},
    {1205, kAborted, kRerun | kRefused, "ER_LOCK_WAIT_TIMEOUT", "lock wait timed out"},
    {1206, kResourceExhausted, kUndone, "ER_LOCK_TABLE_FULL", "too many locks"},
    {1213, kAborted, kRerun | kUndone | kRefused, "ER_LOCK_DEADLOCK", "deadlock"},
    {1226, kResourceExhausted, 0, "ER_USER_LIMIT_REACHED", "our user's quota is used up"},
    {1227, kPermissionDenied, 0, "ER_SPECIFIC_ACCESS_DENIED_ERROR", "database refuses our user"},
    {1264, kInvalidArgument, 0, "ER_WARN_DATA_OUT_OF_RANGE", "number out of range"},
    {1265, kInvalidArgument, 0, "WARN_DATA_TRUNCATED", "value does not fit its column"},
    {1290, kFailedPrecondition, kUseless | kRefused, "ER_OPTION_PREVENTS_STATEMENT", "database is read only"},
    {1292, kInvalidArgument, 0, "ER_TRUNCATED_WRONG_VALUE", "value does not fit its column"},
    {1304, kInternal, kMade, "ER_SP_ALREADY_EXISTS", "routine exists"},
    {1305, kInternal, kDropped, "ER_SP_DOES_NOT_EXIST", "routine does not exist"},
    {1317, kUnavailable, 0, "ER_QUERY_INTERRUPTED", "statement killed"},
    {1359, kInternal, kMade, "ER_TRG_ALREADY_EXISTS", "trigger exists"},
    {1360, kInternal, kDropped, "ER_TRG_DOES_NOT_EXIST", "trigger does not exist"},
    {1366, kInvalidArgument, 0, "ER_TRUNCATED_WRONG_VALUE_FOR_FIELD", "text is not valid UTF-8, or not a number"},
    {1406, kInvalidArgument, 0, "ER_DATA_TOO_LONG", "value too long for its column"},
    {1451, kFailedPrecondition, 0, "ER_ROW_IS_REFERENCED_2", "row is referred to by another"},
    {1452, kFailedPrecondition, 0, "ER_NO_REFERENCED_ROW_2", "row refers to one that is not there"},
    {1461, kResourceExhausted, 0, "ER_MAX_PREPARED_STMT_COUNT_REACHED", "too many prepared statements"},
    {1615, kUnavailable, kUseless, "ER_NEED_REPREPARE", "statement must be prepared again"},
    {1698, kPermissionDenied, 0, "ER_ACCESS_DENIED_NO_PASSWORD_ERROR", "database refuses our user"},
    {1792, kFailedPrecondition, kRefused, "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION", "transaction is read only"},
    {1826, kInternal, kAltered, "ER_FK_DUP_NAME", "constraint exists"},
    {1836, kFailedPrecondition, kUseless | kRefused, "ER_READ_ONLY_MODE", "database is read only"},
    {1927, kUnavailable, kLost, "ER_CONNECTION_KILLED", "connection killed"},        // MariaDB only
    {1969, kDeadlineExceeded, 0, "ER_STATEMENT_TIMEOUT", "statement ran too long"},  // MariaDB only
    {2001, kUnavailable, kLost, "CR_SOCKET_CREATE_ERROR", "database not reachable"},
    {2002, kUnavailable, kLost, "CR_CONNECTION_ERROR", "database not reachable"},
    {2003, kUnavailable, kLost, "CR_CONN_HOST_ERROR", "database not reachable"},
    {2004, kUnavailable, kLost, "CR_IPSOCK_ERROR", "database not reachable"},
    {2005, kUnavailable, kLost, "CR_UNKNOWN_HOST", "database host unknown"},
    {2006, kUnavailable, kLost, "CR_SERVER_GONE_ERROR", "connection lost"},
    {2012, kUnavailable, kLost, "CR_SERVER_HANDSHAKE_ERR", "database handshake failed"},
    {2013, kUnavailable, kLost, "CR_SERVER_LOST", "connection lost"},
    {2014, kInternal, kLost, "CR_COMMANDS_OUT_OF_SYNC", "commands out of sync"},
    {2020, kResourceExhausted, kLost | kTooLarge, "CR_NET_PACKET_TOO_LARGE", "statement too large"},
    {2026, kFailedPrecondition, kLost, "CR_SSL_CONNECTION_ERROR", "no TLS connection to the database"},
    {2030, kUnavailable, kLost, "CR_NO_PREPARE_STMT", "prepared statement lost"},
    {2055, kUnavailable, kLost, "CR_SERVER_LOST_EXTENDED", "connection lost"},
    {2057, kUnavailable, kUseless, "CR_NEW_STMT_METADATA", "table changed under a prepared statement"},
    {2058, kFailedPrecondition, kLost, "CR_AUTH_PLUGIN_CANNOT_LOAD", "log-in method not supported"},  // MariaDB only
    {2059, kFailedPrecondition, kLost, "CR_AUTH_PLUGIN_CANNOT_LOAD", "log-in method not supported"},
    {3024, kDeadlineExceeded, 0, "ER_QUERY_TIMEOUT", "statement ran too long"},  // Oracle only
    {3101, kAborted, kRerun | kUndone | kRefused, "ER_TRANSACTION_ROLLBACK_DURING_COMMIT", "conflict with a node"},
    {3169, kUnavailable, kLost, "ER_SESSION_WAS_KILLED", "connection killed"},                        // Oracle only
    {3572, kAborted, kRerun | kRefused, "ER_LOCK_NOWAIT", "row is locked"},                           // Oracle only
    {3819, kFailedPrecondition, 0, "ER_CHECK_CONSTRAINT_VIOLATED", "row breaks a CHECK constraint"},  // Oracle only
    {3821, kInternal, kAltered, "ER_CHECK_CONSTRAINT_NOT_FOUND", "constraint does not exist"},        // Oracle only
    {3822, kInternal, kAltered, "ER_CHECK_CONSTRAINT_DUP_NAME", "constraint exists"},                 // Oracle only
    {4025, kFailedPrecondition, 0, "ER_CONSTRAINT_FAILED", "row breaks a CHECK constraint"},          // MariaDB only
    {4031, kUnavailable, kLost, "ER_CLIENT_INTERACTION_TIMEOUT", "connection was idle too long"},     // Oracle only
};

constexpr Error kUnknownServerError = {-1, kInternal, 0, "unlisted", "database error"};
// Numbers 2000 to 2999 come from the client library. Nearly all mean that there is no connection (any more).
constexpr Error kUnknownClientError = {-1, kUnavailable, kLost, "unlisted", "database not reachable"};

const Error& Find(int number) {
  const Error* found = std::lower_bound(std::begin(kErrors), std::end(kErrors), number,
                                        [](const Error& error, int wanted) { return error.number < wanted; });
  if (found != std::end(kErrors) && found->number == number) return *found;
  return number >= 2000 && number < 3000 ? kUnknownClientError : kUnknownServerError;
}

constexpr bool IsOrdered() {
  for (size_t i = 1; i < std::size(kErrors); ++i) {
    if (kErrors[i - 1].number >= kErrors[i].number) return false;
  }
  return true;
}
static_assert(IsOrdered(), "Find() searches kErrors by halves");

bool Has(const absl::Status& status, Trait trait) {
  const std::optional<int> number = MysqlErrno(status);
  return number.has_value() && (Find(*number).traits & trait) != 0;
}

}  // namespace

absl::Status StatusFromMysql(int number, absl::string_view sqlstate, absl::string_view context) {
  const Error& error = Find(number);
  absl::Status status(error.code, absl::StrCat(error.meaning, " (MySQL error ", number, " ", error.name, ", state ",
                                               sqlstate.empty() ? "HY000" : sqlstate, ", in: ", context, ")"));
  status.SetPayload(kMysqlErrnoPayload, absl::Cord(absl::StrCat(number)));
  return status;
}

absl::Status LostUpdate(absl::string_view context) { return StatusFromMysql(1020, "HY000", context); }

std::optional<int> MysqlErrno(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kMysqlErrnoPayload);
  int number = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &number)) return std::nullopt;
  return number;
}

bool IsRerunnable(const absl::Status& status) { return Has(status, kRerun) && !IsOutcomeUnknown(status); }
bool IsLockWaitTimeout(const absl::Status& status) { return MysqlErrno(status) == 1205; }
bool IsDuplicateKey(const absl::Status& status) { return Has(status, kDuplicate); }
bool IsReadOnly(const absl::Status& status) { return MysqlErrno(status) == 1290 || MysqlErrno(status) == 1836; }
bool IsTooLarge(const absl::Status& status) { return Has(status, kTooLarge); }
bool IsStatementTimeout(const absl::Status& status) { return MysqlErrno(status) == 1969 || MysqlErrno(status) == 3024; }
bool IsOutOfStatements(const absl::Status& status) { return MysqlErrno(status) == 1461; }

bool IsNoSuchTable(const absl::Status& status) { return MysqlErrno(status) == 1146; }

bool IsAlreadyDone(const absl::Status& status, absl::string_view ddl) {
  // Each number counts only for its kind of statement: a CREATE TABLE that names two keys alike also fails with "key
  // exists".
  if (absl::StartsWithIgnoreCase(ddl, "CREATE ")) return Has(status, kMade);
  if (absl::StartsWithIgnoreCase(ddl, "DROP ")) return Has(status, kDropped);
  return absl::StartsWithIgnoreCase(ddl, "ALTER ") && Has(status, kAltered);
}

bool IsConnectionLost(int number) { return (Find(number).traits & kLost) != 0; }
bool IsConnectionUseless(int number) { return (Find(number).traits & (kLost | kUseless)) != 0; }
bool UndoesTransaction(int number) { return (Find(number).traits & (kLost | kUndone)) != 0; }
bool IsCommitRefused(const absl::Status& status) { return Has(status, kRefused); }

bool IsOutcomeUnknown(const absl::Status& status) { return status.GetPayload(kOutcomeUnknownPayload).has_value(); }

absl::Status MarkOutcomeUnknown(const absl::Status& status) {
  absl::Status marked(absl::StatusCode::kUnavailable, absl::StrCat("outcome unknown: ", status.message()));
  status.ForEachPayload([&marked](absl::string_view url, const absl::Cord& value) { marked.SetPayload(url, value); });
  marked.SetPayload(kOutcomeUnknownPayload, absl::Cord("1"));
  return marked;
}

}  // namespace lmp::storage
