// One database session, and the only door to MySQL Connector/C++ (statement.cc is the only file that names its types).
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

// Where the database is and who we are there.
struct DatabaseOptions {
  std::string host;  // empty with a socket
  int port = 3306;
  std::string socket;  // Unix socket path; wins over host
  std::string user;
  std::string password;  // from LMP_MYSQL_PASSWORD or a file, never from argv; never logged
  std::string database;
  std::string tls_ca;  // set: TLS is demanded, the certificate verified, and Ssl_cipher checked after connecting
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration read_timeout = absl::Seconds(30);  // a hung database ends the connection; infinite for long DDL
  // A session that says nothing for so long in the middle of a transaction is ended by the database, which gives up its
  // locks: its host may have vanished. Oracle's server knows no such limit, and ends a session that is idle for twice
  // as long.
  absl::Duration idle_transaction = absl::InfiniteDuration();
};

// mysql://user@host:port/db, or mysql://user@localhost/db?socket=/path; also ?tls_ca=/path. Reserved characters are
// %-escaped. A password in the URL is refused with a message that names LMP_MYSQL_PASSWORD. Errors: INVALID_ARGUMENT.
absl::StatusOr<DatabaseOptions> ParseMysqlUrl(absl::string_view url);

// A bound parameter. monostate is NULL. Bytes with NULs are exact.
using Value = std::variant<std::monostate, int64_t, std::string>;

// The rows of one query, all of them already here: other statements may run meanwhile. Owned by the caller; must be
// gone before the same SQL runs again on the connection (which is then refused, INTERNAL), and before the connection.
class ResultSet {
 public:
  virtual ~ResultSet() = default;
  // Moves to the next row; false at the end, or if that failed, so ask status() after the loop.
  virtual bool Next() = 0;
  // Columns count from 0; values are read when asked for. NULL reads as "" or 0. A failed read (no such column, no row,
  // Int64 of text or above 2^63-1) gives "", 0 or true and shows in status().
  virtual bool IsNull(int column) = 0;
  virtual std::string String(int column) = 0;
  virtual int64_t Int64(int column) = 0;

  // The first failure.
  const absl::Status& status() const { return status_; }
  bool failed() const { return !status_.ok(); }
  // What was read makes no sense. Only the first failure counts.
  void Fail(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  // Says of the failure where it is.
  void FailedAt(absl::string_view where) {
    status_ = absl::Status(status_.code(), absl::StrCat(where, ": ", status_.message()));
  }

 private:
  absl::Status status_;
};

class Connection {
 public:
  // Connects, sets time zone UTC, READ COMMITTED, utf8mb4 and strict SQL mode. Errors: UNAVAILABLE (nobody there),
  // PERMISSION_DENIED (refused), FAILED_PRECONDITION (TLS demanded but not had, unknown database).
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const DatabaseOptions& options);
  virtual ~Connection() = default;

  // Sends one statement without parameters as text: BEGIN, COMMIT, ROLLBACK, SET, DDL; rows are dropped. COMMIT and
  // ROLLBACK go this way because the connector's own commit() reports success on a dead connection.
  virtual absl::Status Execute(absl::string_view sql) = 0;

  // Runs a prepared statement with bound parameters. Prepared once per connection and SQL text, the least recently
  // used of them is closed beyond 512. Update returns the rows *matched*, whether or not they changed.
  virtual absl::StatusOr<std::unique_ptr<ResultSet>> Query(const std::string& sql,
                                                           const std::vector<Value>& params) = 0;
  virtual absl::StatusOr<int64_t> Update(const std::string& sql, const std::vector<Value>& params) = 0;

  // No statement from now on runs longer than `limit` (rounded down to a power of two of milliseconds, at least 64;
  // costs a round trip only when that value changes). The statement then fails with DEADLINE_EXCEEDED. Oracle's server
  // limits SELECT only. Waits for locks of rows never take longer than a second, and fail with ABORTED.
  virtual absl::Status LimitStatements(absl::Duration limit) = 0;

  // True once an error showed that the session is gone or leads to a node that takes no writes; the pool then throws
  // the connection away.
  virtual bool broken() const = 0;
  // Returns and forgets the last error by which the server undid the whole transaction (deadlock, session gone). OK if
  // there was none. A body that overlooks such an error would otherwise commit what came after it, and only that.
  virtual absl::Status TakeLostTransaction() = 0;
  virtual bool is_mariadb() const = 0;
  // Statements sent so far (a prepare counts too), for tests that count round trips.
  virtual int64_t round_trips() const = 0;
};

// What LimitStatements makes of a limit.
absl::Duration StatementLimit(absl::Duration limit);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_CONNECTION_H_
