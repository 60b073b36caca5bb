// What is signed elsewhere: license tokens and revocation lists, as a program without a server reads them; tokens and
// key sets of issuers, as the server does.

#include <string>

#include "absl/strings/str_cat.h"
#include "client/src/jws.h"
#include "lmp/license_token.h"
#include "server/auth/jws.h"
#include "tests/client/token_signer.h"
#include "tests/fuzz/target.h"

namespace lmp::fuzz {
namespace {

const client::TokenSigner& Signer() {
  static const auto& signer = *new client::TokenSigner('s');
  return signer;
}

client::LicenseTokenOptions Options() {
  client::LicenseTokenOptions options;
  static const auto& keys = *new std::string(absl::StrCat(R"({"keys":[)", Signer().jwk(), "]}"));
  options.jwks_json = keys;
  options.now = absl::FromCivil(absl::CivilDay(2026, 6, 10), absl::UTCTimeZone());
  return options;
}

}  // namespace

// Two lines: claims that are signed as a token's, and claims that are signed as a list's, or, if they begin with "!",
// the text itself.
void FuzzLicenseToken(absl::string_view input) {
  const auto [claims, list] = FirstLine(input);
  client::LicenseTokenOptions options = Options();
  const bool raw = !list.empty() && list[0] == '!';
  if (!list.empty()) options.revocation_list = raw ? std::string(list.substr(1)) : Signer().List(list);
  const auto verified = client::VerifyLicenseToken(Signer().Token(claims), options);
  Require(verified.ok() == !client::GetLicenseTokenError(verified.status()).has_value(), "an error has its kind");
  if (verified.ok()) Require(verified->units > 0 && verified->grace_end_date >= verified->expiration_date, "sense");
  Require(!client::VerifyLicenseToken(input, options).ok(), "nobody makes up a token");
}

// Two lines: a token, and a key set.
void FuzzJwt(absl::string_view input) {
  const auto [token, jwks] = FirstLine(input);
  const absl::StatusOr<auth::Jws> jws = auth::ParseJws(token);
  Require(jws.ok() || jws.status().code() == absl::StatusCode::kInvalidArgument, "a wrong token is said to be wrong");
  const auto keys = auth::KeySet::Parse(jwks);
  if (jws.ok() && keys.ok()) Require(!(*keys)->Verify(*jws).ok(), "nobody signs what the key's owner did not");
  client::ParseKeySet(jwks).IgnoreError();
  client::ParseJws(token);
}

}  // namespace lmp::fuzz
