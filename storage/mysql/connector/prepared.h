// A prepared statement, and the rows that it gave.
#ifndef LMP_STORAGE_MYSQL_CONNECTOR_PREPARED_H_
#define LMP_STORAGE_MYSQL_CONNECTOR_PREPARED_H_

#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "storage/mysql/connection.h"

namespace lmp::storage {

// The cache and a result share it, so that the rows survive when the statement is dropped from the cache.
struct PreparedStatement {
  std::unique_ptr<sql::PreparedStatement> statement;
  size_t parameters = 0;
  bool busy = false;  // a ResultSet exists; executing now would overwrite its rows
};

class PreparedRows final : public ResultSet {
 public:
  PreparedRows(std::shared_ptr<PreparedStatement> prepared, std::unique_ptr<sql::ResultSet> rows);
  ~PreparedRows() override;

  int64_t row_count() const override;
  bool Next() override;
  bool IsNull(int column) override;
  std::string String(int column) override;
  int64_t Int64(int column) override;
  bool IsNumber(int column) override;

 private:
  enum class Kind : unsigned char { kUnknown, kText, kNumber, kUnsigned };

  template <typename T, typename Function>
  T Read(T value, const char* what, const Function& function);
  // Asked of the connector once for a column, not for each row: it looks through the whole description again.
  Kind KindOf(uint32_t index);
  Kind FindKind(uint32_t index);
  int64_t ReadInt64(uint32_t index);

  const std::shared_ptr<PreparedStatement> prepared_;
  std::unique_ptr<sql::ResultSet> rows_;
  std::array<Kind, 64> kinds_{};  // of the first columns, by the connector's index
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_CONNECTOR_PREPARED_H_
