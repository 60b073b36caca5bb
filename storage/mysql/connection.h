// One database session, and the only door to MySQL Connector/C++ (connection.cc is the only file that names its types).
// No exception leaves this class: every failure is an absl::Status made by storage/mysql/errors.h.
#ifndef LMP_STORAGE_MYSQL_CONNECTION_H_
#define LMP_STORAGE_MYSQL_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace lmp::storage {

// Where the database is, and as which user we connect.
struct DatabaseOptions {
  std::string host;  // empty with a socket
  int port = 3306;
  std::string socket;  // path of a Unix socket; used instead of host
  std::string user;
  std::string password;  // from LMP_MYSQL_PASSWORD or a file, never from argv; never logged
  std::string database;
  // If set, TLS is required, the certificate is verified, and Ssl_cipher is checked after connecting.
  std::string tls_ca;
  absl::Duration connect_timeout = absl::Seconds(5);
  // After this time a hung database ends the connection; infinite for long DDL.
  absl::Duration read_timeout = absl::Seconds(30);
  // The database ends a session that stays idle for this long in the middle of a transaction, and releases its locks:
  // the session's host may have vanished. Oracle's server has no such limit; there a session that is idle for twice
  // this time is ended.
  absl::Duration idle_transaction = absl::InfiniteDuration();
};

// mysql://user@host:port/db, or mysql://user@localhost/db?socket=/path; also ?tls_ca=/path. Reserved characters are
// %-escaped. A password in the URL is refused with a message that names LMP_MYSQL_PASSWORD. Errors: INVALID_ARGUMENT.
absl::StatusOr<DatabaseOptions> ParseMysqlUrl(absl::string_view url);

// A bound parameter. monostate is NULL. Bytes are kept exactly, NULs included.
using Value = std::variant<std::monostate, int64_t, std::string>;

// The rows of one query. All of them have been received, so other statements may run meanwhile. The caller owns the
// result set and must destroy it before the connection, and before the same SQL runs again on the connection (which is
// refused as INTERNAL otherwise).
class ResultSet {
 public:
  virtual ~ResultSet() = default;
  // Moves to the next row. Returns false at the end, or if moving failed; so check status() after the loop.
  virtual bool Next() = 0;
  // Columns count from 0, and values are read when they are asked for. NULL reads as "" or 0. A failed read (no such
  // column, no row, Int64 of text or above 2^63-1) gives "", 0 or true, and status() tells it.
  virtual bool IsNull(int column) = 0;
  virtual std::string String(int column) = 0;
  virtual int64_t Int64(int column) = 0;
  // True if the statement made numbers of this column.
  virtual bool IsNumber(int /*column*/) { return false; }
  // How many rows there are, where that is known; for the log.
  virtual int64_t row_count() const { return 0; }

  // The first failure; OK if there was none.
  const absl::Status& status() const { return status_; }
  bool failed() const { return !status_.ok(); }
  // Called when a value that was read makes no sense. Only the first failure counts.
  void Fail(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  // Adds to the failure where it happened.
  void FailedAt(absl::string_view where) {
    status_ = absl::Status(status_.code(), absl::StrCat(where, ": ", status_.message()));
  }

 private:
  absl::Status status_;
};

class Connection {
 public:
  // Connects, and sets time zone UTC, READ COMMITTED, utf8mb4 and strict SQL mode. Errors: UNAVAILABLE (no database
  // answers), PERMISSION_DENIED (the database refuses us), FAILED_PRECONDITION (TLS is required but not available; the
  // database is unknown).
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const DatabaseOptions& options);
  virtual ~Connection() = default;

  // Sends one statement without parameters as text: BEGIN, COMMIT, ROLLBACK, SET, DDL. Rows that it returns are
  // dropped. COMMIT and ROLLBACK are sent this way because the connector's own commit() reports success on a dead
  // connection.
  virtual absl::Status Execute(absl::string_view sql) = 0;

  // Runs a prepared statement with bound parameters. It is prepared once per connection and SQL text; beyond 512
  // statements the least recently used one is closed. Update returns the number of rows *matched*, whether or not they
  // changed.
  virtual absl::StatusOr<std::unique_ptr<ResultSet>> Query(const std::string& sql,
                                                           const std::vector<Value>& params) = 0;
  virtual absl::StatusOr<int64_t> Update(const std::string& sql, const std::vector<Value>& params) = 0;

  // From now on no statement runs longer than `limit` (rounded down to a power of two of milliseconds, at least 64 ms;
  // it costs a round trip only when that value changes). A longer statement fails with DEADLINE_EXCEEDED. Oracle's
  // server limits only SELECT. A wait for row locks never takes longer than a second, and then fails with ABORTED.
  virtual absl::Status LimitStatements(absl::Duration limit) = 0;

  // True once an error showed that the session is gone, or leads to a node that takes no writes; the pool then discards
  // the connection.
  virtual bool broken() const = 0;
  // Returns and forgets the last error by which the server rolled back the whole transaction (deadlock, session gone);
  // OK if there was none. If the body of a transaction ignored such an error, only what came after the error would be
  // committed.
  virtual absl::Status TakeLostTransaction() = 0;
  virtual bool is_mariadb() const = 0;
  // True on a node of a Galera cluster. There the lock of a row is of this node alone: of what another node did
  // meanwhile, COMMIT finds out, and only for rows that both have *written*.
  virtual bool is_cluster_node() const = 0;
  // The number of statements sent so far, for tests that count round trips; preparing a statement counts too.
  virtual int64_t round_trips() const = 0;
};

// The limit that LimitStatements really sets for `limit`.
absl::Duration StatementLimit(absl::Duration limit);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_CONNECTION_H_
