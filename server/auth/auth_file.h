// The file that says who is trusted to say who somebody is, and what those callers may: issuers of tokens, and bindings
// of subjects to roles. TOML; README.md beside this file has an example.
#ifndef LMP_SERVER_AUTH_AUTH_FILE_H_
#define LMP_SERVER_AUTH_AUTH_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/auth/identity.h"

namespace lmp::auth {

// [[issuer]]
struct IssuerOptions {
  std::string issuer;             // `iss`, exactly
  std::string audience;           // must be in `aud`
  std::string jwks;               // its keys: a file, or an https URL
  std::string ca_file;            // for the URL; empty: the system's
  std::string bearer_token_file;  // sent to the URL, read at each look; empty: none
  // Claims with roles (a list, or words with blanks between) and with the binding; empty: only [[binding]] says what
  // its subjects may.
  std::string roles_claim, partner_claim, customer_claim;
  bool operator==(const IssuerOptions&) const = default;
};

// [[binding]]: the first one that matches counts.
struct BindingRule {
  std::string issuer;   // that of an [[issuer]], or "mtls"
  std::string subject;  // "*" in it stands for anything
  Grant grant;
};

struct AuthFile {
  std::vector<IssuerOptions> issuers;
  std::vector<BindingRule> bindings;

  // What the rules give this subject; nothing if none matches.
  std::optional<Grant> GrantOf(absl::string_view issuer, absl::string_view subject) const;
};

inline constexpr char kMtls[] = "mtls";

// Errors: INVALID_ARGUMENT with the line, for anything that is not as it must be, unknown keys included.
absl::StatusOr<AuthFile> ParseAuthFile(const std::string& toml);

// Whether the text is as the pattern, whose "*" stands for any characters.
bool Matches(absl::string_view pattern, absl::string_view text);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_AUTH_FILE_H_
