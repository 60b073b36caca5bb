// The API keys by which callers are identified. The secrets themselves are not stored, only their hashes.
#ifndef LMP_STORAGE_API_KEYS_H_
#define LMP_STORAGE_API_KEYS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

struct ApiKey {
  static constexpr absl::string_view kTable = "api_keys";

  std::string key_id;
  std::optional<std::string> partner_id;  // the key is bound to this partner; empty: to nothing
  std::string role;
  std::string display_name;  // a name for people
  std::string secret_hash;   // SHA-256 in hexadecimal digits
  absl::Time expire_time;
  std::optional<absl::Time> revoke_time;
  std::optional<absl::Time> last_use_time;  // rounded to the hour
  absl::Time create_time;

  template <class Self, class Visitor>
  static void Visit(Self& key, Visitor&& visit) {
    visit("key_id", key.key_id);
    visit("partner_id", key.partner_id);
    visit("role", key.role);
    visit("display_name", key.display_name);
    visit("secret_hash", key.secret_hash);
    visit("expire_time", key.expire_time);
    visit("revoke_time", key.revoke_time);
    visit("last_use_time", key.last_use_time);
    visit("create_time", key.create_time);
  }
};

// The full name: "partners/acme/apiKeys/01h…", or "apiKeys/01h…" for a key that is bound to nothing.
std::string NameOf(const ApiKey& key);

absl::StatusOr<std::optional<ApiKey>> FindApiKey(Connection& connection, const std::string& secret_hash);
// Loads all keys, in the order in which they were made.
absl::StatusOr<std::vector<ApiKey>> LoadApiKeys(Connection& connection);
// Errors: NOT_FOUND if there is no such partner.
absl::Status InsertApiKey(Connection& connection, const ApiKey& key);
// Revokes the key; a key that is revoked already stays as it is. Errors: NOT_FOUND.
absl::Status RevokeApiKey(Connection& connection, const std::string& key_id, absl::Time now);
// Notes the hour in which the key was used, unless a later one is noted.
absl::Status NoteUse(Connection& connection, const std::string& key_id, absl::Time hour);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_API_KEYS_H_
