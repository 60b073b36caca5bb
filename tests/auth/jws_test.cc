#include "server/auth/jws.h"

#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/auth/token_maker.h"

namespace lmp::auth {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

absl::Status Verify(const std::string& jwks, const std::string& token) {
  const auto keys = KeySet::Parse(jwks);
  if (!keys.ok()) return keys.status();
  const auto jws = ParseJws(token);
  return jws.ok() ? (*keys)->Verify(*jws) : jws.status();
}

class JwsOf : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Algorithms, JwsOf, testing::Values("RS256", "ES256", "EdDSA"));

TEST_P(JwsOf, IsVerifiedByItsKey) {
  const TokenMaker maker(GetParam());
  EXPECT_TRUE(Verify(maker.Jwks(), maker.Sign({{"sub", "x"}})).ok());
}

TEST_P(JwsOf, IsRefusedIfAnyPartWasChanged) {
  const TokenMaker maker(GetParam());
  const std::string token = maker.Sign({{"sub", "x"}});
  const std::string other = maker.Sign({{"sub", "y"}});
  const size_t end = token.rfind('.');
  EXPECT_FALSE(Verify(maker.Jwks(), other.substr(0, other.rfind('.')) + token.substr(end)).ok());
  EXPECT_FALSE(Verify(maker.Jwks(), token.substr(0, end + 1)).ok()) << "no signature";
  std::string flipped = token;
  flipped[end + 5] = flipped[end + 5] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(Verify(maker.Jwks(), flipped).ok());
}

TEST_P(JwsOf, IsRefusedWithAnotherKeyOfTheSameId) {
  EXPECT_FALSE(Verify(TokenMaker(GetParam()).Jwks(), TokenMaker(GetParam()).Sign({{"sub", "x"}})).ok());
}

// The classic: what is signed with one kind of key says that it is of another.
TEST_P(JwsOf, CanNotChooseAnotherAlgorithmForTheKey) {
  const TokenMaker maker(GetParam());
  for (const char* algorithm :
       {"none", "None", "NONE", "", "HS256", "HS384", "RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA"}) {
    if (std::string(algorithm) == GetParam()) continue;
    Json header = maker.Header();
    header["alg"] = algorithm;
    EXPECT_FALSE(Verify(maker.Jwks(), maker.Sign(header, "{}")).ok()) << algorithm;
  }
}

TEST(Jws, WithoutSignatureAndAlgorithmIsRefused) {
  const std::string none =
      absl::StrCat(absl::WebSafeBase64Escape(R"({"alg":"none"})"), ".", absl::WebSafeBase64Escape("{}"), ".");
  EXPECT_THAT(Verify(TokenMaker("EdDSA").Jwks(), none).message(), HasSubstr("algorithm"));
}

TEST(Jws, WithCriticalExtensionsIsRefused) {
  const TokenMaker maker("EdDSA");
  Json header = maker.Header();
  header["crit"] = {"b64"};
  EXPECT_THAT(Verify(maker.Jwks(), maker.Sign(header, "{}")).message(), HasSubstr("crit"));
}

TEST(Jws, ThatIsNotWellFormedIsRefused) {
  const TokenMaker maker("EdDSA");
  const std::string token = maker.Sign({{"sub", "x"}});
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"), token + ".x", token + "=", token + "\n",
        absl::StrReplaceAll(token, {{".", "+."}}), std::string(100'000, '.'), std::string("bnVsbA.e30.e30")}) {
    EXPECT_FALSE(Verify(maker.Jwks(), bad).ok()) << bad.substr(0, 80);
  }
}

TEST(KeySet, TellsAnUnknownKeyIdFromAWrongSignature) {
  const TokenMaker known("ES256", "k1");
  EXPECT_TRUE(absl::IsNotFound(Verify(known.Jwks(), TokenMaker("ES256", "k2").Sign({{"sub", "x"}}))));
  EXPECT_TRUE(absl::IsInvalidArgument(Verify(known.Jwks(), TokenMaker("ES256", "k1").Sign({{"sub", "x"}}))));
}

TEST(KeySet, OfSeveralKeysTakesTheOneThatIsNamed) {
  const TokenMaker one("RS256", "k1"), two("EdDSA", "k2");
  const std::string jwks = Json({{"keys", {one.Jwk(), two.Jwk()}}}).dump();
  EXPECT_TRUE(Verify(jwks, one.Sign({{"sub", "x"}})).ok());
  EXPECT_TRUE(Verify(jwks, two.Sign({{"sub", "x"}})).ok());
  Json header = one.Header();
  header.erase("kid");
  EXPECT_FALSE(Verify(jwks, one.Sign(header, "{}")).ok()) << "which key it means is a guess";
  EXPECT_TRUE(Verify(one.Jwks(), one.Sign(header, "{}")).ok()) << "there is only one";
}

TEST(KeySet, PassesOverKeysThatAreNotForVerifying) {
  const TokenMaker maker("EdDSA");
  const std::string token = maker.Sign({{"sub", "x"}});
  for (const auto& [name, value] : {std::pair<const char*, Json>("use", "enc"),
                                    {"key_ops", Json::array({"sign"})},
                                    {"alg", "ES256"},
                                    {"crv", "Ed448"},
                                    {"kty", "oct"},
                                    {"x", "AAAA"}}) {
    Json jwk = maker.Jwk();
    jwk[name] = value;
    EXPECT_FALSE(Verify(Json({{"keys", {jwk}}}).dump(), token).ok()) << name;
    EXPECT_TRUE(Verify(Json({{"keys", {jwk, maker.Jwk()}}}).dump(), token).ok()) << name;
  }
}

TEST(KeySet, TakesNoWeakKey) {
  const TokenMaker weak("RS256", "k1", 1024);
  EXPECT_FALSE(KeySet::Parse(weak.Jwks()).ok());
  Json off_curve = TokenMaker("ES256").Jwk();
  off_curve["y"] = off_curve["x"];
  EXPECT_FALSE(KeySet::Parse(Json({{"keys", {off_curve}}}).dump()).ok());
}

TEST(KeySet, ThatIsNoneIsRefused) {
  for (const char* bad :
       {"", "{", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})", R"({"keys":[1,null,"x",{}]})", "null"}) {
    EXPECT_FALSE(KeySet::Parse(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace lmp::auth
