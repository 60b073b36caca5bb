#include "server/auth/jwt.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"
#include "server/domain/text.h"

namespace lmp::auth {
namespace {

using Json = nlohmann::json;

constexpr double kMaxSeconds = 253402300799;  // the last second of the year 9999

absl::Status Wrong(absl::string_view what) { return absl::InvalidArgumentError(what); }

// True for access tokens and for plain JWTs. A token for another purpose, such as our license tokens, has a type of its
// own.
bool IsTypeOfCaller(absl::string_view type) {
  for (const char* known : {"", "JWT", "at+jwt", "application/at+jwt"}) {
    if (absl::EqualsIgnoreCase(type, known)) return true;
  }
  return false;
}

std::string TextOf(const Json& claims, const std::string& name) {
  const auto claim = claims.find(name);
  return claim != claims.end() && claim->is_string() ? claim->get<std::string>() : "";
}

// Reads a claim that is a list of texts, or words with blanks between them, as `scope` is.
std::vector<std::string> WordsOf(const Json& claims, const std::string& name) {
  const auto claim = claims.find(name);
  if (claim == claims.end()) return {};
  if (claim->is_string()) return absl::StrSplit(claim->get<std::string>(), ' ', absl::SkipEmpty());
  std::vector<std::string> words;
  for (const Json& word : *claim) {
    if (word.is_string()) words.push_back(word.get<std::string>());
  }
  return words;
}

bool IsFor(const Json& claims, const std::string& audience) {
  const auto claim = claims.find("aud");
  if (claim == claims.end()) return false;
  if (claim->is_string()) return *claim == audience;
  return claim->is_array() && std::find(claim->begin(), claim->end(), audience) != claim->end();
}

// Returns nothing if the claim is missing. Errors: INVALID_ARGUMENT if it is no time.
absl::StatusOr<std::optional<absl::Time>> TimeOf(const Json& claims, const char* name) {
  const auto claim = claims.find(name);
  if (claim == claims.end()) return std::nullopt;
  const double seconds = claim->is_number() ? claim->get<double>() : -1;
  if (!(seconds >= 0 && seconds <= kMaxSeconds)) return Wrong(absl::StrCat("`", name, "` is not a time"));
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

absl::StatusOr<absl::Time> CheckTimes(const Json& claims, absl::Time now) {
  const auto expires = TimeOf(claims, "exp");
  if (!expires.ok()) return expires.status();
  if (!expires->has_value()) return Wrong("it has no `exp`");
  if (now >= **expires + kClockTolerance)
    return absl::DeadlineExceededError(
        absl::StrCat("it expired at ", absl::FormatTime(**expires, absl::UTCTimeZone())));
  for (const char* name : {"nbf", "iat"}) {
    const auto time = TimeOf(claims, name);
    if (!time.ok()) return time.status();
    if (time->has_value() && now < **time - kClockTolerance)
      return Wrong(absl::StrCat("its `", name, "` is in the future"));
  }
  return **expires;
}

std::string IdIn(std::string name, absl::string_view collection) {
  absl::string_view id = name;
  absl::ConsumePrefix(&id, collection);
  return std::string(id);
}

// Roles that we don't know belong to other systems and are ignored; roles that can't be combined with the binding are
// not given.
std::optional<Grant> GrantIn(const Json& claims, const IssuerOptions& options) {
  if (options.roles_claim.empty() || !claims.contains(options.roles_claim)) return std::nullopt;
  Grant grant;
  if (!options.partner_claim.empty()) grant.partner_id = IdIn(TextOf(claims, options.partner_claim), "partners/");
  if (!options.customer_claim.empty()) grant.customer_id = IdIn(TextOf(claims, options.customer_claim), "customers/");
  if (!grant.customer_id.empty()) grant.partner_id.clear();  // the narrower binding counts
  for (const std::string& word : WordsOf(claims, options.roles_claim)) {
    if (const std::optional<Role> role = RoleOf(word); role.has_value()) grant.roles.push_back(*role);
  }
  grant.roles = RolesAllowedBy(std::move(grant.roles), grant.binding());
  return grant;
}

// Refuses a binding that is there but names nothing, and one that is missing: either would leave the caller bound to
// nothing. (If the token has no roles of its own, the file's binding counts.)
absl::Status CheckBinding(const Json& claims, const IssuerOptions& options) {
  bool bound = options.allow_unbound || (options.partner_claim.empty() && options.customer_claim.empty()) ||
               !claims.contains(options.roles_claim);
  for (const auto& [name, collection] :
       {std::pair(options.partner_claim, "partners/"), std::pair(options.customer_claim, "customers/")}) {
    if (name.empty() || !claims.contains(name)) continue;
    if (!domain::IsId(IdIn(TextOf(claims, name), collection)))
      return Wrong(absl::StrCat("its `", name, "` is not the name of anything"));
    bound = true;
  }
  return bound ? absl::OkStatus() : Wrong("it is bound to nothing, and its issuer has no `allow_unbound`");
}

absl::StatusOr<TokenClaims> Check(const Jws& jws, const Json& claims, const std::shared_ptr<IssuerKeys>& verifier,
                                  absl::Time now) {
  IssuerKeys& issuer = *verifier;
  const std::shared_ptr<const KeySet> keys = issuer.Current();
  if (keys == nullptr) return absl::UnavailableError("the keys of its issuer could not be read yet");
  const absl::Status verified = keys->Verify(jws);
  if (absl::IsNotFound(verified) && issuer.AskForNewer())
    return absl::UnavailableError("the keys of its issuer are being read again");
  if (!verified.ok()) return Wrong(verified.message());
  const absl::StatusOr<absl::Time> expires = CheckTimes(claims, now);
  if (!expires.ok()) return expires.status();
  TokenClaims result{.issuer = issuer.options().issuer, .subject = TextOf(claims, "sub"), .expire_time = *expires};
  if (result.subject.empty()) return Wrong("it has no `sub`");
  if (!domain::TextFault(result.subject).empty()) return Wrong("its `sub` is not what it looks like");
  if (const absl::Status binding = CheckBinding(claims, issuer.options()); !binding.ok()) return binding;
  result.grant = GrantIn(claims, issuer.options());
  result.verifier = verifier;
  result.keys = keys;
  return result;
}

}  // namespace

absl::StatusOr<TokenClaims> VerifyJwt(absl::string_view token, const std::vector<std::shared_ptr<IssuerKeys>>& issuers,
                                      absl::Time now) {
  const absl::StatusOr<Jws> jws = ParseJws(token);
  if (!jws.ok()) return jws.status();
  if (!IsTypeOfCaller(jws->type)) return Wrong(absl::StrCat("its `typ` is ", jws->type));
  const Json claims = Json::parse(jws->payload, nullptr, /*allow_exceptions=*/false);
  if (!claims.is_object()) return Wrong("its claims are not a JSON object");
  const std::string name = TextOf(claims, "iss");
  bool trusted = false;
  for (const std::shared_ptr<IssuerKeys>& issuer : issuers) {
    if (issuer->options().issuer != name) continue;
    trusted = true;
    if (IsFor(claims, issuer->options().audience)) return Check(*jws, claims, issuer, now);
  }
  return Wrong(trusted ? "it is not for us: see `aud`" : "its `iss` is not trusted here");
}

}  // namespace lmp::auth
