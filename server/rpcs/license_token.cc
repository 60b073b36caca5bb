#include "server/domain/license/license_token.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/engine/catch_up.h"
#include "server/rpcs/mutation.h"
#include "server/rpcs/snapshot_read.h"
#include "server/wire/fields.h"
#include "server/wire/license_token.h"
#include "server/wire/resources.h"
#include "storage/list_queries.h"
#include "storage/world_store.h"

namespace lmp::rpcs {
namespace {

constexpr absl::Duration kListValidity = absl::Hours(24);
constexpr int kTokensAtOnce = 1000;  // held in memory, with their licenses
constexpr int kCustomersAtOnce = 100;
constexpr size_t kMostRevoked = 100'000;  // on a list: 4 MB

// The customer or partner whose tokens a list is about: one of the two ids is set.
struct Parent {
  std::string name;
  std::string customer_id;
  std::string partner_id;
};

absl::StatusOr<Parent> ParseParent(const std::string& name) {
  wire::Fields fields;
  Parent parent{.name = name};
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
    ASSIGN_OR_RETURN(const model::World world,
                     storage::LoadCustomerRow(reading.connection, parent.customer_id, reading.cache));
    return domain::FindCustomer(world, caller, parent.customer_id).status();
  }
  ASSIGN_OR_RETURN(const model::World world, storage::LoadWorld(reading.connection, {.partners = {parent.partner_id}},
                                                                storage::Locking::kNone, reading.cache));
  return domain::FindPartner(world, caller, parent.partner_id).status();
}

absl::Status TooMany(const Parent& parent) {
  return domain::Precondition(
      domain::reason::kTooManyRevokedTokens, parent.name,
      absl::StrCat("more than ", kMostRevoked, " tokens of ", parent.name,
                   " are revoked and have not expired, and a list has no room for more",
                   parent.customer_id.empty() ? ": ask for the list of each of its customers" : ""),
      {{"limit", absl::StrCat(kMostRevoked)}});
}

absl::Status AddRevoked(const Reading& reading, const Parent& parent, std::vector<std::string> customers,
                        std::vector<std::string>& revoked) {
  storage::LicenseTokenOptions options{.customers = std::move(customers), .limit = kTokensAtOnce};
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(storage::LicenseTokenPage page,
                     storage::ListLicenseTokens(reading.connection, options, reading.env.now, reading.cache));
    RETURN_IF_ERROR(engine::CatchUp(reading.connection, reading.cache, reading.env.now, page.world));
    for (const auto& [key, token] : page.world.license_tokens) {
      if (domain::IsRevoked(page.world, token, reading.env.today)) revoked.push_back(token.token_id);
    }
    if (revoked.size() > kMostRevoked) return TooMany(parent);
    more = page.more;
    options.after = page.last;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> RevokedTokens(const Reading& reading, const Parent& parent) {
  std::vector<std::string> revoked;
  if (!parent.customer_id.empty()) {
    RETURN_IF_ERROR(AddRevoked(reading, parent, {parent.customer_id}, revoked));
    return revoked;
  }
  std::string from;
  do {
    ASSIGN_OR_RETURN(const model::Rows<model::Customer> rows,
                     storage::ListCustomersOf(reading.connection, parent.partner_id, from, kCustomersAtOnce + 1));
    from = std::ssize(rows) > kCustomersAtOnce ? rows.rbegin()->first.first : "";
    std::vector<std::string> customers;
    for (const auto& [key, row] : rows) {
      if (from.empty() || key.first < from) customers.push_back(key.first);
    }
    RETURN_IF_ERROR(AddRevoked(reading, parent, std::move(customers), revoked));
  } while (!from.empty());
  return revoked;
}

struct RevocationListQuery {
  Parent parent;
  std::shared_ptr<const domain::TokenSigner> signer;
};

absl::StatusOr<RevocationListQuery> ParseRevocationList(const v1::GetLicenseRevocationListRequest& request,
                                                        const wire::ServerContext& context) {
  ASSIGN_OR_RETURN(Parent parent, ParseParent(request.parent()));
  return RevocationListQuery{std::move(parent), context.signer ? context.signer() : nullptr};
}

absl::Status ReadRevocationList(const Reading& reading, const RevocationListQuery& query,
                                v1::GetLicenseRevocationListResponse* response) {
  const Parent& parent = query.parent;
  RETURN_IF_ERROR(CheckMayRead(reading, parent));
  if (query.signer == nullptr) return domain::TokenKeyMissing();
  ASSIGN_OR_RETURN(const std::vector<std::string> revoked, RevokedTokens(reading, parent));
  const absl::Time issue_time = absl::FromUnixSeconds(absl::ToUnixSeconds(reading.env.now));
  const absl::Time expire_time = issue_time + kListValidity;
  ASSIGN_OR_RETURN(*response->mutable_revocation_list(),
                   query.signer->Sign(wire::kRevocationListType,
                                      wire::RevocationListClaims(parent.name, revoked, issue_time, expire_time)));
  response->set_revoked_count(static_cast<int32_t>(revoked.size()));
  wire::ToProto(issue_time, response->mutable_issue_time());
  wire::ToProto(expire_time, response->mutable_expire_time());
  return absl::OkStatus();
}

// Answers from what the server has in memory.
absl::StatusOr<std::string> ListKeys(const server::TokenKeySet& keys, const v1::ListLicenseTokenKeysRequest& request) {
  wire::Fields fields;
  if (!request.page_token().empty()) fields.Fail("page_token", "must be empty: there is only one page");
  if (request.page_size() < 0) fields.Fail("page_size", "must not be negative");
  RETURN_IF_ERROR(fields.status());
  if (keys.empty()) return domain::TokenKeyMissing();
  v1::ListLicenseTokenKeysResponse response;
  for (const server::TokenKey& key : keys.keys()) {
    v1::ListLicenseTokenKeysResponse::Key* out = response.add_keys();
    out->set_key_id(key.key_id);
    out->set_signing(response.keys_size() == 1);
    out->set_public_key_pem(key.public_key_pem);
  }
  response.set_jwks_json(keys.JwksJson());
  return response.SerializeAsString();
}

}  // namespace

std::vector<Rpc> LicenseTokenRpcs() {
  return {
      MutationRpc{.name = "IssueLicenseToken",
                  .event = event::kLicenseTokenIssued,
                  .needs = Permission::kIssueLicenseTokens,
                  .parse = wire::ParseIssueLicenseToken,
                  .decide = domain::IssueLicenseToken,
                  .render = wire::RenderLicenseToken},
      Rpc{.name = "ListLicenseTokenKeys",
          .needs = Permission::kReadLicenseTokenKeys,
          .request = &v1::ListLicenseTokenKeysRequest::default_instance(),
          .response = &v1::ListLicenseTokenKeysResponse::default_instance(),
          .serve =
              [](const Backend& backend, const google::protobuf::Message& request, Call* call) {
                call->Answer(ListKeys(*backend.token_keys.Current(),
                                      static_cast<const v1::ListLicenseTokenKeysRequest&>(request)));
              }},
      SnapshotReadRpc{.name = "GetLicenseRevocationList",
                      .needs = Permission::kReadLicenseTokenKeys,
                      .parse = ParseRevocationList,
                      .read = ReadRevocationList},
  };
}

}  // namespace lmp::rpcs
