// A license token of 10 June 2026, and its verification an hour later.
#ifndef LMP_TESTS_CLIENT_LICENSE_TOKEN_FIXTURE_H_
#define LMP_TESTS_CLIENT_LICENSE_TOKEN_FIXTURE_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lmp/license_token.h"
#include "tests/client/token_signer.h"

namespace lmp::client {

using Replacements = std::vector<std::pair<std::string, std::string>>;
using absl::CivilDay;
using Error = LicenseTokenError;

inline absl::Time At(CivilDay day, absl::Duration after = absl::ZeroDuration()) {
  return absl::FromCivil(day, absl::UTCTimeZone()) + after;
}
inline std::string Seconds(absl::Time time) { return absl::StrCat(absl::ToUnixSeconds(time)); }

inline const absl::Time kIssued = At(CivilDay(2026, 6, 10), absl::Hours(12));
inline const absl::Time kExpires = At(CivilDay(2026, 7, 10), absl::Hours(12));

class LicenseTokenTest : public testing::Test {
 protected:
  LicenseTokenTest() {
    options_.jwks_json = Jwks({signer_});
    options_.now = kIssued + absl::Hours(1);
  }

  static std::string Jwks(const std::vector<TokenSigner>& signers) {
    std::string keys;
    for (const TokenSigner& signer : signers) absl::StrAppend(&keys, keys.empty() ? "" : ",", signer.jwk());
    return absl::StrCat(R"({"keys":[)", keys, "]}");
  }

  // Term to 1 July, grace to 31 July.
  static std::string Claims(const Replacements& replacements = {}) {
    return absl::StrReplaceAll(
        absl::StrCat(R"({"iss":"lmp","sub":"customers/acme/licenses/one","jti":"t1","iat":)", Seconds(kIssued),
                     R"(,"exp":)", Seconds(kExpires),
                     R"(,"lmp":{"partner":"partners/msp","product":"products/cas","unit":"USER","units":25,)",
                     R"("start_date":"2026-01-01","expiration_date":"2026-07-01","grace_end_date":"2026-07-31"}})"),
        replacements);
  }
  std::string Token(const Replacements& replacements = {}) const { return signer_.Token(Claims(replacements)); }

  std::string List(absl::Time issued, absl::Time expires, const std::string& revoked = "",
                   const std::string& parent = "customers/acme") const {
    return signer_.List(absl::StrCat(R"({"iss":"lmp","sub":")", parent, R"(","iat":)", Seconds(issued), R"(,"exp":)",
                                     Seconds(expires), R"(,"lmp":{"revoked":[)", revoked, "]}}"));
  }

  // Nothing: it is valid.
  std::optional<Error> Verify(absl::string_view token) const {
    return ErrorOf(VerifyLicenseToken(token, options_).status());
  }
  static std::optional<Error> ErrorOf(const absl::Status& status) {
    const std::optional<Error> error = GetLicenseTokenError(status);
    EXPECT_EQ(status.ok(), !error.has_value()) << status;
    return error;
  }

  TokenSigner signer_{'s'};
  LicenseTokenOptions options_;
};

}  // namespace lmp::client

#endif  // LMP_TESTS_CLIENT_LICENSE_TOKEN_FIXTURE_H_
