#include "server/services/api_keys.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "server/auth/api_key_secret.h"
#include "server/auth/roles.h"
#include "server/domain/api_key.h"
#include "server/observe/log.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr absl::Duration kLookPatience = absl::Seconds(5);
constexpr absl::Duration kNotePatience = absl::Seconds(1);

// Of the current hour; nobody waits for it, and it is tried again with the next look.
void NoteUseOf(const model::ApiKey& key, storage::Database& database) {
  const absl::Time now = absl::Now();
  if (key.last_use_time.has_value() && now - *key.last_use_time < absl::Hours(1)) return;
  const absl::Time hour = absl::FromUnixSeconds(absl::ToUnixSeconds(now) / 3600 * 3600);
  const absl::Status noted = database.Transact(now + kNotePatience, [&](storage::Connection& connection) {
    return storage::NoteUse(connection, key.key_id, hour);
  });
  if (!noted.ok()) Log(Severity::kWarning, "the use of an API key could not be noted", {{"key", domain::NameOf(key)}});
}

// The error for a key that can't be looked up: whatever the cause is, it says nothing about the key.
absl::Status Unknown(const absl::Status& status) {
  if (absl::IsResourceExhausted(status) || absl::IsUnavailable(status)) return status;
  return absl::UnavailableError(absl::StrCat("API keys can't be looked up: ", status.message()));
}

}  // namespace

auth::FoundKey IdentityOf(const std::optional<model::ApiKey>& key) {
  if (!key.has_value() || key->revoke_time.has_value()) return nullptr;
  const std::string name = domain::NameOf(*key);
  auth::Identity identity{.issuer = "apiKeys", .subject = name, .actor = name, .expire_time = key->expire_time};
  identity.grant.partner_id = key->partner_id.value_or("");
  identity.grant.customer_id = key->customer_id.value_or("");
  if (!identity.grant.customer_id.empty()) identity.grant.partner_id.clear();  // the narrower one
  for (const std::string& role : key->roles) {
    // Roles of a newer version than this are not given.
    if (const auto known = auth::RoleOf(role); known.has_value()) identity.grant.roles.push_back(*known);
  }
  identity.grant.roles = auth::RolesAllowedBy(std::move(identity.grant.roles), identity.grant.binding());
  if (identity.grant.roles.empty()) return nullptr;
  return std::make_shared<const auth::Identity>(std::move(identity));
}

auth::FindKey FindKeyIn(engine::ReadEngine& engine, storage::Database& database) {
  return [&engine, &database](const std::string& hash, auth::KeyDone done) {
    const auto found = std::make_shared<std::optional<model::ApiKey>>();
    engine::Query query;
    query.deadline = absl::Now() + kLookPatience;
    query.list = [hash, found](storage::Connection& connection, const domain::Env&) -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(*found, storage::FindApiKey(connection, hash));
      return std::string();
    };
    query.done = [found, hash, done = std::move(done), &database](const absl::StatusOr<std::string>& read) {
      if (!read.ok()) return done(Unknown(read.status()));
      if (found->has_value() && !auth::SameHash((*found)->secret_hash, hash)) found->reset();
      done(IdentityOf(*found));
      if (found->has_value()) NoteUseOf(**found, database);
    };
    engine.Submit(std::move(query));
  };
}

absl::StatusOr<NewApiKey> MakeApiKey(const ApiKeyRequest& request, const std::string& id, absl::Time now) {
  NewApiKey made;
  absl::string_view partner = request.partner;
  if (!partner.empty()) {
    absl::ConsumePrefix(&partner, "partners/");
    made.key.partner_id = std::string(partner);
  }
  const std::optional<auth::Role> role = auth::RoleOf(request.role);
  if (!role.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--role ", request.role, " is none; those there are: `lmp-server permissions`"));
  }
  const auth::Binding binding = partner.empty() ? auth::Binding::kNone : auth::Binding::kPartner;
  if (!auth::MayBeBound(*role, binding)) {
    return absl::InvalidArgumentError(absl::StrCat("--role ", request.role,
                                                   partner.empty()
                                                       ? " is for a partner: give --partner PARTNER"
                                                       : " can't be bound to a partner: leave --partner out"));
  }
  made.secret = auth::NewApiKeySecret();
  made.key.key_id = id;
  made.key.roles = {request.role};
  made.key.display_name = request.display_name;
  made.key.secret_hash = auth::HashOfSecret(made.secret);
  made.key.expire_time = domain::ApiKeyExpiration(now, request.days);
  return made;
}

}  // namespace lmp::server
