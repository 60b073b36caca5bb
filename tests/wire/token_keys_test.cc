// The keys of license tokens, and the claims that are signed. What the tokens are worth to a verifier, tests/client
// says.
#include "server/token_keys.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/ids.h"
#include "server/rpcs/rpc.h"
#include "server/wire/license_token.h"
#include "storage/hex.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// RFC 8037, appendix A: the private key, the public one, its thumbprint, and a signature.
constexpr char kD[] = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
constexpr char kX[] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
constexpr char kThumbprint[] = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

std::string Pem(const char* label, absl::string_view prefix, absl::string_view key) {
  std::string bytes;
  absl::WebSafeBase64Unescape(key, &bytes);
  return absl::StrCat("-----BEGIN ", label, "-----\n", absl::Base64Escape(storage::BytesOfHex(prefix) + bytes),
                      "\n-----END ", label, "-----\n");
}
std::string PrivatePem() { return Pem("PRIVATE KEY", "302e020100300506032b657004220420", kD); }  // RFC 8410
std::string PublicPem() { return Pem("PUBLIC KEY", "302a300506032b6570032100", kX); }

class TokenKeysTest : public ::testing::Test {
 protected:
  TokenKeysTest() {
    std::string name = ::testing::TempDir() + "/lmp-keys-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~TokenKeysTest() override { std::filesystem::remove_all(directory_); }

  std::string File(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name)) << content;
    return Path(name);
  }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  std::string NewKey(const std::string& name) const {
    EXPECT_TRUE(MakeTokenKeyFile(Path(name)).ok());
    return Path(name);
  }

  std::string directory_;
};

TEST_F(TokenKeysTest, HasTheThumbprintAndThePublicKeyOfTheRfc) {
  const auto set = TokenKeySet::Load({File("key.pem", PrivatePem())});
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_EQ((*set)->keys().size(), 1u);
  EXPECT_EQ((*set)->keys()[0].x, kX);
  EXPECT_EQ((*set)->signing_key_id(), kThumbprint);
  EXPECT_EQ((*set)->keys()[0].public_key_pem, PublicPem());
  EXPECT_EQ((*set)->JwksJson(), absl::StrCat(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":")", kX, R"(","kid":")",
                                             kThumbprint, R"(","alg":"EdDSA","use":"sig"}]})"));
}

TEST_F(TokenKeysTest, SignsTheSameClaimsWithTheSameBytes) {
  const auto set = *TokenKeySet::Load({File("key.pem", PrivatePem())});
  const std::string token = *set->Sign("t+jwt", R"({"a":1})");
  EXPECT_EQ(token, *set->Sign("t+jwt", R"({"a":1})"));
  EXPECT_NE(token, *set->Sign("t+jwt", R"({"a":2})"));
  EXPECT_EQ(token.substr(0, token.rfind('.')),
            absl::StrCat(absl::WebSafeBase64Escape(
                             absl::StrCat(R"({"alg":"EdDSA","kid":")", kThumbprint, R"(","typ":"t+jwt"})")),
                         ".", absl::WebSafeBase64Escape(R"({"a":1})")));
}

TEST_F(TokenKeysTest, TheFirstSignsTheOthersVerify) {
  const std::string other = NewKey("other.pem");
  const std::string rfc = File("rfc.pem", PrivatePem());
  const std::string rfc_public = File("rfc.pub", PublicPem());
  EXPECT_EQ((*TokenKeySet::Load({rfc, other}))->signing_key_id(), kThumbprint);
  for (const std::string& second : {rfc, rfc_public}) {
    const auto set = TokenKeySet::Load({other, second});
    ASSERT_TRUE(set.ok()) << set.status();
    ASSERT_EQ((*set)->keys().size(), 2u);
    EXPECT_NE((*set)->signing_key_id(), kThumbprint);
    EXPECT_EQ((*set)->keys()[1].key_id, kThumbprint);
  }
  EXPECT_EQ((*TokenKeySet::Load({rfc, rfc_public}))->keys().size(), 1u) << "the same key twice";
  EXPECT_TRUE((*TokenKeySet::Load({}))->empty());
}

TEST_F(TokenKeysTest, ErrorsNameTheFileAndNotWhatIsInIt) {
  const std::string good = NewKey("good.pem");
  const std::string broken = File("broken.pem", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
  const std::string with_phrase =
      File("phrase.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n");
  for (const std::vector<std::string>& files : std::vector<std::vector<std::string>>{{Path("missing")},
                                                                                     {broken},
                                                                                     {with_phrase},
                                                                                     {directory_},
                                                                                     {File("rfc.pub", PublicPem())},
                                                                                     {good, broken},
                                                                                     {good, Path("missing")}}) {
    const absl::Status status = TokenKeySet::Load(files).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << files.back();
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("--token-key-file " + files.back()), Not(HasSubstr("c2Vj"))));
  }
}

TEST_F(TokenKeysTest, AreReadAgainWhenAFileChanges) {
  const std::string file = NewKey("key.pem");
  const auto keys = *TokenKeys::Open({file});
  const std::string before = keys->Current()->signing_key_id();
  EXPECT_NE(before, kThumbprint);
  File("key.pem", PrivatePem());
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (keys->Current()->signing_key_id() == before && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_EQ(keys->Current()->signing_key_id(), kThumbprint);
}

TEST_F(TokenKeysTest, AFileThatCouldNotBeReadOnceIsTriedAgain) {
  const std::string file = NewKey("key.pem");
  const auto keys = *TokenKeys::Open({file});
  const std::string before = keys->Current()->signing_key_id();
  // As it was when it could not be read, by all that can be seen of it from outside: of one size and age.
  const auto written = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  std::string broken = PrivatePem();
  std::replace(broken.begin(), broken.end(), 'M', '!');
  File("key.pem", broken);
  std::filesystem::last_write_time(file, written);
  const absl::Time looked = absl::Now() + TokenKeys::kLookPeriod + absl::Milliseconds(100);
  while (absl::Now() < looked) {
    EXPECT_EQ(keys->Current()->signing_key_id(), before);
    absl::SleepFor(absl::Milliseconds(50));
  }
  File("key.pem", PrivatePem());
  std::filesystem::last_write_time(file, written);
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (keys->Current()->signing_key_id() == before && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_EQ(keys->Current()->signing_key_id(), kThumbprint);
}

TEST_F(TokenKeysTest, AMadeKeyIsOursAloneAndIsKept) {
  const std::string file = NewKey("made.pem");
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const std::string key_id = (*TokenKeySet::Load({file}))->signing_key_id();
  ASSERT_TRUE(MakeTokenKeyFile(file).ok());
  EXPECT_EQ((*TokenKeySet::Load({file}))->signing_key_id(), key_id);
  EXPECT_NE((*TokenKeySet::Load({NewKey("another.pem")}))->signing_key_id(), key_id);
  EXPECT_TRUE(absl::IsFailedPrecondition(MakeTokenKeyFile("/nonexistent/key.pem")));
}

SystemIds ids;
const wire::PageTokens tokens("secret");
const wire::ServerContext kContext{ids, tokens, absl::InfiniteFuture()};

TEST(LicenseTokenRequestTest, NamesAllThatIsWrongAtOnce) {
  v1::IssueLicenseTokenRequest request;
  request.set_request_id("x");
  request.set_valid_days(-1);
  EXPECT_THAT(wire::FieldsOf(rpcs::MutationOf(*rpcs::FindRpc("IssueLicenseToken"), request, kContext).status()),
              ::testing::ElementsAre("name", "request_id", "valid_days"));
  request.set_valid_days(367);
  EXPECT_THAT(wire::FieldsOf(rpcs::MutationOf(*rpcs::FindRpc("IssueLicenseToken"), request, kContext).status()),
              ::testing::Contains("valid_days"));
}

TEST(LicenseTokenRequestTest, ThirtyDaysUnlessToldOtherwise) {
  v1::IssueLicenseTokenRequest request;
  request.set_name("customers/acme/licenses/one");
  request.set_etag("7");
  EXPECT_EQ(wire::ParseIssueLicenseToken(request, kContext)->valid_days, 30);
  EXPECT_EQ(wire::ParseIssueLicenseToken(request, kContext)->customer_id, "acme");
  EXPECT_EQ(wire::ParseIssueLicenseToken(request, kContext)->license_id, "one");
  EXPECT_EQ(wire::ParseIssueLicenseToken(request, kContext)->etag, "7");
  EXPECT_EQ(wire::ParseIssueLicenseToken(request, kContext)->signer, nullptr);
  for (const int days : {1, 366}) {
    request.set_valid_days(days);
    EXPECT_EQ(wire::ParseIssueLicenseToken(request, kContext)->valid_days, days);
  }
}

TEST(RevocationListClaimsTest, AreJson) {
  const absl::Time time = absl::FromUnixSeconds(1'773'576'000);
  EXPECT_EQ(wire::RevocationListClaims("customers/acme", {"a", "b"}, time, time + absl::Hours(24)),
            R"({"iss":"lmp","sub":"customers/acme","iat":1773576000,"exp":1773662400,"lmp":{"revoked":["a","b"]}})");
  EXPECT_THAT(wire::RevocationListClaims("customers/acme", {}, time, time), HasSubstr(R"("revoked":[])"));
}

}  // namespace
}  // namespace lmp::server
