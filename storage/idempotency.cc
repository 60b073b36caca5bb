#include "storage/idempotency.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/rows/columns.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"

namespace lmp::storage {

absl::StatusOr<std::map<RequestKey, model::IdempotencyRecord>> LoadIdempotencyRecords(
    Connection& connection, const std::vector<RequestKey>& keys) {
  std::map<RequestKey, model::IdempotencyRecord> found;
  if (keys.empty()) return found;
  static const auto& sql =
      *new std::string(absl::StrCat("SELECT STRAIGHT_JOIN ", SelectList<model::IdempotencyRecord>("r."), " FROM ",
                                    PairsTable("VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                                               "VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin"),
                                    " JOIN requests r ON r.caller = wanted.key1 AND r.request_id = wanted.key2"));
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, {PairsToJson(keys)}));
  while (rows->Next()) {
    auto request = ReadRow<model::IdempotencyRecord>(*rows);
    RequestKey key(request.caller, absl::AsciiStrToLower(request.request_id));
    found.insert_or_assign(std::move(key), std::move(request));
  }
  RETURN_IF_ERROR(rows->status());
  return found;
}

absl::Status InsertIdempotencyRecords(Connection& connection, const std::vector<model::IdempotencyRecord>& requests) {
  return InsertRows(connection, requests);
}

absl::StatusOr<int64_t> DeleteRequests(Connection& connection, absl::Time before, int limit) {
  return connection.Update("DELETE FROM requests WHERE create_time < ? ORDER BY create_time LIMIT ?",
                           {FormatDateTime(before), static_cast<int64_t>(limit)});
}

}  // namespace lmp::storage
