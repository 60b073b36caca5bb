#include "server/auth/authenticator.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "server/auth/api_key_secret.h"
#include "server/domain/refusal.h"
#include "tests/auth/token_maker.h"

namespace lmp::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Json = nlohmann::json;

constexpr char kIssuer[] = "https://issuer.example";

class AuthenticatorTest : public testing::Test {
 protected:
  AuthenticatorTest() {
    std::ofstream(jwks_) << maker_.Jwks();
    Write(R"([[binding]]
issuer = "https://issuer.example"
subject = "4711"
roles = ["CHECKER"]
partner = "partners/acme"
[[binding]]
issuer = "mtls"
subject = "spiffe://acme.example/*"
roles = ["METER"]
[[binding]]
issuer = "mtls"
subject = "dns:b.example"
roles = ["SUPPORT"]
)");
  }
  ~AuthenticatorTest() override {
    std::filesystem::remove(file_);
    std::filesystem::remove(jwks_);
  }

  void Write(const std::string& bindings) {
    std::ofstream(file_ + ".new") << "[[issuer]]\nissuer = \"" << kIssuer << "\"\naudience = \"lmp\"\njwks = \""
                                  << jwks_ << "\"\n"
                                  << bindings;
    std::filesystem::rename(file_ + ".new", file_);
  }
  void Open(bool anonymous_is_admin = false) {
    auto opened = Authenticator::Open(
        {.anonymous_is_admin = anonymous_is_admin,
         .auth_file = file_,
         .find_key =
             [this](const std::string& hash, KeyDone done) {
               const auto found = keys_.find(hash);
               done(found == keys_.end() ? nullptr : found->second);
             },
         .report = [this](absl::string_view, const absl::Status& status) { reports_.push_back(status); },
         .clock = [this] { return now_; }});
    ASSERT_TRUE(opened.ok()) << opened.status();
    authenticator_ = *std::move(opened);
  }

  absl::StatusOr<Authenticator::Caller> Call(const std::string& authorization, const CertificateNames& names = {}) {
    absl::StatusOr<Authenticator::Caller> result = absl::UnknownError("no answer");
    authenticator_->Authenticate({authorization, names},
                                 [&](absl::StatusOr<Authenticator::Caller> caller, const std::string& why) {
                                   result = std::move(caller);
                                   why_ = why;
                                 });
    return result;
  }
  std::string ReasonOf(const std::string& authorization, const CertificateNames& names = {}) {
    const auto caller = Call(authorization, names);
    if (caller.ok()) return "";
    EXPECT_TRUE(absl::IsUnauthenticated(caller.status())) << caller.status();
    return domain::RefusalOf(caller.status()).reason;
  }
  std::string Token(int seconds = 300) {
    return absl::StrCat(
        "Bearer ",
        maker_.Sign({{"iss", kIssuer}, {"aud", "lmp"}, {"sub", "4711"}, {"exp", absl::ToUnixSeconds(now_) + seconds}}));
  }

  const TokenMaker maker_{"ES256"};
  const std::string file_ = absl::StrCat(testing::TempDir(), "/auth-", getpid(), ".toml");
  const std::string jwks_ = absl::StrCat(testing::TempDir(), "/auth-jwks-", getpid());
  absl::Time now_ = absl::FromUnixSeconds(1'780'000'000);
  std::map<std::string, FoundKey> keys_;
  std::vector<absl::Status> reports_;
  std::string why_;
  std::unique_ptr<Authenticator> authenticator_;
};

TEST_F(AuthenticatorTest, WhoBringsNothingIsRefusedUnlessToldOtherwise) {
  Open();
  EXPECT_EQ(ReasonOf(""), kNoCredentials);
  Open(/*anonymous_is_admin=*/true);
  EXPECT_EQ((*Call(""))->actor, "local-admin");
}

TEST_F(AuthenticatorTest, WhoBringsSomethingWrongIsRefusedEverywhere) {
  for (const bool anonymous_is_admin : {false, true}) {
    Open(anonymous_is_admin);
    for (const char* wrong : {"Bearer", "Bearer ", "Bearer x", "Basic YTpi", "x", "Bearer lmp_", "bearer a.b.c"}) {
      EXPECT_EQ(ReasonOf(wrong), kInvalidCredentials) << wrong;
    }
  }
}

TEST_F(AuthenticatorTest, ApiKey) {
  Open();
  const std::string secret = NewApiKeySecret();
  EXPECT_EQ(ReasonOf("Bearer " + secret), kInvalidCredentials);
  now_ += absl::Seconds(10);
  keys_[HashOfSecret(secret)] =
      std::make_shared<const Identity>(Identity{.actor = "partners/acme/apiKeys/k1",
                                                .grant = {.roles = {Role::kSupport}, .partner_id = "acme"},
                                                .expire_time = now_ + absl::Hours(1)});
  const auto caller = Call("bearer " + secret);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_TRUE((*caller)->May(Permission::kReadHistory));
  EXPECT_FALSE((*caller)->May(Permission::kManageCustomers));
  now_ += absl::Hours(1);
  EXPECT_EQ(ReasonOf("Bearer " + secret), kExpiredCredentials);
  keys_.clear();
  now_ += absl::Seconds(5);
  EXPECT_EQ(ReasonOf("Bearer " + secret), kInvalidCredentials) << "revoked";
}

TEST_F(AuthenticatorTest, TokenWithItsRolesFromTheFile) {
  Open();
  const auto caller = Call(Token());
  ASSERT_TRUE(caller.ok()) << caller.status() << why_;
  EXPECT_EQ((*caller)->actor, "https://issuer.example#4711");
  EXPECT_EQ((*caller)->grant.partner_id, "acme");
  EXPECT_THAT((*caller)->grant.roles, ElementsAre(Role::kChecker));
}

TEST_F(AuthenticatorTest, ATokenIsGoodUntilItExpiresAlsoIfItWasVerifiedBefore) {
  Open();
  const std::string token = Token(10);
  EXPECT_EQ(*Call(token), *Call(token)) << "verified once";
  now_ += absl::Seconds(69);
  EXPECT_EQ(ReasonOf(token), "");
  now_ += absl::Seconds(1);
  EXPECT_EQ(ReasonOf(token), kExpiredCredentials);
}

TEST_F(AuthenticatorTest, CertificateWithItsRolesFromTheFile) {
  Open();
  const auto spiffe = Call("", {.uris = {"spiffe://acme.example/meter"}});
  EXPECT_EQ((*spiffe)->actor, "spiffe://acme.example/meter");
  EXPECT_THAT((*spiffe)->grant.roles, ElementsAre(Role::kMeter));
  const auto dns = Call("", {.dns = {"a.example", "b.example"}});
  EXPECT_EQ((*dns)->actor, "mtls#dns:b.example") << "the name that is bound";
  EXPECT_THAT((*Call("", {.common_name = "spiffe://acme.example/meter"}))->grant.roles, IsEmpty())
      << "a CN is no SPIFFE id";
  EXPECT_EQ(ReasonOf("", {.uris = {"spiffe://a/b", "spiffe://a/c"}}), kInvalidCredentials);
}

TEST_F(AuthenticatorTest, TheHeaderComesBeforeTheCertificate) {
  Open();
  EXPECT_EQ((*Call(Token(), {.uris = {"spiffe://acme.example/meter"}}))->actor, "https://issuer.example#4711");
  EXPECT_EQ(ReasonOf("Bearer x", {.uris = {"spiffe://acme.example/meter"}}), kInvalidCredentials);
}

TEST_F(AuthenticatorTest, TheFileIsReadAgainAndABrokenOneChangesNothing) {
  Open();
  const std::string token = Token();
  EXPECT_THAT((*Call(token))->grant.roles, ElementsAre(Role::kChecker));
  Write("[[binding]]\nissuer = \"https://issuer.example\"\nsubject = \"4711\"\nroles = [\"METER\"]\n");
  now_ += absl::Seconds(2);
  EXPECT_THAT((*Call(token))->grant.roles, ElementsAre(Role::kMeter)) << "also for a token that was verified before";
  Write("[[binding]]\nroles = 1");
  now_ += absl::Seconds(2);
  EXPECT_THAT((*Call(token))->grant.roles, ElementsAre(Role::kMeter));
  ASSERT_FALSE(reports_.empty());
  EXPECT_THAT(reports_.back().message(), HasSubstr(file_));
  EXPECT_FALSE(authenticator_->Reload().ok());
  EXPECT_THAT((*Call(token))->grant.roles, ElementsAre(Role::kMeter));
}

TEST_F(AuthenticatorTest, ACallerIsToldNoMoreThanItNeeds) {
  Open();
  std::vector<std::string> told;
  for (const Json& claims :
       {Json({{"iss", "https://other"}}), Json({{"iss", kIssuer}}), Json({{"iss", kIssuer}, {"aud", "lmp"}})}) {
    told.push_back(std::string(Call(absl::StrCat("Bearer ", maker_.Sign(claims))).status().message()));
    EXPECT_THAT(why_, Not(IsEmpty()));
  }
  told.push_back(std::string(Call("Bearer " + NewApiKeySecret()).status().message()));
  for (const std::string& text : told) EXPECT_EQ(text, told.front());
}

}  // namespace
}  // namespace lmp::auth
