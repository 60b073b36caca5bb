#include "server/domain/api_key.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::ApiKey;
using model::World;

absl::Status ApiKeyNotFound(const ApiKeyId& id) {
  return NotFound(reason::kApiKeyNotFound, ApiKeyName(id.partner_id, id.key_id));
}

bool IsNamed(const ApiKey* key, const ApiKeyId& id) {
  return key != nullptr && key->partner_id.value_or("") == id.partner_id;
}

// A key to change. Whose it is changes it in the states that the verb's row says; one that is nobody's has no such
// state.
absl::StatusOr<ApiKey*> FindChangeable(World& world, const Env& env, Verb verb, const ApiKeyId& id,
                                       const std::string& etag) {
  ApiKey* key = Find(world.api_keys, id.key_id);
  if (!IsNamed(key, id) || !MayChange(env.caller, id.partner_id)) return ApiKeyNotFound(id);
  if (!id.partner_id.empty()) {
    RETURN_IF_ERROR(FindWritablePartner(world, env.caller, verb, id.partner_id).status());
  }
  const std::string name = NameOf(*key);
  RETURN_IF_ERROR(CheckEtag(etag, EtagOf(key->stamp), name));
  if (!key->revoke_time.has_value()) return key;
  return Precondition(reason::kWrongState, name, absl::StrCat(name, " is REVOKED, for good: make another key"),
                      {{"state", "REVOKED"}});
}

absl::Status CheckExpireTime(absl::Time expire_time, absl::Time now) {
  if (expire_time > now && expire_time <= now + kMaxApiKeyDays * absl::Hours(24)) return absl::OkStatus();
  const FieldViolation violation{"api_key.expire_time",
                                 absl::StrCat("must be after now, at most ", kMaxApiKeyDays, " days ahead")};
  return Refuse(absl::StatusCode::kOutOfRange, absl::StrCat(violation.field, " ", violation.description),
                {.reason = reason::kDateOutOfRange, .violations = {violation}});
}

// Whose the key is to be: a partner, one of its customers, or nobody.
absl::Status CheckOwner(World& world, const CreateApiKeyCommand& command, const Env& env) {
  if (command.partner_id.empty()) {
    if (MayChange(env.caller, "")) return absl::OkStatus();
    return InvalidFields(
        {{"parent", "is required of a caller that is bound to a partner: it can make keys for that one"}});
  }
  RETURN_IF_ERROR(FindWritablePartner(world, env.caller, Verb::kCreateApiKey, command.partner_id).status());
  if (command.customer_id.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const model::Customer* customer,
                   FindWritableCustomer(world, env.caller, Verb::kCreateApiKey, command.customer_id));
  if (customer->partner_id == command.partner_id) return absl::OkStatus();
  return NotFound(reason::kCustomerNotFound, CustomerName(command.customer_id));
}

}  // namespace

std::string ApiKeyName(const std::string& partner_id, const std::string& key_id) {
  return absl::StrCat(partner_id.empty() ? "" : absl::StrCat(PartnerName(partner_id), "/"), "apiKeys/", key_id);
}

std::string NameOf(const ApiKey& key) { return ApiKeyName(key.partner_id.value_or(""), key.key_id); }

model::ApiKeyState StateOf(const ApiKey& key, absl::Time now) {
  if (key.revoke_time.has_value()) return model::ApiKeyState::kRevoked;
  return now >= key.expire_time ? model::ApiKeyState::kExpired : model::ApiKeyState::kActive;
}

absl::Time ApiKeyExpiration(absl::Time now, int days) {
  return absl::FromCivil(absl::ToCivilDay(now, absl::UTCTimeZone()) + days + 1, absl::UTCTimeZone());
}

absl::StatusOr<const ApiKey*> FindApiKey(const World& world, const Caller& caller, const ApiKeyId& id) {
  const ApiKey* key = Find(world.api_keys, id.key_id);
  if (!IsNamed(key, id) || !MayRead(caller, *world.catalog, id.partner_id)) return ApiKeyNotFound(id);
  return key;
}

model::Footprint CreateApiKeyCommand::footprint() const {
  model::Footprint footprint;
  if (!partner_id.empty()) footprint.partners = {partner_id};
  if (!customer_id.empty()) footprint.customers = {customer_id};
  return footprint;
}

absl::StatusOr<std::string> CreateApiKey(World& world, const CreateApiKeyCommand& command, const Env& env) {
  RETURN_IF_ERROR(CheckOwner(world, command, env));
  ApiKey key;
  key.key_id = command.key_id;
  if (!command.partner_id.empty()) key.partner_id = command.partner_id;
  if (!command.customer_id.empty()) key.customer_id = command.customer_id;
  key.roles = command.roles;
  key.display_name = command.display_name;
  key.secret_hash = command.secret_hash;
  key.expire_time = command.expire_time.value_or(ApiKeyExpiration(env.now, kApiKeyDays));
  RETURN_IF_ERROR(CheckExpireTime(key.expire_time, env.now));
  world.api_keys[KeyOf(key)] = std::move(key);
  return command.key_id;
}

model::Footprint UpdateApiKeyCommand::footprint() const { return {.api_keys = {id.key_id}}; }

absl::StatusOr<std::string> UpdateApiKey(World& world, const UpdateApiKeyCommand& command, const Env& env) {
  ASSIGN_OR_RETURN(ApiKey* const key, FindChangeable(world, env, Verb::kUpdateApiKey, command.id, command.etag));
  if (command.display_name.has_value()) key->display_name = *command.display_name;
  if (command.expire_time.has_value() && *command.expire_time != key->expire_time) {
    RETURN_IF_ERROR(CheckExpireTime(*command.expire_time, env.now));
    key->expire_time = *command.expire_time;
  }
  return key->key_id;
}

model::Footprint RevokeApiKeyCommand::footprint() const { return {.api_keys = {id.key_id}}; }

absl::StatusOr<std::string> RevokeApiKey(World& world, const RevokeApiKeyCommand& command, const Env& env) {
  ASSIGN_OR_RETURN(ApiKey* const key, FindChangeable(world, env, Verb::kRevokeApiKey, command.id, command.etag));
  key->revoke_time = env.now;
  return key->key_id;
}

}  // namespace lmp::domain
