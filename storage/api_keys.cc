#include "storage/api_keys.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/events.h"
#include "storage/model/change_set.h"
#include "storage/rows/columns.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::storage {
namespace {

using model::ApiKey;

absl::Status Store(Connection& connection, model::RowChange<ApiKey> change, const model::Event& header) {
  model::ChangeSet changes;
  changes.api_keys.push_back(std::move(change));
  RETURN_IF_ERROR(SaveChanges(connection, changes));
  return InsertEvents(connection, EventsOf(changes, header));
}

}  // namespace

absl::StatusOr<std::optional<ApiKey>> FindApiKey(Connection& connection, const std::string& secret_hash) {
  static const auto& sql = *new std::string(absl::StrCat(SelectFrom<ApiKey>(), " WHERE secret_hash = ?"));
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, {secret_hash}));
  std::optional<ApiKey> key;
  if (rows->Next()) key = ReadRow<ApiKey>(*rows);
  RETURN_IF_ERROR(rows->status());
  return key;
}

absl::StatusOr<std::vector<ApiKey>> LoadApiKeys(Connection& connection) {
  model::Rows<ApiKey> rows;
  RETURN_IF_ERROR(LoadRows<ApiKey>(connection, SelectFrom<ApiKey>(), {}, rows));
  std::vector<ApiKey> keys;
  for (auto& [key, row] : rows) keys.push_back(std::move(row));
  return keys;
}

absl::Status InsertApiKey(Connection& connection, ApiKey key, const model::Event& header) {
  if (key.partner_id.has_value()) {
    ASSIGN_OR_RETURN(const auto rows,
                     connection.Query("SELECT partner_id FROM partners WHERE partner_id = ?", {*key.partner_id}));
    if (!rows->Next()) {
      RETURN_IF_ERROR(rows->status());
      return absl::NotFoundError(absl::StrCat("there is no partners/", *key.partner_id));
    }
  }
  key.stamp = {.revision = 1, .create_time = header.event_time, .update_time = header.event_time};
  return Store(connection, {.before = std::nullopt, .after = std::move(key)}, header);
}

absl::Status RevokeApiKey(Connection& connection, const std::string& key_id, const model::Event& header) {
  model::Rows<ApiKey> rows;
  RETURN_IF_ERROR(LoadByFirstKey<ApiKey>(connection, {key_id}, " FOR UPDATE", rows));
  if (rows.empty()) return absl::NotFoundError(absl::StrCat("there is no API key ", key_id));
  const ApiKey& before = rows.begin()->second;
  if (before.revoke_time.has_value()) return absl::OkStatus();
  ApiKey after = before;
  after.revoke_time = header.event_time;
  after.stamp.revision += 1;
  after.stamp.update_time = header.event_time;
  return Store(connection, {.before = before, .after = std::move(after)}, header);
}

absl::Status NoteUse(Connection& connection, const std::string& key_id, absl::Time hour) {
  {
    ASSIGN_OR_RETURN(const auto free,
                     connection.Query("SELECT key_id FROM api_keys WHERE key_id = ? AND (last_use_time IS NULL OR "
                                      "last_use_time < ?) FOR UPDATE SKIP LOCKED",
                                      {key_id, FormatDateTime(hour)}));
    if (!free->Next()) return free->status();
  }
  return connection.Update("UPDATE api_keys SET last_use_time = ? WHERE key_id = ?", {FormatDateTime(hour), key_id})
      .status();
}

}  // namespace lmp::storage
