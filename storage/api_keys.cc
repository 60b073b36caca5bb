#include "storage/api_keys.h"

#include "absl/strings/str_cat.h"
#include "storage/rows/columns.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"

namespace lmp::storage {

std::string NameOf(const ApiKey& key) {
  return absl::StrCat(key.partner_id.has_value() ? absl::StrCat("partners/", *key.partner_id, "/") : "", "apiKeys/",
                      key.key_id);
}

absl::StatusOr<std::optional<ApiKey>> FindApiKey(Connection& connection, const std::string& secret_hash) {
  static const auto& sql =
      *new std::string(absl::StrCat("SELECT ", ColumnList<ApiKey>(), " FROM api_keys WHERE secret_hash = ?"));
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, {secret_hash}));
  std::optional<ApiKey> key;
  if (rows->Next()) key = ReadRow<ApiKey>(*rows);
  RETURN_IF_ERROR(rows->status());
  return key;
}

absl::StatusOr<std::vector<ApiKey>> LoadApiKeys(Connection& connection) {
  ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query(absl::StrCat("SELECT ", ColumnList<ApiKey>(), " FROM api_keys ORDER BY key_id"), {}));
  std::vector<ApiKey> keys;
  while (rows->Next()) keys.push_back(ReadRow<ApiKey>(*rows));
  RETURN_IF_ERROR(rows->status());
  return keys;
}

absl::Status InsertApiKey(Connection& connection, const ApiKey& key) {
  if (key.partner_id.has_value()) {
    ASSIGN_OR_RETURN(const auto rows,
                     connection.Query("SELECT partner_id FROM partners WHERE partner_id = ?", {*key.partner_id}));
    if (!rows->Next()) {
      RETURN_IF_ERROR(rows->status());
      return absl::NotFoundError(absl::StrCat("there is no partners/", *key.partner_id));
    }
  }
  return InsertRows(connection, std::vector<ApiKey>{key});
}

absl::Status RevokeApiKey(Connection& connection, const std::string& key_id, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t matched,
                   connection.Update("UPDATE api_keys SET revoke_time = COALESCE(revoke_time, ?) WHERE key_id = ?",
                                     {FormatDateTime(now), key_id}));
  return matched == 0 ? absl::NotFoundError(absl::StrCat("there is no API key ", key_id)) : absl::OkStatus();
}

absl::Status NoteUse(Connection& connection, const std::string& key_id, absl::Time hour) {
  return connection
      .Update("UPDATE api_keys SET last_use_time = ? WHERE key_id = ? AND (last_use_time IS NULL OR last_use_time < ?)",
              {FormatDateTime(hour), key_id, FormatDateTime(hour)})
      .status();
}

}  // namespace lmp::storage
