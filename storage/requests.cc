#include "storage/requests.h"

#include "absl/strings/str_cat.h"
#include "storage/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kInsertRequests[] =
    "INSERT INTO requests (caller, request_id, method, fingerprint, response, create_time) VALUES ";

}  // namespace

absl::StatusOr<std::map<RequestKey, model::StoredRequest>> LoadRequests(Connection& connection,
                                                                        const std::vector<RequestKey>& keys) {
  std::map<RequestKey, model::StoredRequest> found;
  if (keys.empty()) return found;
  static const auto& sql = *new std::string(absl::StrCat(
      "SELECT STRAIGHT_JOIN r.caller, r.request_id, r.method, r.fingerprint, r.response, r.create_time FROM ",
      PairsTable("VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin"),
      " JOIN requests r ON r.caller = wanted.key1 AND r.request_id = wanted.key2"));
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, {PairsToJson(keys)}));
  while (rows->Next()) {
    model::StoredRequest request{.caller = rows->String(0),
                                 .request_id = rows->String(1),
                                 .method = rows->String(2),
                                 .fingerprint = rows->String(3),
                                 .response = rows->String(4),
                                 .create_time = ParseDateTime(rows->String(5))};
    RequestKey key(request.caller, request.request_id);
    found.insert_or_assign(std::move(key), std::move(request));
  }
  RETURN_IF_ERROR(rows->status());
  return found;
}

absl::Status InsertRequests(Connection& connection, const std::vector<model::StoredRequest>& requests) {
  if (requests.empty()) return absl::OkStatus();
  std::string sql = kInsertRequests;
  std::vector<Value> params;
  for (const model::StoredRequest& request : requests) {
    absl::StrAppend(&sql, params.empty() ? "" : ", ", "(?, ?, ?, ?, ?, ?)");
    for (const std::string* text :
         {&request.caller, &request.request_id, &request.method, &request.fingerprint, &request.response}) {
      params.push_back(*text);
    }
    params.push_back(FormatDateTime(request.create_time));
  }
  return connection.Update(sql, params).status();
}

absl::StatusOr<int64_t> DeleteRequests(Connection& connection, absl::Time before, int limit) {
  return connection.Update("DELETE FROM requests WHERE create_time < ? ORDER BY create_time LIMIT ?",
                           {FormatDateTime(before), static_cast<int64_t>(limit)});
}

}  // namespace lmp::storage
