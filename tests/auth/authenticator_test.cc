#include "server/auth/authenticator.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "server/auth/api_key_secret.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "tests/auth/token_maker.h"

namespace lmp::auth {
namespace {

using testing::Each;
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
    Age(file_);
  }
  // As if nobody had written to it for a while.
  static void Age(const std::string& file) {
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - std::chrono::seconds(2));
  }
  void Open(bool anonymous_is_admin = false) {
    auto opened = Authenticator::Open({.anonymous_is_admin = anonymous_is_admin,
                                       .auth_file = file_,
                                       .find_key =
                                           [this](const std::string& hash, KeyDone done) {
                                             const auto found = keys_.find(hash);
                                             done(found == keys_.end() ? nullptr : found->second);
                                           },
                                       .report =
                                           [this](absl::string_view, absl::string_view, const absl::Status& status) {
                                             absl::MutexLock lock(&reports_mutex_);
                                             reports_.push_back(status);
                                           },
                                       .clock = [this] { return now_; }});
    ASSERT_TRUE(opened.ok()) << opened.status();
    authenticator_ = *std::move(opened);
  }

  absl::StatusOr<Authenticator::Caller> Call(const std::string& authorization, const CertificateNames& names = {},
                                             const absl::StatusOr<absl::Time>& end = absl::InfiniteFuture()) {
    absl::StatusOr<Authenticator::Caller> result = absl::UnknownError("no answer");
    authenticator_->Authenticate({authorization, names, end},
                                 [&](absl::StatusOr<Authenticator::Caller> caller, const std::string& why) {
                                   result = std::move(caller);
                                   why_ = why;
                                 });
    return result;
  }
  std::string ReasonOf(const std::string& authorization, const CertificateNames& names = {},
                       const absl::StatusOr<absl::Time>& end = absl::InfiniteFuture()) {
    const auto caller = Call(authorization, names, end);
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
  std::vector<absl::Status> Reports() {
    absl::MutexLock lock(&reports_mutex_);
    return reports_;
  }

  absl::Mutex reports_mutex_;  // an issuer's keys are read by a thread of their own
  std::vector<absl::Status> reports_ ABSL_GUARDED_BY(reports_mutex_);
  std::string why_;
  std::unique_ptr<Authenticator> authenticator_;
};

TEST_F(AuthenticatorTest, WhoBringsNothingIsRefusedUnlessToldOtherwise) {
  Open();
  EXPECT_EQ(ReasonOf(""), domain::reason::kNoCredentials);
  Open(/*anonymous_is_admin=*/true);
  EXPECT_EQ((*Call(""))->actor, "local-admin");
}

TEST_F(AuthenticatorTest, WhoBringsSomethingWrongIsRefusedEverywhere) {
  for (const bool anonymous_is_admin : {false, true}) {
    Open(anonymous_is_admin);
    for (const char* wrong : {"Bearer", "Bearer ", "Bearer x", "Basic YTpi", "x", "Bearer lmp_", "bearer a.b.c"}) {
      EXPECT_EQ(ReasonOf(wrong), domain::reason::kInvalidCredentials) << wrong;
    }
  }
}

TEST_F(AuthenticatorTest, ApiKey) {
  Open();
  const std::string secret = NewApiKeySecret();
  EXPECT_EQ(ReasonOf("Bearer " + secret), domain::reason::kInvalidCredentials);
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
  EXPECT_EQ(ReasonOf("Bearer " + secret), domain::reason::kExpiredCredentials);
  keys_.clear();
  now_ += absl::Seconds(5);
  EXPECT_EQ(ReasonOf("Bearer " + secret), domain::reason::kInvalidCredentials) << "revoked";
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
  EXPECT_EQ(ReasonOf(token), domain::reason::kExpiredCredentials);
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
  EXPECT_EQ(ReasonOf("", {.uris = {"spiffe://a/b", "spiffe://a/c"}}), domain::reason::kInvalidCredentials);
}

TEST_F(AuthenticatorTest, TheHeaderComesBeforeTheCertificate) {
  Open();
  EXPECT_EQ((*Call(Token(), {.uris = {"spiffe://acme.example/meter"}}))->actor, "https://issuer.example#4711");
  EXPECT_EQ(ReasonOf("Bearer x", {.uris = {"spiffe://acme.example/meter"}}), domain::reason::kInvalidCredentials);
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
  ASSERT_FALSE(Reports().empty());
  EXPECT_THAT(Reports().back().message(), HasSubstr(file_));
  EXPECT_FALSE(authenticator_->Reload().ok());
  EXPECT_THAT((*Call(token))->grant.roles, ElementsAre(Role::kMeter));
}

TEST_F(AuthenticatorTest, AFileThatIsBeingWrittenIsNotReadYet) {
  Open();
  EXPECT_THAT((*Call(Token()))->grant.roles, ElementsAre(Role::kChecker));
  {
    // The beginning of a file is a valid file, too; it lacks bindings.
    std::ofstream(file_) << "[[issuer]]\nissuer = \"" << kIssuer << "\"\naudience = \"lmp\"\njwks = \"" << jwks_
                         << "\"\n";
  }
  now_ += absl::Seconds(2);
  EXPECT_THAT((*Call(Token()))->grant.roles, ElementsAre(Role::kChecker));
  Age(file_);
  now_ += absl::Seconds(2);
  EXPECT_THAT((*Call(Token()))->grant.roles, IsEmpty());
  EXPECT_THAT(Reports(), Each(absl::OkStatus()));
}

TEST_F(AuthenticatorTest, AnEmptyFileIsAMistake) {
  Open();
  { std::ofstream(file_) << "\n"; }
  Age(file_);
  now_ += absl::Seconds(2);
  EXPECT_THAT((*Call(Token()))->grant.roles, ElementsAre(Role::kChecker));
  ASSERT_FALSE(Reports().empty());
  EXPECT_THAT(Reports().back().message(), HasSubstr("is empty"));
}

TEST_F(AuthenticatorTest, AnIssuerWhoseSourceChangesKeepsItsKeysUntilItHasOthers) {
  Open();
  const std::string token = Token();
  EXPECT_EQ(ReasonOf(token), "");
  std::ofstream(file_) << "[[issuer]]\nissuer = \"" << kIssuer << "\"\naudience = \"lmp\"\n"
                       << "jwks = \"https://127.0.0.1:1/away\"\n";
  Age(file_);
  now_ += absl::Seconds(2);
  EXPECT_EQ(ReasonOf(token), "");
  EXPECT_THAT((*Call(token))->grant.roles, IsEmpty()) << "the file was read";
}

TEST_F(AuthenticatorTest, AKeyThatIsWithdrawnVouchesForNothingAlsoNotForWhatItHasVouchedFor) {
  Open();
  const std::string token = Token();
  EXPECT_EQ(ReasonOf(token), "");
  std::ofstream(jwks_ + ".new") << TokenMaker("ES256", "another").Jwks();
  std::filesystem::rename(jwks_ + ".new", jwks_);
  for (int i = 0; i < 500 && ReasonOf(token).empty(); ++i) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_EQ(ReasonOf(token), domain::reason::kInvalidCredentials) << "though the clock stands still";
}

TEST_F(AuthenticatorTest, ACertificateThatIsNotGoodAnyMoreIsRefusedWhateverComesWithIt) {
  Open(/*anonymous_is_admin=*/true);
  const CertificateNames names{.uris = {"spiffe://acme.example/meter"}};
  for (const std::string& header : {std::string(), Token()}) {
    EXPECT_EQ(ReasonOf(header, names, absl::InvalidArgumentError("another CA")), domain::reason::kInvalidCredentials);
    EXPECT_EQ(ReasonOf(header, names, absl::DeadlineExceededError("over")), domain::reason::kExpiredCredentials);
  }
  EXPECT_EQ((*Call("", names, now_ + absl::Hours(1)))->expire_time, now_ + absl::Hours(1));
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
