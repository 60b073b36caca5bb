// Reads tokens of the trusted issuers (RFC 7519).
#ifndef LMP_SERVER_AUTH_JWT_H_
#define LMP_SERVER_AUTH_JWT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/auth/identity.h"
#include "server/auth/issuer_keys.h"

namespace lmp::auth {

inline constexpr absl::Duration kClockTolerance = absl::Seconds(60);

struct TokenClaims {
  std::string issuer;
  std::string subject;
  absl::Time expire_time;
  std::optional<Grant> grant;  // set if the issuer is trusted to give roles, and the token does
  // What verified it: as long as these are the keys of that issuer, it need not be verified again.
  std::shared_ptr<const IssuerKeys> verifier;
  std::shared_ptr<const KeySet> keys;
};

// Returns the claims of a token that its issuer signed, that is meant for this server, and that is valid at this time.
// Errors, with the fault for the log: INVALID_ARGUMENT; DEADLINE_EXCEEDED if the token has merely expired; UNAVAILABLE
// while the issuer's keys are being read.
absl::StatusOr<TokenClaims> VerifyJwt(absl::string_view token, const std::vector<std::shared_ptr<IssuerKeys>>& issuers,
                                      absl::Time now);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_JWT_H_
