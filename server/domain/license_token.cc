#include "server/domain/license_token.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/domain/license_status.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

absl::Time Midnight(Date day) { return absl::FromCivil(day, absl::UTCTimeZone()); }

Date EndOf(const model::World& world, const model::License& license) {
  const model::Product* product = Find(world.catalogue->products, license.product_id);
  return LicenseEnd(license, product == nullptr ? std::nullopt : product->end_of_life_date);
}

}  // namespace

TokenDates TokenDatesOf(const model::World& world, const model::License& license) {
  const Date end = EndOf(world, license);
  return {license.start_date, std::min(license.expiration_date, end), end};
}

absl::Status TokenKeyMissing() {
  return Precondition(
      reason::kTokenKeyMissing, "",
      "the server has no key to sign license tokens with: make one with `openssl genpkey -algorithm ed25519 "
      "-out token-key.pem` and start the server with --token-key-file token-key.pem");
}

absl::StatusOr<model::RowKey> IssueLicenseToken(model::World& world, const IssueLicenseTokenCommand& command,
                                                const Env& env) {
  ASSIGN_OR_RETURN(const model::License* const license, FindLicenseForChange(world, command, env.caller));
  if (command.key_id.empty()) return TokenKeyMissing();
  const model::LicenseState state = LicenseStateIn(world, *license, env.today);
  if (!IsUsable(state)) return WrongLicenseState(*license, state, "only a licence that can be used now gets a token");
  const Date end = EndOf(world, *license);
  model::LicenseToken token{.customer_id = command.customer_id,
                            .token_id = env.ids.NewId(env.now),
                            .license_id = command.license_id,
                            .key_id = command.key_id,
                            .units = license->units,
                            .grace_end_date = end};
  // A JWT has whole seconds.
  token.issue_time = absl::FromUnixSeconds(absl::ToUnixSeconds(env.now));
  token.expire_time = std::min(token.issue_time + absl::Hours(24) * command.valid_days,
                               Midnight(std::min(end, license->suspend_date.value_or(end))));
  model::RowKey key = KeyOf(token);
  world.license_tokens.emplace(key, std::move(token));
  return key;
}

bool IsRevoked(const model::World& world, const model::LicenseToken& token, Date today) {
  const model::License* license = Find(world.licenses, token.customer_id, token.license_id);
  return license == nullptr || !IsUsable(LicenseStateIn(world, *license, today)) || license->units < token.units ||
         EndOf(world, *license) < token.grace_end_date;
}

}  // namespace lmp::domain
