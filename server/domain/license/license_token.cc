#include "server/domain/license/license_token.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/domain/license/license_status.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

absl::Time Midnight(Date day) { return absl::FromCivil(day, absl::UTCTimeZone()); }

}  // namespace

TokenDates TokenDatesOf(const model::World& world, const model::License& license) {
  const LicenseDates dates = DatesIn(world, license);
  return {license.start_date, dates.expiration, dates.grace_end};
}

absl::Status TokenKeyMissing() {
  return Precondition(
      reason::kTokenKeyMissing, "",
      "the server has no key to sign license tokens with: make one with `openssl genpkey -algorithm ed25519 "
      "-out token-key.pem` and start the server with --token-key-file token-key.pem");
}

absl::StatusOr<IssuedToken> IssueLicenseToken(model::World& world, const IssueLicenseTokenCommand& command,
                                              const Env& env) {
  ASSIGN_OR_RETURN(const model::License* const license, FindLicenseForChange(world, command, env.caller));
  if (command.signer == nullptr) return TokenKeyMissing();
  const model::LicenseState state = LicenseStateIn(world, *license, env.today);
  if (!IsUsable(state)) return WrongLicenseState(*license, state, "only a license that can be used now gets a token");
  const TokenDates dates = TokenDatesOf(world, *license);
  const Date end = dates.grace_end_date;
  model::LicenseToken token{.customer_id = command.customer_id,
                            .token_id = env.ids.NewId(env.now),
                            .license_id = command.license_id,
                            .key_id = command.signer->signing_key_id(),
                            .product_id = license->product_id,
                            .expiration_date = dates.expiration_date,
                            .units = license->units,
                            .grace_end_date = end};
  // A JWT has times in whole seconds.
  token.issue_time = absl::FromUnixSeconds(absl::ToUnixSeconds(env.now));
  token.expire_time = std::min(token.issue_time + absl::Hours(24) * command.valid_days,
                               Midnight(std::min(end, license->suspend_date.value_or(end))));
  model::RowKey key = KeyOf(token);
  world.license_tokens.emplace(key, std::move(token));
  return IssuedToken{std::move(key), command.signer};
}

bool IsRevoked(const model::World& world, const model::LicenseToken& token, Date today) {
  const model::License* license = Find(world.licenses, token.customer_id, token.license_id);
  if (license == nullptr || !IsUsable(LicenseStateIn(world, *license, today))) return true;
  const TokenDates dates = TokenDatesOf(world, *license);
  return license->product_id != token.product_id.value_or(license->product_id) || license->units < token.units ||
         dates.expiration_date < token.expiration_date.value_or(dates.expiration_date) ||
         dates.grace_end_date < token.grace_end_date;
}

}  // namespace lmp::domain
