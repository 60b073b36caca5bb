// A connection that something happens to in the middle.
#ifndef LMP_TESTS_STORAGE_INTERRUPTED_CONNECTION_H_
#define LMP_TESTS_STORAGE_INTERRUPTED_CONNECTION_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// Passes on to a connection, and does something right before one of the statements.
class Interrupted final : public Connection {
 public:
  Interrupted(Connection& real, std::string statement, std::function<void()> interruption)
      : real_(real), statement_(std::move(statement)), interruption_(std::move(interruption)) {}

  absl::Status Execute(absl::string_view sql) override { return real_.Execute(sql); }
  absl::StatusOr<std::unique_ptr<ResultSet>> Query(const std::string& sql, const std::vector<Value>& params) override {
    return real_.Query(sql, params);
  }
  absl::StatusOr<int64_t> Update(const std::string& sql, const std::vector<Value>& params) override {
    if (absl::StartsWith(sql, statement_)) interruption_();
    return real_.Update(sql, params);
  }
  absl::Status LimitStatements(absl::Duration limit) override { return real_.LimitStatements(limit); }
  bool broken() const override { return real_.broken(); }
  absl::Status TakeLostTransaction() override { return real_.TakeLostTransaction(); }
  bool is_mariadb() const override { return real_.is_mariadb(); }
  bool is_cluster_node() const override { return real_.is_cluster_node(); }
  int64_t round_trips() const override { return real_.round_trips(); }

 private:
  Connection& real_;
  const std::string statement_;
  const std::function<void()> interruption_;
};

}  // namespace lmp::storage

#endif  // LMP_TESTS_STORAGE_INTERRUPTED_CONNECTION_H_
