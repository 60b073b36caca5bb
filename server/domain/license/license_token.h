// License tokens: statements about a license that are checked without a server. The rules say which may be issued, for
// how long, and which no longer hold.
#ifndef LMP_SERVER_DOMAIN_LICENSE_LICENSE_TOKEN_H_
#define LMP_SERVER_DOMAIN_LICENSE_LICENSE_TOKEN_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/env.h"
#include "server/domain/license/license_verbs.h"
#include "storage/model/world.h"

namespace lmp::domain {

inline constexpr int kDefaultTokenDays = 30;
inline constexpr int kMaxTokenDays = 366;

// A key that signs tokens.
class TokenSigner {
 public:
  virtual ~TokenSigner() = default;
  virtual std::string signing_key_id() const = 0;
  // Returns a JWT (JWS compact serialization, RFC 7515, RFC 8037) of this type with these claims (JSON). The same
  // claims give the same bytes. Errors: INTERNAL.
  virtual absl::StatusOr<std::string> Sign(absl::string_view type, absl::string_view claims) const = 0;
};

struct IssueLicenseTokenCommand : LicenseCommand {
  static constexpr Verb kVerb = Verb::kIssueLicenseToken;
  int valid_days = kDefaultTokenDays;         // 1 to kMaxTokenDays
  std::shared_ptr<const TokenSigner> signer;  // null: the server has no key
};

// The key of the token's row, and the key that signs the token.
struct IssuedToken {
  model::RowKey key;
  std::shared_ptr<const TokenSigner> signer;
};

// The dates of a license that a token states: those of the row, but none later than the end of the product's life.
struct TokenDates {
  Date start_date;
  Date expiration_date;
  Date grace_end_date;
};
TokenDates TokenDatesOf(const model::World& world, const model::License& license);

// Adds the row of a new token. The token is valid from now, in whole seconds, for `valid_days`, but not beyond the end
// of the license's grace, the end of its product's life, or the day of a suspension that is already known. Errors:
// TOKEN_KEY_MISSING; WRONG_STATE unless the license is usable (ACTIVE, EXPIRING_SOON, GRACE); LICENSE_NOT_FOUND;
// ETAG_MISMATCH; those of customer and partner.
absl::StatusOr<IssuedToken> IssueLicenseToken(model::World& world, const IssueLicenseTokenCommand& command,
                                              const Env& env);

// The refusal of a server that has no key to sign with; it says what to do about it.
absl::Status TokenKeyMissing();

// True if the license is no longer usable, or if the token says more in any point than the license gives: another
// product (also a higher or lower level), more units, a later expiration or end of grace. When a license becomes usable
// again (unsuspended), its tokens hold again.
bool IsRevoked(const model::World& world, const model::LicenseToken& token, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_LICENSE_TOKEN_H_
