// API keys beside the engine: who a secret is of, the notes of their use, and what an operator does in the database
// itself.
#ifndef LMP_STORAGE_API_KEYS_H_
#define LMP_STORAGE_API_KEYS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/model/api_key.h"
#include "storage/model/event.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

absl::StatusOr<std::optional<model::ApiKey>> FindApiKey(Connection& connection, const std::string& secret_hash);
// In order of their making.
absl::StatusOr<std::vector<model::ApiKey>> LoadApiKeys(Connection& connection);
// Of a new key; `header` has the time, the actor and the kind of its event. Errors: NOT_FOUND if there is no such
// partner.
absl::Status InsertApiKey(Connection& connection, model::ApiKey key, const model::Event& header);
// A key that is revoked already stays as it is. `header` as above. Errors: NOT_FOUND.
absl::Status RevokeApiKey(Connection& connection, const std::string& key_id, const model::Event& header);
// Inside a transaction: notes the hour of its use, unless a later one is noted, or another session has the key locked.
// Nobody waits for a note.
absl::Status NoteUse(Connection& connection, const std::string& key_id, absl::Time hour);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_API_KEYS_H_
