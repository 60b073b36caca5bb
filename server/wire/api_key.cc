#include "server/wire/api_key.h"

#include <optional>
#include <set>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/patch.h"
#include "server/wire/resources.h"
#include "storage/status_macros.h"

namespace lmp::wire {
namespace {

constexpr int kMaxDisplayName = 128;

void CheckDisplayName(const v1::ApiKey& key, Fields& fields) {
  domain::FieldChecks checks;
  checks.Text("display_name", key.display_name(), 0, kMaxDisplayName);
  fields.Fail(checks.Take(), "api_key.");
}

std::optional<absl::Time> ExpireTimeIn(const v1::ApiKey& key, Fields& fields) {
  if (!key.has_expire_time()) return std::nullopt;
  return fields.Instant("api_key.expire_time", key.expire_time());
}

// Their names in order of the enum, each once.
std::vector<std::string> RolesIn(const v1::ApiKey& key, Fields& fields) {
  std::set<int> roles;
  if (key.roles().empty()) fields.Fail("api_key.roles", "is required: at least one");
  for (int i = 0; i < key.roles_size(); ++i) {
    const bool known = v1::Role_IsValid(key.roles(i)) && key.roles(i) != v1::ROLE_UNSPECIFIED;
    if (!known) fields.Fail(absl::StrCat("api_key.roles[", i, "]"), "is not a known role");
    if (known) roles.insert(key.roles(i));
  }
  std::vector<std::string> names;
  for (const int role : roles) names.push_back(v1::Role_Name(static_cast<v1::Role>(role)));
  return names;
}

}  // namespace

domain::ApiKeyId ApiKeyIdIn(Fields& fields, absl::string_view field, const std::string& name) {
  domain::ApiKeyId id;
  if (absl::StartsWith(name, "apiKeys/")) {
    id.key_id = fields.Name(field, name, "apiKeys");
  } else {
    std::tie(id.partner_id, id.key_id) = fields.ChildName(field, name, "partners", "apiKeys");
  }
  return id;
}

domain::CreateApiKeyCommand ReadCreateApiKey(const v1::CreateApiKeyRequest& request, Fields& fields) {
  const v1::ApiKey& key = request.api_key();
  domain::CreateApiKeyCommand command;
  command.partner_id = fields.OptionalName("parent", request.parent(), "partners");
  command.customer_id = fields.OptionalName("api_key.customer", key.customer(), "customers");
  if (request.parent().empty() && !key.customer().empty()) {
    fields.Fail("parent", "is required for a key that is bound to a customer: the customer's partner");
  }
  command.roles = RolesIn(key, fields);
  command.display_name = key.display_name();
  CheckDisplayName(key, fields);
  command.expire_time = ExpireTimeIn(key, fields);
  if (!key.secret().empty()) fields.Fail("api_key.secret", "must not be set: the server makes it");
  return command;
}

absl::StatusOr<domain::UpdateApiKeyCommand> ParseUpdateApiKey(const v1::UpdateApiKeyRequest& request) {
  Fields fields;
  const v1::ApiKey& key = request.api_key();
  domain::UpdateApiKeyCommand command;
  command.id = ApiKeyIdIn(fields, "api_key.name", key.name());
  command.etag = key.etag();
  const std::set<std::string> mask = fields.Mask(request.update_mask(), key, {"display_name", "expire_time"});
  if (mask.contains("display_name")) {
    CheckDisplayName(key, fields);
    command.display_name = key.display_name();
  }
  if (mask.contains("expire_time")) {
    command.expire_time = ExpireTimeIn(key, fields);
    if (!key.has_expire_time()) fields.Fail("api_key.expire_time", "is required: a key has an end");
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::RevokeApiKeyCommand> ParseRevokeApiKey(const v1::RevokeApiKeyRequest& request) {
  Fields fields;
  domain::RevokeApiKeyCommand command;
  command.id = ApiKeyIdIn(fields, "name", request.name());
  command.etag = request.etag();
  RETURN_IF_ERROR(fields.status());
  return command;
}

void ToProto(const model::ApiKey& row, const View& view, v1::ApiKey* out) {
  out->set_name(domain::NameOf(row));
  for (const std::string& name : row.roles) {
    v1::Role role = v1::ROLE_UNSPECIFIED;  // of a newer version than this
    v1::Role_Parse(name, &role);
    out->add_roles(role);
  }
  if (row.customer_id.has_value()) out->set_customer(domain::CustomerName(*row.customer_id));
  out->set_display_name(row.display_name);
  ToProto(row.expire_time, out->mutable_expire_time());
  out->set_state(static_cast<v1::ApiKey::State>(domain::StateOf(row, view.now)));
  if (row.last_use_time.has_value()) ToProto(*row.last_use_time, out->mutable_last_use_time());
  if (row.revoke_time.has_value()) ToProto(*row.revoke_time, out->mutable_revoke_time());
  out->set_etag(domain::EtagOf(row.stamp));
  ToProto(row.stamp.create_time, out->mutable_create_time());
  ToProto(row.stamp.update_time, out->mutable_update_time());
}

void RenderApiKey(const engine::Decision& decided, const std::string& key_id, v1::ApiKey* out) {
  ToProto(*Find(decided.after.api_keys, key_id), {decided.after, decided.env.today, decided.env.now}, out);
}

}  // namespace lmp::wire
