#include "server/services/token_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "server/domain/lookup.h"
#include "server/engine/catch_up.h"
#include "server/wire/fields.h"
#include "server/wire/license_tokens.h"
#include "server/wire/resources.h"
#include "server/wire/responses.h"
#include "storage/lists.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::server {
namespace {

constexpr absl::Duration kListValidity = absl::Hours(24);
constexpr int kTokensAtOnce = 1000;  // in memory, with their licences

// Whose tokens a list is about; one of the two is set.
struct Parent {
  std::string customer_id;
  std::string partner_id;
};

absl::StatusOr<Parent> ParseParent(const std::string& name) {
  wire::Fields fields;
  Parent parent;
  if (absl::StartsWith(name, "partners/")) {
    parent.partner_id = fields.Name("parent", name, "partners");
  } else if (absl::StartsWith(name, "customers/")) {
    parent.customer_id = fields.Name("parent", name, "customers");
  } else {
    fields.Fail("parent", "must be customers/{customer} or partners/{partner}");
  }
  RETURN_IF_ERROR(fields.status());
  return parent;
}

absl::Status CheckMayRead(const Reading& reading, const Parent& parent) {
  const domain::Caller& caller = reading.env.caller;
  if (!parent.customer_id.empty()) {
    ASSIGN_OR_RETURN(const model::World world, storage::LoadCustomerRow(reading.connection, parent.customer_id, reading.cache));
    return domain::FindCustomer(world, caller, parent.customer_id).status();
  }
  ASSIGN_OR_RETURN(const model::World world,
                   storage::LoadWorld(reading.connection, {.partners = {parent.partner_id}}, storage::Locking::kNone, reading.cache));
  return domain::FindPartner(world, caller, parent.partner_id).status();
}

absl::StatusOr<std::vector<std::string>> RevokedTokens(const Reading& reading, const Parent& parent) {
  std::vector<std::string> revoked;
  storage::LicenseTokenOptions options{
      .customer_id = parent.customer_id, .partner_id = parent.partner_id, .limit = kTokensAtOnce};
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(storage::LicenseTokenPage page,
                     storage::ListLicenseTokens(reading.connection, options, reading.env.now, reading.cache));
    RETURN_IF_ERROR(engine::CatchUp(reading.connection, reading.cache, reading.env.now, page.world));
    for (const auto& [key, token] : page.world.license_tokens) {
      if (domain::IsRevoked(page.world, token, reading.env.today)) revoked.push_back(token.token_id);
    }
    more = page.more;
    options.after = page.last;
  }
  return revoked;
}

}  // namespace

std::function<absl::StatusOr<engine::Render>(model::World&, const domain::Env&)> DecideLicenseToken(
    domain::IssueLicenseTokenCommand command, std::shared_ptr<const TokenKeySet> keys, wire::Asked asked) {
  command.key_id = keys->signing_key_id();
  return [command = std::move(command), keys = std::move(keys), asked = std::move(asked)](
             model::World& world, const domain::Env& env) -> absl::StatusOr<engine::Render> {
    ASSIGN_OR_RETURN(const model::RowKey key, IssueLicenseToken(world, command, env));
    std::string token;
    if (!asked.preview) {
      const model::LicenseToken& row = *Find(world.license_tokens, key.first, key.second);
      ASSIGN_OR_RETURN(token, keys->Sign(wire::kLicenseTokenType, wire::LicenseTokenClaims(world, row)));
    }
    return engine::Render([key, token = std::move(token), asked](const engine::Decided& decided) -> absl::StatusOr<std::string> {
      v1::LicenseToken response;
      wire::ToProto(*Find(decided.after.license_tokens, key.first, key.second), {decided.after, decided.env.today},
                    &response);
      response.set_token(token);
      RETURN_IF_ERROR(AddPreview(decided, asked, &response));
      return response.SerializeAsString();
    });
  };
}

absl::StatusOr<std::string> AnswerLicenseTokenKeys(const TokenKeySet& keys,
                                                   const v1::ListLicenseTokenKeysRequest& request) {
  wire::Fields fields;
  if (!request.page_token().empty()) fields.Fail("page_token", "must be empty: there is only one page");
  if (request.page_size() < 0) fields.Fail("page_size", "must not be negative");
  RETURN_IF_ERROR(fields.status());
  if (keys.empty()) return domain::TokenKeyMissing();
  v1::ListLicenseTokenKeysResponse response;
  for (const TokenKey& key : keys.keys()) {
    v1::ListLicenseTokenKeysResponse::Key* out = response.add_keys();
    out->set_key_id(key.key_id);
    out->set_signing(response.keys_size() == 1);
    out->set_public_key_pem(key.public_key_pem);
  }
  response.set_jwks_json(keys.JwksJson());
  return response.SerializeAsString();
}

absl::Status CheckRevocationList(const v1::GetLicenseRevocationListRequest& request) {
  return ParseParent(request.parent()).status();
}

absl::Status FillRevocationList(const Reading& reading, const TokenKeySet& keys,
                                const v1::GetLicenseRevocationListRequest& request,
                                v1::GetLicenseRevocationListResponse* response) {
  ASSIGN_OR_RETURN(const Parent parent, ParseParent(request.parent()));
  RETURN_IF_ERROR(CheckMayRead(reading, parent));
  if (keys.empty()) return domain::TokenKeyMissing();
  ASSIGN_OR_RETURN(const std::vector<std::string> revoked, RevokedTokens(reading, parent));
  const absl::Time issue_time = absl::FromUnixSeconds(absl::ToUnixSeconds(reading.env.now));
  const absl::Time expire_time = issue_time + kListValidity;
  ASSIGN_OR_RETURN(*response->mutable_revocation_list(),
                   keys.Sign(wire::kRevocationListType,
                             wire::RevocationListClaims(request.parent(), revoked, issue_time, expire_time)));
  response->set_revoked_count(static_cast<int32_t>(revoked.size()));
  wire::ToProto(issue_time, response->mutable_issue_time());
  wire::ToProto(expire_time, response->mutable_expire_time());
  return absl::OkStatus();
}

}  // namespace lmp::server
