#include "storage/mysql/migration_guard.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kTables[] =
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name";
constexpr char kOurColumns[] =
    "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = "
    "'schema_migrations' "
    "AND column_name IN ('version', 'name', 'checksum', 'statements_started', 'statements_done', 'applied_time')";
constexpr int kOurColumnCount = 6;
constexpr char kBegun[] = "SELECT COUNT(*) FROM schema_migrations";
// The transaction that asks is our own.
constexpr char kTransactions[] =
    "SELECT p.id, p.user, p.host, TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) FROM information_schema.innodb_trx t "
    "JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.id <> CONNECTION_ID() "
    "ORDER BY t.trx_started LIMIT 5";
constexpr char kSessions[] =
    "SELECT id, user, host, time FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() "
    "ORDER BY time DESC LIMIT 5";
constexpr size_t kNamedTables = 5;

absl::StatusOr<int64_t> QueryNumber(Connection& connection, const std::string& sql) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ResultSet> rows, connection.Query(sql, {}));
  const int64_t number = rows->Next() ? rows->Int64(0) : 0;
  RETURN_IF_ERROR(rows->status());
  return number;
}

std::string Describe(Connection& connection, const char* sql) {
  const auto rows = connection.Query(sql, {});
  std::vector<std::string> sessions;
  while (rows.ok() && (*rows)->Next()) {
    sessions.push_back(absl::StrCat("connection ", (*rows)->Int64(0), " of ", (*rows)->String(1), "@",
                                    (*rows)->String(2), ", ", (*rows)->Int64(3), " s"));
  }
  return absl::StrJoin(sessions, "; ");
}

}  // namespace

absl::Status CheckOurs(Connection& connection) {
  std::vector<std::string> others;
  bool has_ours = false;
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<ResultSet> rows, connection.Query(kTables, {}));
    while (rows->Next()) {
      const std::string name = rows->String(0);
      if (name == "schema_migrations") {
        has_ours = true;
      } else {
        others.push_back(name);
      }
    }
    RETURN_IF_ERROR(rows->status());
  }
  if (has_ours) {
    ASSIGN_OR_RETURN(const int64_t columns, QueryNumber(connection, kOurColumns));
    has_ours = columns == kOurColumnCount;
    if (has_ours && others.empty()) return absl::OkStatus();
    if (has_ours) {
      ASSIGN_OR_RETURN(const int64_t begun, QueryNumber(connection, kBegun));
      if (begun > 0) return absl::OkStatus();
    } else {
      others.push_back("schema_migrations");
      std::sort(others.begin(), others.end());
    }
  }
  if (others.empty()) return absl::OkStatus();
  const size_t named = std::min(others.size(), kNamedTables);
  return absl::FailedPreconditionError(
      absl::StrCat("this database is another program's: it has tables that no migration of ours made (",
                   absl::StrJoin(others.begin(), others.begin() + static_cast<ptrdiff_t>(named), ", "),
                   others.size() > named ? ", …" : "", "); nothing was changed; give an empty database"));
}

std::string DescribeOtherSessions(Connection& connection) {
  std::string transactions = Describe(connection, kTransactions);
  if (!transactions.empty()) return absl::StrCat("open transactions: ", transactions);
  const std::string sessions = Describe(connection, kSessions);
  return sessions.empty() ? "who holds it can't be seen by this user (it takes the PROCESS privilege)"
                          : absl::StrCat("sessions in this database: ", sessions);
}

}  // namespace lmp::storage
