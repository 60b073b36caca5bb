// The service's own statements, sent straight to the database: what a program could reach that has no gRPC and decides
// nothing. They are recorded from the storage code, so they are what the service sends, whatever it comes to send.
#ifndef LMP_TESTS_BENCHMARKS_SERVERS_DIRECT_H_
#define LMP_TESTS_BENCHMARKS_SERVERS_DIRECT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/ids.h"
#include "storage/catalog_cache.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::bench {

// The service's schema behind this socket.
storage::DatabaseOptions BenchDatabase(const std::string& socket);

// CheckLicense for these pairs of customer and product, each of which has one license: the statement, and every column
// of its rows read.
absl::Status CheckDirectly(storage::Connection& connection, const std::vector<model::RowKey>& checks);

struct Statement {
  enum class Kind { kText, kQuery, kUpdate };
  Kind kind;
  std::string sql;
  std::vector<storage::Value> params;
};
using Transaction = std::vector<Statement>;

// Makes the transactions that assign the bench's plan, ready to be sent once.
class AssignRecorder {
 public:
  explicit AssignRecorder(storage::Connection& connection) : connection_(connection) {}

  // One transaction for all these customers: what the engine sends for a batch of them.
  absl::StatusOr<Transaction> Record(const std::vector<std::string>& customer_ids);

 private:
  storage::Connection& connection_;
  storage::CatalogCache cache_;
  server::SystemIds ids_;
};

// The same work as one compound block: one round trip (MariaDB only). Rows that a query reads are counted there.
Statement AsBlock(const Transaction& transaction);

// Rolls back if a statement fails.
absl::Status Send(storage::Connection& connection, const Transaction& transaction);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SERVERS_DIRECT_H_
