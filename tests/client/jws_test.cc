// Against the vectors of RFC 8037, appendix A.
#include "client/src/jws.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/hex.h"
#include "tests/client/token_signer.h"

namespace lmp::client {
namespace {

constexpr char kSeed[] = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";        // A.1, "d"
constexpr char kX[] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";           // A.1
constexpr char kThumbprint[] = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";  // A.3
constexpr char kJws[] =                                                        // A.4
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-"
    "09PGcvMg3AIbQR6dWbhijcNR4ki4iylG"
    "jg5BhVsPt9g7sVvpAr_MuM0KAg";

std::string X(const std::string& x) { return *DecodeBase64Url(x); }

TEST(Rfc8037, A2ThePublicKeyFollowsFromThePrivateOne) { EXPECT_EQ(TokenSigner(X(kSeed)).x(), kX); }

TEST(Rfc8037, A3Thumbprint) { EXPECT_EQ(JwkThumbprint(kX), kThumbprint); }

TEST(Rfc8037, A4Signing) {
  EXPECT_EQ(TokenSigner(X(kSeed)).Sign(R"({"alg":"EdDSA"})", "Example of Ed25519 signing"), kJws);
}

TEST(Rfc8037, A5Validation) {
  const std::optional<Jws> jws = ParseJws(kJws);
  ASSERT_TRUE(jws.has_value());
  EXPECT_EQ(jws->algorithm, "EdDSA");
  EXPECT_EQ(jws->key_id, "");
  EXPECT_EQ(jws->payload, "Example of Ed25519 signing");
  EXPECT_TRUE(VerifyEd25519(X(kX), jws->signing_input, jws->signature));
  EXPECT_FALSE(VerifyEd25519(X(kX), jws->signing_input + " ", jws->signature));
  EXPECT_FALSE(VerifyEd25519(X(TokenSigner('a').x()), jws->signing_input, jws->signature));
}

TEST(VerifyEd25519Test, RefusesKeysAndSignaturesOfAnotherSize) {
  const Jws jws = *ParseJws(kJws);
  EXPECT_FALSE(VerifyEd25519("", jws.signing_input, jws.signature));
  EXPECT_FALSE(VerifyEd25519(X(kX) + "x", jws.signing_input, jws.signature));
  EXPECT_FALSE(VerifyEd25519(X(kX), jws.signing_input, jws.signature.substr(0, 63)));
  EXPECT_FALSE(VerifyEd25519(X(kX), jws.signing_input, jws.signature + jws.signature));
  EXPECT_FALSE(VerifyEd25519(X(kX), jws.signing_input, ""));
}

// S + L is the same number modulo L (RFC 8032, 5.1.7: S must be less than L).
TEST(VerifyEd25519Test, RefusesTheOtherSignatureOfTheSameMessage) {
  const Jws jws = *ParseJws(kJws);
  const std::string order = storage::BytesOfHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  std::string malleable = jws.signature;
  int carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(malleable[32 + i]) + static_cast<unsigned char>(order[i]);
    malleable[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  EXPECT_FALSE(VerifyEd25519(X(kX), jws.signing_input, malleable));
}

TEST(DecodeBase64UrlTest, TakesOnlyTheOneWayToWriteIt) {
  EXPECT_EQ(DecodeBase64Url(""), "");
  EXPECT_EQ(DecodeBase64Url("_-8"), "\xff\xef");
  for (const char* bad : {"_-8=", "/+8", "_-9", "_-8 ", " _-8", "_\n-8", "_", "_-8_-", "ä"}) {
    EXPECT_EQ(DecodeBase64Url(bad), std::nullopt) << bad;
  }
}

TEST(ParseKeySetTest, PassesOverOtherKeysAndOtherUses) {
  const TokenSigner one('1'), two('2'), three('3');
  const std::string named = absl::StrCat(R"({"kty":"OKP","crv":"Ed25519","kid":"mine","x":")", two.x(), R"("})");
  const std::string unnamed = absl::StrCat(R"({"kty":"OKP","crv":"Ed25519","x":")", three.x(), R"("})");
  const absl::StatusOr<KeySet> keys = ParseKeySet(absl::StrCat(
      R"({"more":1,"keys":[17,{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"r"},{"kty":"oct","k":"AAAA","kid":"o"},)",
      R"({"kty":"OKP","crv":"X25519","x":"!","kid":"d"},{"kty":"OKP","crv":"Ed25519","x":")", one.x(),
      R"(","kid":"e","use":"enc"},{"kty":"OKP","crv":"Ed25519","x":")", one.x(), R"(","kid":"h","alg":"HS256"},)",
      one.jwk(), ",", named, ",", unnamed, "]}"));
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_THAT(*keys,
              testing::UnorderedElementsAre(testing::Pair(one.key_id(), X(one.x())), testing::Pair("mine", X(two.x())),
                                            testing::Pair(three.key_id(), X(three.x()))));
}

TEST(ParseKeySetTest, SaysWhatIsNone) {
  for (const char* bad :
       {"", "x", "[]", "{}", "null", R"({"keys":{}})", R"({"keys":[)", "\xff",
        R"({"keys":[{"kty":"OKP","crv":"Ed25519"}]})", R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]})",
        R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseKeySet(bad).status())) << bad;
  }
  EXPECT_TRUE(ParseKeySet(R"({"keys":[]})").ok());
}

TEST(ParseJwsTest, ThreePartsWithAHeaderThatIsAnObject) {
  const std::string header = absl::WebSafeBase64Escape(R"({"alg":"EdDSA"})");
  EXPECT_TRUE(ParseJws(header + "..").has_value());
  for (const std::string& bad :
       {std::string(), std::string(".."), header, header + ".", header + "...", "." + header + ".",
        absl::WebSafeBase64Escape("[]") + "..", absl::WebSafeBase64Escape("{") + "..",
        absl::WebSafeBase64Escape(std::string(100'000, '[')) + "..", header + ".=.", header + ". ."}) {
    EXPECT_FALSE(ParseJws(bad).has_value()) << bad.substr(0, 60);
  }
}

}  // namespace
}  // namespace lmp::client
