#include "lmp/license_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <random>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/client/license_token_fixture.h"
#include "tests/client/token_signer.h"

namespace lmp::client {
namespace {

TEST_F(LicenseTokenTest, SaysWhatTheTokenSays) {
  const absl::StatusOr<VerifiedLicense> license = VerifyLicenseToken(Token(), options_);
  ASSERT_TRUE(license.ok()) << license.status();
  EXPECT_EQ(license->license, "customers/acme/licenses/one");
  EXPECT_EQ(license->partner, "partners/msp");
  EXPECT_EQ(license->product, "products/cas");
  EXPECT_EQ(license->unit, "USER");
  EXPECT_EQ(license->units, 25);
  EXPECT_EQ(license->state, VerifiedLicense::State::kActive);
  EXPECT_EQ(license->start_date, CivilDay(2026, 1, 1));
  EXPECT_EQ(license->expiration_date, CivilDay(2026, 7, 1));
  EXPECT_EQ(license->grace_end_date, CivilDay(2026, 7, 31));
  EXPECT_EQ(license->issue_time, kIssued);
  EXPECT_EQ(license->expire_time, kExpires);
  EXPECT_EQ(license->token_id, "t1");
  EXPECT_EQ(license->key_id, signer_.key_id());
  EXPECT_EQ(license->latest_time, options_.now);
}

TEST_F(LicenseTokenTest, StateIsThatOfTheDay) {
  const struct {
    absl::Time now;
    std::optional<VerifiedLicense::State> state;
  } cases[] = {
      {kIssued, VerifiedLicense::State::kActive},
      {At(CivilDay(2026, 7, 1)) - absl::Seconds(1), VerifiedLicense::State::kActive},
      {At(CivilDay(2026, 7, 1)), VerifiedLicense::State::kGrace},
      {kExpires - absl::Seconds(1), VerifiedLicense::State::kGrace},
      {kExpires, std::nullopt},
  };
  for (const auto& test : cases) {
    options_.now = test.now;
    const absl::StatusOr<VerifiedLicense> license = VerifyLicenseToken(Token(), options_);
    ASSERT_EQ(license.ok(), test.state.has_value()) << test.now << license.status();
    if (license.ok()) {
      EXPECT_EQ(license->state, *test.state) << test.now;
    } else {
      EXPECT_EQ(GetLicenseTokenError(license.status()), Error::kExpired);
    }
  }
}

TEST_F(LicenseTokenTest, EndsWithTheGraceWhateverItsOwnTimeSays) {
  const std::string token = Token({{Seconds(kExpires), Seconds(kExpires + absl::Hours(24 * 365))}});
  options_.now = At(CivilDay(2026, 7, 31)) - absl::Seconds(1);
  EXPECT_EQ(Verify(token), std::nullopt);
  options_.now = At(CivilDay(2026, 7, 31));
  EXPECT_EQ(Verify(token), Error::kExpired);
}

TEST_F(LicenseTokenTest, NotYetValid) {
  EXPECT_EQ(Verify(Token({{"2026-01-01", "2026-06-11"}})), Error::kNotYetValid);
  EXPECT_EQ(Verify(Token({{"2026-01-01", "2026-06-10"}})), std::nullopt);
  const auto with_nbf = [](absl::Time time) { return absl::StrCat(R"("jti":"t1","nbf":)", Seconds(time)); };
  EXPECT_EQ(Verify(Token({{R"("jti":"t1")", with_nbf(options_.now + absl::Seconds(1))}})), Error::kNotYetValid);
  EXPECT_EQ(Verify(Token({{R"("jti":"t1")", with_nbf(options_.now)}})), std::nullopt);
}

TEST_F(LicenseTokenTest, KeysOverlapWhileTheyRotate) {
  const TokenSigner old('o');
  const std::string old_token = old.Token(Claims());
  EXPECT_EQ(Verify(old_token), Error::kUnknownKey);
  options_.jwks_json = Jwks({signer_, old});
  EXPECT_EQ(Verify(old_token), std::nullopt);
  EXPECT_EQ(Verify(Token()), std::nullopt);
  options_.jwks_json = Jwks({old});
  EXPECT_EQ(Verify(Token()), Error::kUnknownKey);
  options_.jwks_json = Jwks({});
  EXPECT_EQ(Verify(Token()), Error::kUnknownKey);
}

TEST_F(LicenseTokenTest, ASignatureOfAnotherKeyDoesNotHold) {
  const TokenSigner other('o');
  const std::string header =
      absl::StrCat(R"({"alg":"EdDSA","kid":")", signer_.key_id(), R"(","typ":"lmp-license+jwt"})");
  EXPECT_EQ(Verify(signer_.Sign(header, Claims())), std::nullopt);
  EXPECT_EQ(Verify(other.Sign(header, Claims())), Error::kBadSignature);
  // Nor with the key that comes along.
  const std::string with_jwk = absl::StrCat(R"({"alg":"EdDSA","kid":")", other.key_id(),
                                            R"(","typ":"lmp-license+jwt","jwk":)", other.jwk(), "}");
  EXPECT_EQ(Verify(other.Sign(with_jwk, Claims())), Error::kUnknownKey);
}

TEST_F(LicenseTokenTest, OnlyEdDsa) {
  for (const char* alg : {R"("none")", R"("None")", R"("HS256")", R"("RS256")", R"("ES256")", R"("eddsa")",
                          R"("Ed448")", "null", "7", R"(["EdDSA"])", R"("")"}) {
    const std::string header =
        absl::StrCat(R"({"alg":)", alg, R"(,"kid":")", signer_.key_id(), R"(","typ":"lmp-license+jwt"})");
    const std::string token = signer_.Sign(header, Claims());
    EXPECT_EQ(Verify(token), Error::kWrongAlgorithm) << alg;
    EXPECT_EQ(Verify(token.substr(0, token.rfind('.') + 1)), Error::kWrongAlgorithm) << alg << " without a signature";
  }
  EXPECT_EQ(Verify(signer_.Sign(absl::StrCat(R"({"kid":")", signer_.key_id(), R"("})"), Claims())),
            Error::kWrongAlgorithm);
}

// The classic: the public key, which everybody has, taken for the secret of an HMAC.
TEST_F(LicenseTokenTest, NoHmacWithThePublicKey) {
  const std::string header =
      absl::StrCat(R"({"alg":"HS256","kid":")", signer_.key_id(), R"(","typ":"lmp-license+jwt"})");
  const std::string input = absl::StrCat(absl::WebSafeBase64Escape(header), ".", absl::WebSafeBase64Escape(Claims()));
  for (const std::string& secret : {signer_.x(), signer_.jwk(), options_.jwks_json}) {
    unsigned char mac[32];
    unsigned int size = sizeof mac;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(input.data()), input.size(), mac, &size);
    EXPECT_EQ(Verify(absl::StrCat(input, ".",
                                  absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<char*>(mac), size)))),
              Error::kWrongAlgorithm);
  }
}

TEST_F(LicenseTokenTest, IsOfItsOwnType) {
  const auto sign = [&](const std::string& more) {
    return signer_.Sign(absl::StrCat(R"({"alg":"EdDSA","kid":")", signer_.key_id(), R"(")", more, "}"), Claims());
  };
  EXPECT_EQ(Verify(sign(R"(,"typ":"lmp-license+jwt")")), std::nullopt);
  EXPECT_EQ(Verify(sign("")), Error::kMalformed);
  EXPECT_EQ(Verify(sign(R"(,"typ":"JWT")")), Error::kMalformed);
  EXPECT_EQ(Verify(sign(R"(,"typ":"lmp-license+jwt","crit":["exp"])")), Error::kMalformed);
  EXPECT_EQ(Verify(List(kIssued, kExpires)), Error::kMalformed);
  options_.revocation_list = Token();
  EXPECT_EQ(Verify(Token()), Error::kMalformed);
}

TEST_F(LicenseTokenTest, AllClaimsAreThereAndMakeSense) {
  const Replacements changes[] = {
      {{R"("lmp",)", R"("pml",)"}},
      {{R"("iss":"lmp",)", ""}},
      {{R"("sub":)", R"("bus":)"}},
      {{"customers/acme/licenses/one", ""}},
      {{R"("jti")", R"("itj")"}},
      {{R"("iat":)", R"("iat":-)"}},
      {{R"("iat":)", R"("iat":"x","x":)"}},
      {{Seconds(kExpires), Seconds(kIssued)}},
      {{Seconds(kExpires), "1e400"}},
      {{Seconds(kExpires), "1.5e9"}},
      {{Seconds(kExpires), "253402300800"}},
      {{Seconds(kExpires), "18446744073709551615"}},
      {{Seconds(kExpires), "99999999999999999999999"}},
      {{R"("lmp":{)", R"("lmp":[],"x":{)"}},
      {{R"("lmp":{)", R"("x":{)"}},
      {{R"("units":25)", R"("units":0)"}},
      {{R"("units":25)", R"("units":-25)"}},
      {{R"("units":25)", R"("units":25.0)"}},
      {{R"("units":25)", R"("units":"25")"}},
      {{R"("units":25)", R"("units":4294967321)"}},
      {{R"("units":25)", R"("units":true)"}},
      {{"2026-01-01", "2026-1-1"}},
      {{"2026-01-01", "2026-02-30"}},
      {{"2026-01-01", "2026-01-01T00:00:00"}},
      {{"2026-01-01", "2026-07-02"}},
      {{"2026-07-31", "2026-06-30"}},
      {{R"("2026-07-31")", "null"}},
      {{R"("USER")", "1"}},
      {{"products/cas", ""}},
      {{R"("partner")", R"("p")"}},
      {{"}}", "}"}},
      {{"acme", "\xff"}},
  };
  for (const Replacements& change : changes) {
    ASSERT_NE(Claims(change), Claims()) << change[0].first;
    EXPECT_EQ(Verify(Token(change)), Error::kMalformed) << Claims(change);
  }
  for (const char* claims : {"", "[]", "null", "7", "x", "{}"})
    EXPECT_EQ(Verify(signer_.Token(claims)), Error::kMalformed) << claims;
  EXPECT_EQ(Verify(Token({{R"("jti")", R"("new":{"a":[1]},"jti")"}})), std::nullopt)
      << "claims to come are passed over";
}

TEST_F(LicenseTokenTest, WithoutKeysThatAreKeysNothingIsVerified) {
  for (const char* keys : {"", "{}", "[]", "keys"}) {
    options_.jwks_json = keys;
    EXPECT_EQ(Verify(Token()), Error::kKeysMalformed) << keys;
  }
}

TEST_F(LicenseTokenTest, NoByteOfItCanBeChanged) {
  const std::string token = Token();
  for (size_t i = 0; i < token.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = token;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      EXPECT_NE(Verify(changed), std::nullopt) << "byte " << i << ", bit " << bit;
    }
  }
}

TEST_F(LicenseTokenTest, NothingCanBeCutOffOrAdded) {
  const std::string token = Token();
  for (size_t i = 0; i < token.size(); ++i) {
    EXPECT_NE(Verify(token.substr(0, i)), std::nullopt) << i;
    EXPECT_NE(Verify(token.substr(i + 1)), std::nullopt) << i;
  }
  for (const char* more : {" ", "\n", "=", ".", "A", "AA"}) {
    EXPECT_NE(Verify(token + more), std::nullopt) << more;
    EXPECT_NE(Verify(more + token), std::nullopt) << more;
  }
  EXPECT_EQ(Verify(std::string(100'000, 'A')), Error::kMalformed);
}

TEST_F(LicenseTokenTest, RandomBytesAreRefusedAndDoNoHarm) {
  std::mt19937 random(20260610);
  const auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  const std::string token = Token();
  const std::string list = List(kIssued, kExpires);
  for (int round = 0; round < 20'000; ++round) {
    // Noise, or something genuine with noise in it.
    std::string text = round % 4 == 0 ? std::string(below(300), '\0') : round % 4 == 1 ? list : token;
    for (size_t n = round % 4 == 0 ? text.size() : 1 + below(8); n > 0 && !text.empty(); --n) {
      const size_t at = round % 4 == 0 ? n - 1 : below(text.size());
      text[at] = static_cast<char>(below(256));
    }
    if (text == token) continue;
    EXPECT_NE(Verify(text), std::nullopt) << absl::CHexEscape(text);
    LicenseTokenOptions options = options_;
    options.revocation_list = text;
    EXPECT_EQ(VerifyLicenseToken(token, options).ok(), text == list) << absl::CHexEscape(text);
    options = options_;
    options.jwks_json = text;
    EXPECT_FALSE(VerifyLicenseToken(token, options).ok());
  }
}

// Claims of any shape, but with a signature that holds: what a faulty server could send.
TEST_F(LicenseTokenTest, RandomClaimsUnderAGoodSignatureDoNoHarm) {
  std::mt19937 random(20260611);
  const auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  const char* const pieces[] = {"{",    "}",  "[",   "]",       ",",       ":",       "\"",
                                "null", "-1", "1e9", "\"lmp\"", "\"iss\"", "\\u0000", "9223372036854775808"};
  int valid = 0;
  for (int round = 0; round < 5'000; ++round) {
    std::string claims = Claims();
    for (size_t n = 1 + below(3); n > 0; --n)
      claims.replace(below(claims.size()), below(6), pieces[below(std::size(pieces))]);
    valid += VerifyLicenseToken(signer_.Token(claims), options_).ok() ? 1 : 0;
  }
  EXPECT_LT(valid, 2'500);
}

TEST_F(LicenseTokenTest, RevocationLists) {
  const absl::Time made = kIssued + absl::Minutes(30);
  const absl::Time until = made + absl::Hours(24);
  const struct {
    const char* what;
    std::string list;
    std::optional<Error> error;
  } cases[] = {
      {"empty", List(made, until), std::nullopt},
      {"others", List(made, until, R"("t2","t10","")"), std::nullopt},
      {"this one", List(made, until, R"("t2","t1")"), Error::kRevoked},
      {"of the partner", List(made, until, R"("t1")", "partners/msp"), Error::kRevoked},
      {"of the partner, empty", List(made, until, "", "partners/msp"), std::nullopt},
      {"of another customer", List(made, until, "", "customers/acm"), Error::kRevocationListWrong},
      {"of another partner", List(made, until, "", "partners/other"), Error::kRevocationListWrong},
      {"of the license", List(made, until, "", "customers/acme/licenses/one"), Error::kRevocationListWrong},
      {"stale", List(made - absl::Hours(24), options_.now), Error::kRevocationListStale},
      {"stale in a second", List(made, options_.now + absl::Seconds(1)), std::nullopt},
      {"stale, and revoked", List(made - absl::Hours(24), options_.now, R"("t1")"), Error::kRevoked},
      {"made after now", List(options_.now + absl::Hours(1), until), Error::kClockSetBack},
      {"of another key", TokenSigner('o').List("{}"), Error::kUnknownKey},
      {"malformed", "x", Error::kMalformed},
      {"nothing", "", Error::kMalformed},
      {"no claims", signer_.List("{}"), Error::kMalformed},
      {"ids that are none", List(made, until, "7"), Error::kMalformed},
  };
  for (const auto& test : cases) {
    options_.revocation_list = test.list;
    EXPECT_EQ(Verify(Token()), test.error) << test.what;
  }
}

TEST_F(LicenseTokenTest, NoByteOfAListCanBeChanged) {
  const std::string list = List(kIssued, kExpires, R"("t1")");
  for (size_t i = 0; i < list.size(); ++i) {
    options_.revocation_list = list;
    (*options_.revocation_list)[i] ^= 1;
    const std::optional<Error> error = Verify(Token());
    EXPECT_TRUE(error.has_value() && *error != Error::kRevoked) << i;
  }
}

TEST_F(LicenseTokenTest, AClockSetBackIsNoticed) {
  const absl::Duration tolerance = options_.clock_tolerance;
  options_.now = kIssued - tolerance;
  EXPECT_EQ(Verify(Token()), std::nullopt);
  EXPECT_EQ(VerifyLicenseToken(Token(), options_)->latest_time, kIssued);
  options_.now -= absl::Seconds(1);
  EXPECT_EQ(Verify(Token()), Error::kClockSetBack) << "before the token was made";

  options_.now = kIssued + absl::Hours(5);
  options_.latest_seen = options_.now + tolerance;
  EXPECT_EQ(Verify(Token()), std::nullopt);
  options_.latest_seen += absl::Seconds(1);
  EXPECT_EQ(Verify(Token()), Error::kClockSetBack) << "before the remembered time";
}

TEST_F(LicenseTokenTest, AClockSetBackALittleGainsNothing) {
  options_.latest_seen = kExpires;
  options_.now = kExpires - absl::Minutes(1);
  EXPECT_EQ(Verify(Token()), Error::kExpired);
}

TEST_F(LicenseTokenTest, EveryErrorHasItsOwnNameAndStatusCode) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(Error::kRevocationListStale); ++i) {
    names.insert(std::string(LicenseTokenErrorName(static_cast<Error>(i))));
  }
  EXPECT_EQ(names.size(), 11u);
  EXPECT_EQ(LicenseTokenErrorName(Error::kClockSetBack), "CLOCK_SET_BACK");
  EXPECT_EQ(LicenseTokenErrorName(Error::kRevocationListStale), "REVOCATION_LIST_STALE");
  EXPECT_TRUE(absl::IsInvalidArgument(VerifyLicenseToken("x", options_).status()));
  EXPECT_TRUE(absl::IsUnauthenticated(VerifyLicenseToken(TokenSigner('o').Token(Claims()), options_).status()));
  options_.now = kExpires;
  EXPECT_TRUE(absl::IsFailedPrecondition(VerifyLicenseToken(Token(), options_).status()));
  EXPECT_EQ(GetLicenseTokenError(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(GetLicenseTokenError(absl::InternalError("x")), std::nullopt);
}

}  // namespace
}  // namespace lmp::client
