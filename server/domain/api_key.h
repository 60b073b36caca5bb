// Keys by which programs call: whose they are, how long they hold, how they end. What a role may is not known here.
// [LMP]
#ifndef LMP_SERVER_DOMAIN_API_KEY_H_
#define LMP_SERVER_DOMAIN_API_KEY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/env.h"
#include "storage/model/world.h"

namespace lmp::domain {

inline constexpr int kApiKeyDays = 365;      // a key's life if nothing is said [ours]
inline constexpr int kMaxApiKeyDays = 3650;  // [ours]

// "partners/acme/apiKeys/01h…", or "apiKeys/01h…" if the partner's id is empty.
std::string ApiKeyName(const std::string& partner_id, const std::string& key_id);
std::string NameOf(const model::ApiKey& key);

// EXPIRED is a function of the time: from expire_time on, if nobody revoked it.
model::ApiKeyState StateOf(const model::ApiKey& key, absl::Time now);

// The end of the day (UTC) that is so many days after `now`.
absl::Time ApiKeyExpiration(absl::Time now, int days);

// What a key is named by. The partner is part of the name: with another one there is no such key.
struct ApiKeyId {
  std::string partner_id;  // empty: bound to none
  std::string key_id;
};

// A key to read. Errors: API_KEY_NOT_FOUND, also for another partner's.
absl::StatusOr<const model::ApiKey*> FindApiKey(const model::World& world, const Caller& caller, const ApiKeyId& id);

struct CreateApiKeyCommand {
  std::string key_id;       // made by the server: nobody has it yet
  std::string partner_id;   // may be empty
  std::string customer_id;  // may be empty
  std::vector<std::string> roles;
  std::string display_name;
  std::optional<absl::Time> expire_time;
  std::string secret_hash;

  model::Footprint footprint() const;
};

// Returns the key's id. Errors: those of lmp.v1.CustomerService.CreateApiKey.
absl::StatusOr<std::string> CreateApiKey(model::World& world, const CreateApiKeyCommand& command, const Env& env);

struct UpdateApiKeyCommand {
  ApiKeyId id;
  std::string etag;
  std::optional<std::string> display_name;
  std::optional<absl::Time> expire_time;

  model::Footprint footprint() const;
};

// Of a key that is not REVOKED. Returns its id. Errors: those of lmp.v1.CustomerService.UpdateApiKey.
absl::StatusOr<std::string> UpdateApiKey(model::World& world, const UpdateApiKeyCommand& command, const Env& env);

struct RevokeApiKeyCommand {
  ApiKeyId id;
  std::string etag;

  model::Footprint footprint() const;
};

// → REVOKED, whatever became of its partner. Returns its id. Errors: those of lmp.v1.CustomerService.RevokeApiKey.
absl::StatusOr<std::string> RevokeApiKey(model::World& world, const RevokeApiKeyCommand& command, const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_API_KEY_H_
