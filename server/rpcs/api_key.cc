#include "server/rpcs/api_key.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/auth/api_key_secret.h"
#include "server/auth/roles.h"
#include "server/domain/api_key.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/rpcs/list.h"
#include "server/rpcs/mutation.h"
#include "server/rpcs/query.h"
#include "server/wire/api_key.h"

namespace lmp::rpcs {
namespace {

// Overwritten when nobody needs it any more.
struct Secret {
  std::string text = auth::NewApiKeySecret();
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { auth::Wipe(text); }
};

// A key that is asked for, with the secret that only its hash is kept of.
struct NewApiKey : domain::CreateApiKeyCommand {
  std::shared_ptr<const Secret> secret;

  // Puts the secret into the answer of the call that made this very key: what is stored with the request id, and so
  // what a repeat is given, has none.
  std::function<void(engine::Answer&)> completion() const {
    return [secret = secret, key_id = key_id](engine::Answer& answer) {
      v1::ApiKey made;
      if (!made.ParseFromString(answer.response) || !absl::EndsWith(made.name(), absl::StrCat("apiKeys/", key_id)))
        return;
      v1::ApiKey shown;
      shown.set_secret(secret->text);
      answer.response += shown.SerializeAsString();  // two messages one behind the other are one
      auth::Wipe(*shown.mutable_secret());
    };
  }
};

void CheckRoles(const NewApiKey& command, wire::Fields& fields) {
  const auth::Binding binding = !command.customer_id.empty()  ? auth::Binding::kCustomer
                                : !command.partner_id.empty() ? auth::Binding::kPartner
                                                              : auth::Binding::kNone;
  for (const std::string& name : command.roles) {
    const std::optional<auth::Role> role = auth::RoleOf(name);
    if (role.has_value() && auth::MayBeBound(*role, binding)) continue;
    fields.Fail("api_key.roles", absl::StrCat(name, " can't be had by a key that is bound to ",
                                              binding == auth::Binding::kCustomer  ? "a customer"
                                              : binding == auth::Binding::kPartner ? "a partner"
                                                                                   : "nothing"));
  }
}

absl::StatusOr<NewApiKey> ParseCreateApiKey(const v1::CreateApiKeyRequest& request,
                                            const wire::ServerContext& context) {
  wire::Fields fields;
  NewApiKey command;
  static_cast<domain::CreateApiKeyCommand&>(command) = wire::ReadCreateApiKey(request, fields);
  CheckRoles(command, fields);
  RETURN_IF_ERROR(fields.status());
  command.key_id = context.IdOr("");
  command.secret = std::make_shared<const Secret>();
  command.secret_hash = auth::HashOfSecret(command.secret->text);
  return command;
}

absl::StatusOr<std::string> DecideCreateApiKey(model::World& world, const NewApiKey& command, const domain::Env& env) {
  return domain::CreateApiKey(world, command, env);
}

absl::StatusOr<domain::ApiKeyId> ParseGetApiKey(const v1::GetApiKeyRequest& request) {
  wire::Fields fields;
  domain::ApiKeyId id = wire::ApiKeyIdIn(fields, "name", request.name());
  RETURN_IF_ERROR(fields.status());
  return id;
}

model::Footprint FootprintOfApiKey(const domain::ApiKeyId& id) { return {.api_keys = {id.key_id}}; }

absl::Status RespondApiKey(const model::World& world, const domain::ApiKeyId& id, const domain::Env& env,
                           v1::ApiKey* response) {
  ASSIGN_OR_RETURN(const model::ApiKey* key, domain::FindApiKey(world, env.caller, id));
  wire::ToProto(*key, {world, env.today, env.now}, response);
  return absl::OkStatus();
}

std::string ParseParent(const v1::ListApiKeysRequest& request, wire::Fields& fields) {
  return request.parent().empty() ? "" : fields.ParentOrAll("parent", request.parent(), "partners");
}

absl::Status CheckParent(const v1::ListApiKeysRequest& request) {
  wire::Fields fields;
  ParseParent(request, fields);
  return fields.status();
}

absl::StatusOr<Selection> SelectApiKeys(const Reading& reading, const v1::ListApiKeysRequest& request,
                                        std::optional<absl::Time> read_time) {
  wire::Fields checked;
  const std::string partner_id = ParseParent(request, checked);
  if (partner_id.empty()) return Selection{};
  ASSIGN_OR_RETURN(const model::World world, LoadAsOf(reading, {.partners = {partner_id}}, read_time));
  RETURN_IF_ERROR(domain::FindPartner(world, reading.env.caller, partner_id).status());
  return Selection{{"partner_id", partner_id}};
}

Listing<v1::ListApiKeysRequest, v1::ListApiKeysResponse, model::ApiKey, v1::ApiKey> ApiKeys() {
  return {.check = CheckParent, .select = SelectApiKeys};
}

}  // namespace

absl::Status CheckApiKeyVisible(const Reading& reading, const std::string& key_id, const std::string& name) {
  ASSIGN_OR_RETURN(const model::World world, storage::LoadWorld(reading.connection, {.api_keys = {key_id}},
                                                                storage::Locking::kNone, reading.cache));
  const model::ApiKey* key = Find(world.api_keys, key_id);
  if (key != nullptr && (name.empty() || name == domain::NameOf(*key))) {
    return domain::FindApiKey(world, reading.env.caller, {key->partner_id.value_or(""), key_id}).status();
  }
  return domain::NotFound(domain::reason::kApiKeyNotFound, name);
}

std::vector<Rpc> ApiKeyRpcs() {
  return {
      MutationRpc{.name = "CreateApiKey",
                  .event = event::kApiKeyCreated,
                  .needs = Permission::kManageApiKeys,
                  .parse = ParseCreateApiKey,
                  .decide = DecideCreateApiKey,
                  .render = wire::RenderApiKey},
      QueryRpc{.name = "GetApiKey",
               .needs = Permission::kReadApiKeys,
               .parse = ParseGetApiKey,
               .footprint = FootprintOfApiKey,
               .respond = RespondApiKey},
      ListRpc{.name = "ListApiKeys", .needs = Permission::kReadApiKeys, .list = ApiKeys()},
      MutationRpc{.name = "UpdateApiKey",
                  .event = event::kApiKeyUpdated,
                  .needs = Permission::kManageApiKeys,
                  .parse = wire::ParseUpdateApiKey,
                  .decide = domain::UpdateApiKey,
                  .render = wire::RenderApiKey},
      MutationRpc{.name = "RevokeApiKey",
                  .event = event::kApiKeyRevoked,
                  .needs = Permission::kManageApiKeys,
                  .parse = wire::ParseRevokeApiKey,
                  .decide = domain::RevokeApiKey,
                  .render = wire::RenderApiKey},
  };
}

}  // namespace lmp::rpcs
