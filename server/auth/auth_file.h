// The file that says whom the server trusts to identify callers (issuers of tokens), and what those callers may do
// (bindings of subjects to roles). It is TOML; README.md beside this file has an example.
#ifndef LMP_SERVER_AUTH_AUTH_FILE_H_
#define LMP_SERVER_AUTH_AUTH_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/auth/identity.h"

namespace lmp::auth {

// An [[issuer]] of the file.
struct IssuerOptions {
  std::string issuer;             // equals the token's `iss` exactly
  std::string audience;           // must be in the token's `aud`
  std::string jwks;               // where its keys are: a file, or an https URL
  std::string ca_file;            // CA certificates for the URL; empty: the system's
  std::string bearer_token_file;  // its content is sent to the URL and read anew each time; empty: no token
  // The names of the claims that hold the roles (a list, or words with blanks between them) and the binding; empty:
  // only [[binding]] says what the issuer's subjects may do.
  std::string roles_claim, partner_claim, customer_claim;
  // A token with roles and none of these bindings is one for everything; false: it is refused.
  bool allow_unbound = false;
  bool operator==(const IssuerOptions&) const = default;
};

// A [[binding]] of the file; the first one that matches counts.
struct BindingRule {
  std::string issuer;   // the name of an [[issuer]], or "mtls"
  std::string subject;  // "*" in it stands for any characters
  Grant grant;
};

struct AuthFile {
  std::vector<IssuerOptions> issuers;
  std::vector<BindingRule> bindings;

  // What the bindings give this subject; nothing if none matches.
  std::optional<Grant> GrantOf(absl::string_view issuer, absl::string_view subject) const;
};

inline constexpr char kMtls[] = "mtls";

// Errors: INVALID_ARGUMENT with the line, for anything that is wrong, unknown keys included.
absl::StatusOr<AuthFile> ParseAuthFile(const std::string& toml);

// True if the text matches the pattern, whose "*" stands for any characters.
bool Matches(absl::string_view pattern, absl::string_view text);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_AUTH_FILE_H_
