#include "storage/mysql/connector/prepared.h"

#include <cppconn/datatype.h>
#include <cppconn/exception.h>
#include <cppconn/resultset_metadata.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/mysql/connector/driver_failure.h"

namespace lmp::storage {
namespace {

// Moves the text out of the connector's string instead of copying it.
std::string Release(sql::SQLString text) { return std::move(*text.operator->()); }

// The connector counts columns from 1, and refuses an index out of range.
uint32_t Index(int column) { return static_cast<uint32_t>(column) + 1; }

}  // namespace

template <typename T, typename Function>
T PreparedRows::Read(T value, const char* what, const Function& function) {
  if (const std::optional<DriverFailure> failure = Catch([&] { value = function(); })) {
    Fail(ToStatus(*failure, absl::StrCat("reading a ", what)));
  }
  return value;
}

PreparedRows::PreparedRows(std::shared_ptr<PreparedStatement> prepared, std::unique_ptr<sql::ResultSet> rows)
    : prepared_(std::move(prepared)), rows_(std::move(rows)) {
  prepared_->busy = true;
}

PreparedRows::~PreparedRows() {
  rows_.reset();
  prepared_->busy = false;
}

int64_t PreparedRows::row_count() const { return static_cast<int64_t>(rows_->rowsCount()); }

bool PreparedRows::Next() {
  return Read(false, "next row", [this] { return rows_->next(); });
}

bool PreparedRows::IsNull(int column) {
  return Read(true, "NULL test", [this, column] { return rows_->isNull(Index(column)); });
}

std::string PreparedRows::String(int column) {
  return Read(std::string(), "text column", [this, column] { return Release(rows_->getString(Index(column))); });
}

int64_t PreparedRows::Int64(int column) {
  return Read(int64_t{0}, "integer column", [this, column] { return ReadInt64(Index(column)); });
}

bool PreparedRows::IsNumber(int column) {
  return Read(false, "column's type", [this, column] { return KindOf(Index(column)) != Kind::kText; });
}

PreparedRows::Kind PreparedRows::KindOf(uint32_t index) {
  if (index >= kinds_.size()) return FindKind(index);
  if (kinds_[index] == Kind::kUnknown) kinds_[index] = FindKind(index);
  return kinds_[index];
}

PreparedRows::Kind PreparedRows::FindKind(uint32_t index) {
  switch (rows_->getMetaData()->getColumnType(index)) {
    case sql::DataType::BIGINT:
      return rows_->getMetaData()->isSigned(index) ? Kind::kNumber : Kind::kUnsigned;
    case sql::DataType::CHAR:
    case sql::DataType::VARCHAR:
    case sql::DataType::LONGVARCHAR:
    case sql::DataType::BINARY:
    case sql::DataType::VARBINARY:
    case sql::DataType::LONGVARBINARY:
    case sql::DataType::DATE:
    case sql::DataType::TIME:
    case sql::DataType::TIMESTAMP:
    case sql::DataType::ENUM:
    case sql::DataType::SET:
      return Kind::kText;
    default:
      return Kind::kNumber;
  }
}

// Checked here, because the connector would silently return 0 for text and a negative number above 2^63.
int64_t PreparedRows::ReadInt64(uint32_t index) {
  const int64_t value = rows_->getInt64(index);
  const Kind kind = KindOf(index);
  if (kind == Kind::kUnsigned && value < 0) throw sql::SQLException("above 2^63-1");
  if (kind == Kind::kText && !rows_->isNull(index)) throw sql::SQLException("not a number");
  return value;
}

}  // namespace lmp::storage
