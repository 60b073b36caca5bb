// Turns API keys of the database into identities.
#ifndef LMP_SERVER_SERVICES_API_KEYS_H_
#define LMP_SERVER_SERVICES_API_KEYS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/auth/api_key_cache.h"
#include "server/engine/read_engine.h"
#include "storage/api_keys.h"
#include "storage/mysql/database.h"

namespace lmp::server {

// Looks keys up through the engine, and notes at most once an hour that a key is used. Both must outlive the lookups.
auth::FindKey FindKeyIn(engine::ReadEngine& engine, storage::Database& database);

// Null if there is no key, or it was revoked, or its role can't be had with its binding.
auth::FoundKey IdentityOf(const std::optional<model::ApiKey>& key);

// A new key as it was asked for, with its secret, which is shown only once.
struct NewApiKey {
  model::ApiKey key;
  std::string secret;
};
struct ApiKeyRequest {
  std::string role;     // "CHECKER"
  std::string partner;  // "partners/acme", or empty
  std::string display_name;
  int days = 365;
};
// Errors: INVALID_ARGUMENT, naming the flag that is wrong.
absl::StatusOr<NewApiKey> MakeApiKey(const ApiKeyRequest& request, const std::string& id, absl::Time now);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_API_KEYS_H_
