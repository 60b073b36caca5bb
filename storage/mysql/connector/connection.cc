// Implements Connection of connection.h with MySQL Connector/C++. Only this folder includes the connector's headers,
// and its exceptions end here.
#include "storage/mysql/connection.h"

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/metadata.h>
#include <cppconn/parameter_metadata.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <algorithm>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "storage/mysql/connect_failure.h"
#include "storage/mysql/connector/driver_failure.h"
#include "storage/mysql/connector/prepared.h"
#include "storage/mysql/errors.h"
#include "storage/mysql/packet_size.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr size_t kMaxPrepared = 512;  // by default the server holds 16 382 for all connections together
constexpr int kLockWaitSeconds = 1;   // short, because the waiting session holds locks for which others wait

// Makes zero dates and silent truncation errors on every server, whatever its configuration is.
constexpr absl::string_view kSqlMode =
    "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,"
    "ONLY_FULL_GROUP_BY";

class MysqlConnection final : public Connection {
 public:
  explicit MysqlConnection(std::unique_ptr<sql::Connection> connection) : connection_(std::move(connection)) {}

  absl::Status SetUp(const DatabaseOptions& options);

  absl::Status Execute(absl::string_view sql) override;
  absl::StatusOr<std::unique_ptr<ResultSet>> Query(const std::string& sql, const std::vector<Value>& params) override;
  absl::StatusOr<int64_t> Update(const std::string& sql, const std::vector<Value>& params) override;
  absl::Status LimitStatements(absl::Duration limit) override;

  bool broken() const override { return broken_; }
  absl::Status TakeLostTransaction() override { return std::exchange(lost_transaction_, absl::OkStatus()); }
  bool is_mariadb() const override { return is_mariadb_; }
  bool is_cluster_node() const override { return is_cluster_node_; }
  int64_t round_trips() const override { return round_trips_; }

 private:
  using Cache = std::list<std::pair<std::string, std::shared_ptr<PreparedStatement>>>;

  // Makes one round trip.
  template <typename Function>
  absl::Status Send(absl::string_view sql, const Function& function) {
    ++round_trips_;
    std::optional<DriverFailure> failure = Catch(function);
    return failure ? Note(*failure, sql) : absl::OkStatus();
  }
  absl::Status Note(const DriverFailure& failure, absl::string_view sql);
  absl::Status CheckPacket(const std::string& sql, size_t bytes);
  std::string IdleLimits(const DatabaseOptions& options) const;
  void CloseOldest(size_t count);
  absl::Status CheckStillInTransaction(const std::string& sql);
  absl::StatusOr<std::shared_ptr<PreparedStatement>> Prepare(const std::string& sql);
  absl::StatusOr<std::shared_ptr<PreparedStatement>> Bind(const std::string& sql, const std::vector<Value>& params);

  std::unique_ptr<sql::Connection> connection_;
  std::unique_ptr<sql::Statement> plain_;
  Cache cache_;                                                     // the most recently used first
  absl::flat_hash_map<absl::string_view, Cache::iterator> by_sql_;  // the keys point to the texts in cache_
  // The connector takes only its own string type: this costs a copy, but no allocation each time.
  sql::SQLString scratch_;
  size_t max_packet_ = 0;  // max_allowed_packet of the server; 0: not known yet
  int64_t limit_ms_ = 0;
  int64_t round_trips_ = 0;
  bool broken_ = false;
  bool is_mariadb_ = false;
  bool is_cluster_node_ = false;
  bool in_transaction_ = false;  // as far as we know
  absl::Status lost_transaction_;
};

absl::Status MysqlConnection::Note(const DriverFailure& failure, absl::string_view sql) {
  absl::Status status = ToStatus(failure, sql);
  if (IsConnectionUseless(failure.number)) broken_ = true;
  if (UndoesTransaction(failure.number)) lost_transaction_ = status;
  return status;
}

absl::Status MysqlConnection::Execute(absl::string_view sql) {
  if (!absl::StartsWith(sql, "SET ")) in_transaction_ = sql == "BEGIN";  // DDL ends it, too
  return Send(sql, [this, sql] {
    if (!plain_->execute(sql::SQLString(sql.data(), sql.size()))) return;
    // Rows that nobody reads would block the connection, so all are read.
    do {
      std::unique_ptr<sql::ResultSet> dropped(plain_->getResultSet());
    } while (plain_->getMoreResults());
  });
}

absl::Status MysqlConnection::CheckPacket(const std::string& sql, size_t bytes) {
  if (max_packet_ == 0 || bytes <= max_packet_) return absl::OkStatus();
  return ToStatus({1153, "08S01", absl::StrCat(bytes, " bytes, of at most ", max_packet_)}, sql);
}

void MysqlConnection::CloseOldest(size_t count) {
  for (; count > 0; --count) {
    by_sql_.erase(cache_.back().first);
    cache_.pop_back();
  }
}

// On a cluster a change of another node may roll our transaction back at any moment. The next statement says so, but
// not if it is a PREPARE (seen with MariaDB 10.11): then what comes after it would be stored statement by statement.
// Each text is prepared once per connection, so that asking costs nothing.
absl::Status MysqlConnection::CheckStillInTransaction(const std::string& sql) {
  if (!is_cluster_node_ || !in_transaction_) return absl::OkStatus();
  bool still = false;
  RETURN_IF_ERROR(Send(sql, [&] {
    const std::unique_ptr<sql::ResultSet> rows(plain_->executeQuery("SELECT @@in_transaction"));
    still = rows->next() && rows->getInt(1) != 0;
  }));
  return still ? absl::OkStatus() : Note({1213, "40001", "another node undid the transaction"}, sql);
}

absl::StatusOr<std::shared_ptr<PreparedStatement>> MysqlConnection::Prepare(const std::string& sql) {
  if (auto found = by_sql_.find(sql); found != by_sql_.end()) {
    cache_.splice(cache_.begin(), cache_, found->second);
    return cache_.front().second;
  }
  RETURN_IF_ERROR(CheckPacket(sql, sql.size()));
  if (cache_.size() >= kMaxPrepared) CloseOldest(1);
  auto prepared = std::make_shared<PreparedStatement>();
  const auto prepare = [&] {
    return Send(sql, [&] {
      prepared->statement.reset(connection_->prepareStatement(sql));
      prepared->parameters = prepared->statement->getParameterMetaData()->getParameterCount();
    });
  };
  absl::Status status = prepare();
  // All connections share the server's places for statements. So seldom used statements are closed until there is a
  // place for this one.
  while (IsOutOfStatements(status) && !cache_.empty()) {
    CloseOldest((cache_.size() + 1) / 2);
    status = prepare();
  }
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(CheckStillInTransaction(sql));
  cache_.emplace_front(sql, std::move(prepared));
  by_sql_.emplace(cache_.front().first, cache_.begin());
  return cache_.front().second;
}

absl::StatusOr<std::shared_ptr<PreparedStatement>> MysqlConnection::Bind(const std::string& sql,
                                                                         const std::vector<Value>& params) {
  ASSIGN_OR_RETURN(std::shared_ptr<PreparedStatement> prepared, Prepare(sql));
  if (prepared->busy) return Note({0, "", "the rows of its last run are still in use"}, sql);
  // With too few parameters, the statement would use those of an earlier execution.
  if (params.size() != prepared->parameters) {
    return Note({0, "", absl::StrCat(params.size(), " parameters for ", prepared->parameters, " places")}, sql);
  }
  RETURN_IF_ERROR(CheckPacket(sql, LargestPacket(params)));
  std::optional<DriverFailure> failure = Catch([&] {
    sql::PreparedStatement& statement = *prepared->statement;
    unsigned place = 0;
    for (const Value& value : params) {
      ++place;
      if (const auto* text = std::get_if<std::string>(&value)) {
        scratch_ = *text;
        statement.setString(place, scratch_);
      } else if (const auto* number = std::get_if<int64_t>(&value)) {
        statement.setInt64(place, *number);
      } else {
        statement.setNull(place, sql::DataType::VARCHAR);
      }
    }
  });
  if (failure) return Note(*failure, sql);
  return prepared;
}

absl::StatusOr<std::unique_ptr<ResultSet>> MysqlConnection::Query(const std::string& sql,
                                                                  const std::vector<Value>& params) {
  ASSIGN_OR_RETURN(std::shared_ptr<PreparedStatement> prepared, Bind(sql, params));
  std::unique_ptr<sql::ResultSet> rows;
  RETURN_IF_ERROR(Send(sql, [&] { rows.reset(prepared->statement->executeQuery()); }));
  return std::make_unique<PreparedRows>(std::move(prepared), std::move(rows));
}

absl::StatusOr<int64_t> MysqlConnection::Update(const std::string& sql, const std::vector<Value>& params) {
  ASSIGN_OR_RETURN(std::shared_ptr<PreparedStatement> prepared, Bind(sql, params));
  int64_t matched = 0;
  RETURN_IF_ERROR(Send(sql, [&] { matched = prepared->statement->executeUpdate(); }));
  return matched;
}

absl::Status MysqlConnection::LimitStatements(absl::Duration limit) {
  const int64_t ms = absl::ToInt64Milliseconds(StatementLimit(limit));
  if (ms == limit_ms_) return absl::OkStatus();
  const int64_t seconds = std::max<int64_t>(1, ms / 1000);
  // lock_wait_timeout is for the locks of DDL and FLUSH TABLES; its default is a year.
  const std::string sql =
      absl::StrCat(is_mariadb_ ? absl::StrFormat("SET SESSION max_statement_time=%d.%03d", ms / 1000, ms % 1000)
                               : absl::StrCat("SET SESSION max_execution_time=", ms),
                   ", lock_wait_timeout=", seconds);
  RETURN_IF_ERROR(Execute(sql));
  limit_ms_ = ms;
  return absl::OkStatus();
}

// Settings with which the server ends the session if we are stopped, or vanish without a word, so that our locks are
// released.
std::string MysqlConnection::IdleLimits(const DatabaseOptions& options) const {
  if (options.idle_transaction == absl::InfiniteDuration()) return "";
  const int64_t seconds = absl::ToInt64Seconds(options.idle_transaction);
  // Rows that nobody takes from the wire do not count as idle time, so they have a limit of their own.
  return absl::StrCat(", net_write_timeout=", seconds,
                      is_mariadb_ ? absl::StrCat(", idle_transaction_timeout=", seconds)
                                  : absl::StrCat(", wait_timeout=", 2 * seconds));
}

absl::Status MysqlConnection::SetUp(const DatabaseOptions& options) {
  if (std::optional<DriverFailure> failure = Catch([this] {
        plain_.reset(connection_->createStatement());
        const sql::SQLString version = connection_->getMetaData()->getDatabaseProductVersion();
        is_mariadb_ = absl::StrContains(version.asStdString(), "MariaDB");
      })) {
    return Note(*failure, "setting the session up");
  }
  RETURN_IF_ERROR(
      Execute(absl::StrCat("SET NAMES utf8mb4, time_zone='+00:00', ",
                           is_mariadb_ ? "tx_isolation" : "transaction_isolation", "='READ-COMMITTED', sql_mode='",
                           kSqlMode, "', innodb_lock_wait_timeout=", kLockWaitSeconds, IdleLimits(options))));
  // Not @@wsrep_on, which is an error where the server was built without Galera.
  const std::string facts =
      is_mariadb_ ? "SELECT @@max_allowed_packet, EXISTS (SELECT 1 FROM information_schema.global_variables WHERE "
                    "variable_name = 'WSREP_ON' AND variable_value = 'ON')"
                  : "SELECT @@max_allowed_packet, 0";
  ASSIGN_OR_RETURN(std::unique_ptr<ResultSet> rows, Query(facts, {}));
  if (rows->Next()) {
    max_packet_ = static_cast<size_t>(rows->Int64(0));
    is_cluster_node_ = rows->Int64(1) != 0;
  }
  RETURN_IF_ERROR(rows->status());
  rows.reset();
  CloseOldest(cache_.size());  // a statement that is used once takes none of the server's places
  if (options.tls_ca.empty()) return absl::OkStatus();
  // The connector falls back to an unencrypted connection in more than one way, so we ask.
  ASSIGN_OR_RETURN(rows, Query("SHOW SESSION STATUS LIKE 'Ssl_cipher'", {}));
  const bool encrypted = rows->Next() && !rows->String(1).empty();
  RETURN_IF_ERROR(rows->status());
  if (encrypted) return absl::OkStatus();
  return absl::FailedPreconditionError("TLS is demanded, but the connection to the database is not encrypted");
}

int Seconds(absl::Duration duration) {
  return static_cast<int>(std::clamp<int64_t>(absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))), 1, 86400));
}

// The connector ignores an option that it does not know, and fails on one that has another type than int: test what you
// add.
sql::ConnectOptionsMap ConnectorOptions(const DatabaseOptions& options) {
  sql::ConnectOptionsMap map;
  const bool ipv6 = absl::StrContains(options.host, ':');
  map["hostName"] = sql::SQLString(
      options.socket.empty() ? absl::StrCat("tcp://", ipv6 ? "[" : "", options.host, ipv6 ? "]" : "", ":", options.port)
                             : absl::StrCat("unix://", options.socket));
  map["userName"] = sql::SQLString(options.user);
  map["password"] = sql::SQLString(options.password);
  if (!options.database.empty()) map["schema"] = sql::SQLString(options.database);
  map["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  map["characterSetResults"] = sql::SQLString("utf8mb4");  // costs a round trip more if it differs
  map["CLIENT_FOUND_ROWS"] = true;
  map["OPT_LOCAL_INFILE"] = 0;  // otherwise a hostile server may ask for our files
  map["OPT_CONNECT_TIMEOUT"] = Seconds(options.connect_timeout);
  if (options.read_timeout != absl::InfiniteDuration()) {
    map["OPT_READ_TIMEOUT"] = Seconds(options.read_timeout);
    map["OPT_WRITE_TIMEOUT"] = Seconds(options.read_timeout);
  }
  if (!options.tls_ca.empty()) {
    map["sslCA"] = sql::SQLString(options.tls_ca);
    map["sslVerify"] = true;  // only both options together refuse a server without TLS
  }
  return map;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const DatabaseOptions& options) {
  std::unique_ptr<sql::Connection> raw;
  const absl::Time began = absl::Now();
  if (std::optional<DriverFailure> failure = Catch([&] {
        sql::ConnectOptionsMap map = ConnectorOptions(options);
        raw.reset(sql::mysql::get_driver_instance()->connect(map));
      })) {
    return ToStatus(*failure,
                    absl::StrCat("connecting to the database at ", PlaceOf(options),
                                 WhyNotReached(options, failure->number, failure->text, absl::Now() - began)));
  }
  auto connection = std::make_unique<MysqlConnection>(std::move(raw));
  RETURN_IF_ERROR(connection->SetUp(options));
  return connection;
}

}  // namespace lmp::storage
