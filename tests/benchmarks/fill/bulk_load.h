// Fills a table as fast as the database can: LOAD DATA from a named pipe in the one directory from which it may read,
// so that nothing is written to disk twice.
#ifndef LMP_TESTS_BENCHMARKS_FILL_BULK_LOAD_H_
#define LMP_TESTS_BENCHMARKS_FILL_BULK_LOAD_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/mysql/connection.h"
#include "storage/rows/columns.h"

namespace lmp::bench {

// One LOAD DATA that is under way on a connection and a thread of its own. Rows must come in order of the primary key.
class TableLoad final {
 public:
  // `connection` needs an unlimited read_timeout; keys are not checked against other tables. Errors:
  // FAILED_PRECONDITION if we can't write where the database reads.
  static absl::StatusOr<std::unique_ptr<TableLoad>> Start(std::unique_ptr<storage::Connection> connection,
                                                          const std::string& table,
                                                          const std::vector<std::string>& columns);
  ~TableLoad();

  template <class Row>
  void AddRow(const Row& row) {
    values_.clear();
    storage::AppendValues(row, values_);
    Add(values_);
  }
  int64_t rows() const { return rows_; }
  // Sends what is left and waits until the table has it. Errors: those of the statement.
  absl::Status Finish();

 private:
  void Add(const std::vector<storage::Value>& values);
  explicit TableLoad(std::unique_ptr<storage::Connection> connection) : connection_(std::move(connection)) {}
  bool Open();
  void Send();

  const std::unique_ptr<storage::Connection> connection_;
  std::string pipe_;
  int fd_ = -1;
  std::string buffer_;
  std::vector<storage::Value> values_;
  int64_t rows_ = 0;
  std::atomic<bool> ended_{false};
  absl::Status status_;  // of the statement, once it has ended
  std::thread thread_;
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FILL_BULK_LOAD_H_
