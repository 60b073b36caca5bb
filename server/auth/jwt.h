// What a token of one of the trusted issuers says (RFC 7519).
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
  std::optional<Grant> grant;  // if its issuer is trusted to say so, and it does
};

// The claims of a token that is signed by its issuer, for us, and good at this time. Errors: INVALID_ARGUMENT, with
// what is wrong with it, for the log; DEADLINE_EXCEEDED if it has only expired; UNAVAILABLE if its issuer's keys are
// being looked at.
absl::StatusOr<TokenClaims> VerifyJwt(absl::string_view token, const std::vector<std::shared_ptr<IssuerKeys>>& issuers,
                                      absl::Time now);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_JWT_H_
