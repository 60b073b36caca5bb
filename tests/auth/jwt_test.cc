#include "server/auth/jwt.h"

#include <gmock/gmock.h>

#include "absl/time/clock.h"
#include "tests/auth/token_maker.h"

namespace lmp::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Json = nlohmann::json;

constexpr char kIssuer[] = "https://issuer.example";

class JwtTest : public testing::Test {
 protected:
  std::vector<std::shared_ptr<IssuerKeys>> Issuers(IssuerOptions options) {
    if (options.issuer.empty()) options.issuer = kIssuer;
    if (options.audience.empty()) options.audience = "lmp";
    options.jwks = "unused";
    const auto read = [this](const IssuerOptions&) { return absl::StatusOr<std::string>(maker_.Jwks()); };
    return {std::make_shared<IssuerKeys>(
        options, [](absl::string_view, absl::string_view, const absl::Status&) {}, read,
        IssuerKeys::Periods{.file = absl::Hours(1)})};
  }

  int64_t At(int seconds) const { return absl::ToUnixSeconds(now_) + seconds; }
  Json Claims() const {
    return {{"iss", kIssuer}, {"aud", "lmp"}, {"sub", "4711"}, {"exp", At(300)}, {"iat", At(-5)}, {"nbf", At(-5)}};
  }
  Json ClaimsWith(const std::string& name, const Json& value) const {
    Json claims = Claims();
    claims[name] = value;
    return claims;
  }
  Json ClaimsWithout(const std::string& name) const {
    Json claims = Claims();
    claims.erase(name);
    return claims;
  }
  absl::StatusOr<TokenClaims> Verify(const Json& claims, const IssuerOptions& options = {}) {
    return VerifyJwt(maker_.Sign(claims), Issuers(options), now_);
  }

  const TokenMaker maker_{"EdDSA"};
  const absl::Time now_ = absl::FromUnixSeconds(1'780'000'000);
};

TEST_F(JwtTest, GoodOne) {
  const auto claims = Verify(Claims());
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(claims->issuer, kIssuer);
  EXPECT_EQ(claims->subject, "4711");
  EXPECT_EQ(claims->expire_time, now_ + absl::Seconds(300));
  EXPECT_FALSE(claims->grant.has_value()) << "nobody trusts its issuer with roles";
}

TEST_F(JwtTest, TimesHaveSixtySecondsOfTolerance) {
  EXPECT_TRUE(Verify(ClaimsWith("exp", At(-59))).ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(Verify(ClaimsWith("exp", At(-60))).status()));
  for (const char* name : {"nbf", "iat"}) {
    EXPECT_TRUE(Verify(ClaimsWith(name, At(60))).ok()) << name;
    EXPECT_FALSE(Verify(ClaimsWith(name, At(61))).ok()) << name;
  }
}

TEST_F(JwtTest, WrongClaimsAreRefused) {
  for (const auto& [name, value] : {std::pair<const char*, Json>("iss", "https://issuer.example/"),
                                    {"iss", 1},
                                    {"aud", "other"},
                                    {"aud", Json::array()},
                                    {"aud", {{"lmp", true}}},
                                    {"aud", 1},
                                    {"sub", ""},
                                    {"sub", 4711},
                                    {"exp", "soon"},
                                    {"exp", -1},
                                    {"exp", 1e300},
                                    {"exp", nullptr},
                                    {"nbf", "x"},
                                    {"iat", Json::array()}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Verify(ClaimsWith(name, value)).status())) << name << " " << value;
  }
  for (const char* name : {"iss", "aud", "sub", "exp"}) EXPECT_FALSE(Verify(ClaimsWithout(name)).ok()) << name;
  for (const char* name : {"nbf", "iat"}) EXPECT_TRUE(Verify(ClaimsWithout(name)).ok()) << name;
  EXPECT_TRUE(Verify(ClaimsWith("aud", {"other", "lmp"})).ok());
}

TEST_F(JwtTest, TokensForSomethingElseAreRefused) {
  const auto issuers = Issuers({});
  for (const auto& [type, good] : {std::pair<Json, bool>("JWT", true),
                                   {"jwt", true},
                                   {"at+jwt", true},
                                   {"application/at+jwt", true},
                                   {"lmp-license+jwt", false},
                                   {"logout+jwt", false},
                                   {"dpop+jwt", false}}) {
    Json header = maker_.Header();
    header["typ"] = type;
    EXPECT_EQ(VerifyJwt(maker_.Sign(header, Claims().dump()), issuers, now_).ok(), good) << type;
  }
}

TEST_F(JwtTest, RolesAndBindingFromClaims) {
  const IssuerOptions options{.roles_claim = "roles", .partner_claim = "partner", .customer_claim = "customer"};
  Json claims = ClaimsWith("roles", {"SUPPORT", "offline_access", "CHECKER", "ADMIN", 7});
  claims["partner"] = "partners/acme";
  const auto bound = Verify(claims, options);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->grant->partner_id, "acme");
  EXPECT_THAT(bound->grant->roles, ElementsAre(Role::kSupport, Role::kChecker)) << "ADMIN is for the unbound alone";

  EXPECT_FALSE(Verify(ClaimsWith("roles", "CHECKER METER"), options).ok()) << "bound to nothing";
  IssuerOptions unbound = options;
  unbound.allow_unbound = true;
  const auto words = Verify(ClaimsWith("roles", "CHECKER METER"), unbound);
  EXPECT_THAT(words->grant->roles, ElementsAre(Role::kChecker, Role::kMeter));
  EXPECT_FALSE(Verify(Claims(), options)->grant.has_value()) << "it says nothing: the bindings do";
}

TEST_F(JwtTest, OfTwoBindingsTheNarrowerOneCounts) {
  Json claims = ClaimsWith("roles", {"CUSTOMER_VIEWER", "SUPPORT"});
  claims["partner"] = "acme";
  claims["customer"] = "customers/c1";
  const auto grant =
      Verify(claims, {.roles_claim = "roles", .partner_claim = "partner", .customer_claim = "customer"})->grant;
  EXPECT_EQ(grant->partner_id, "");
  EXPECT_EQ(grant->customer_id, "c1");
  EXPECT_THAT(grant->roles, ElementsAre(Role::kCustomerViewer));
}

TEST_F(JwtTest, ABindingThatIsNoneMakesNobodyUnbound) {
  const IssuerOptions options{.roles_claim = "roles", .partner_claim = "partner", .allow_unbound = true};
  for (const Json& binding :
       {Json(nullptr), Json(7), Json(""), Json::array({"acme"}), Json("partners/"), Json("partners/a b"), Json(" acme"),
        Json("partners/ACME"), Json("partners/acme/x"), Json("-")}) {
    Json claims = ClaimsWith("roles", {"SUPPORT"});
    claims["partner"] = binding;
    EXPECT_FALSE(Verify(claims, options).ok()) << binding;
  }
}

TEST_F(JwtTest, ASubjectIsWhatItLooksLike) {
  for (const char* subject : {"a\nb", "\x1b[31m",
                              "a\xE2\x80\xAE"
                              "b",
                              " a"}) {
    Json claims = Claims();
    claims["sub"] = subject;
    EXPECT_FALSE(Verify(claims, {}).ok()) << subject;
  }
}

TEST_F(JwtTest, AKubernetesServiceAccountAsTheClusterIssuesIt) {
  const Json claims = {{"aud", {"lmp"}},
                       {"exp", At(3600)},
                       {"iat", At(0)},
                       {"nbf", At(0)},
                       {"iss", "https://kubernetes.default.svc.cluster.local"},
                       {"jti", "5f7e"},
                       {"kubernetes.io",
                        {{"namespace", "billing"},
                         {"pod", {{"name", "checker-0"}, {"uid", "a"}}},
                         {"serviceaccount", {{"name", "checker"}, {"uid", "b"}}}}},
                       {"sub", "system:serviceaccount:billing:checker"}};
  Json header = maker_.Header();
  header.erase("typ");  // the cluster sends none
  const auto found = VerifyJwt(maker_.Sign(header, claims.dump()),
                               Issuers({.issuer = "https://kubernetes.default.svc.cluster.local"}), now_);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->subject, "system:serviceaccount:billing:checker");
}

TEST_F(JwtTest, EachTokenIsForTheIssuerItNames) {
  auto issuers = Issuers({});
  issuers.push_back(Issuers({.issuer = "https://other.example"}).front());
  EXPECT_TRUE(VerifyJwt(maker_.Sign(ClaimsWith("iss", "https://other.example")), issuers, now_).ok());
  EXPECT_THAT(VerifyJwt(maker_.Sign(ClaimsWith("iss", "https://third.example")), issuers, now_).status().message(),
              HasSubstr("not trusted"));
}

}  // namespace
}  // namespace lmp::auth
