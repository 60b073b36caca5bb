// Statements about a license for use without a server: which may be made, for how long, and which no longer hold.
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
  // A JWT (JWS compact serialization, RFC 7515, RFC 8037) of this type with these claims (JSON): the same bytes for the
  // same claims. Errors: INTERNAL.
  virtual absl::StatusOr<std::string> Sign(absl::string_view type, absl::string_view claims) const = 0;
};

struct IssueLicenseTokenCommand : LicenseCommand {
  static constexpr Verb kVerb = Verb::kIssueLicenseToken;
  int valid_days = kDefaultTokenDays;         // 1 to kMaxTokenDays
  std::shared_ptr<const TokenSigner> signer;  // null: the server has none
};

// The key of a token's row, and what signs the token.
struct IssuedToken {
  model::RowKey key;
  std::shared_ptr<const TokenSigner> signer;
};

// What a token says of a license's dates: those of the row, cut off at the end of its product's life.
struct TokenDates {
  Date start_date;
  Date expiration_date;
  Date grace_end_date;
};
TokenDates TokenDatesOf(const model::World& world, const model::License& license);

// Adds the row of a new token. It is valid from now, in whole seconds, for `valid_days`, but not
// beyond the end of the license's grace, its product's life, or a suspension that is known already.
// Errors: TOKEN_KEY_MISSING; WRONG_STATE unless the license is usable (ACTIVE, EXPIRING_SOON, GRACE);
// LICENSE_NOT_FOUND; ETAG_MISMATCH; those of customer and partner.
absl::StatusOr<IssuedToken> IssueLicenseToken(model::World& world, const IssueLicenseTokenCommand& command,
                                              const Env& env);

// The server has no key to sign with, and what to do about it.
absl::Status TokenKeyMissing();

// True if the license is no longer usable, or is less than the token says in any point: another product (a level, up or
// down), fewer units, an earlier expiration or end of grace. A license that became usable again (unsuspended) makes its
// tokens hold again.
bool IsRevoked(const model::World& world, const model::LicenseToken& token, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_LICENSE_TOKEN_H_
