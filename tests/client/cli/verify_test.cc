// `lmp license verify`, which needs no server: none of these tests has its scripted one answer.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/client/cli/cli_fixture.h"
#include "tests/client/token_signer.h"

namespace lmp::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class VerifyTest : public CliTest {
 protected:
  VerifyTest() {
    std::string name = testing::TempDir() + "/lmp-verify-XXXXXX";
    directory_ = mkdtemp(name.data());
    Write("keys", absl::StrCat(R"({"keys":[)", signer_.jwk(), "]}"));
    Write("token", Token(absl::Now() - absl::Hours(1)) + "\n");
  }
  ~VerifyTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  void Write(const std::string& name, const std::string& content) const { std::ofstream(Path(name)) << content; }

  std::string Token(absl::Time issued) const {
    const auto day = [](absl::Duration from_now) {
      return absl::FormatTime("%Y-%m-%d", absl::Now() + from_now, absl::UTCTimeZone());
    };
    return signer_.Token(absl::StrCat(
        R"({"iss":"lmp","sub":"customers/acme/licenses/one","jti":"t1","iat":)", absl::ToUnixSeconds(issued),
        R"(,"exp":)", absl::ToUnixSeconds(absl::Now() + absl::Hours(24)),
        R"(,"lmp":{"partner":"partners/msp","product":"products/cas",)", R"("unit":"USER","units":25,"start_date":")",
        day(-absl::Hours(24 * 9)), R"(","expiration_date":")", day(absl::Hours(24 * 9)), R"(","grace_end_date":")",
        day(absl::Hours(24 * 20)), "\"}}"));
  }
  std::string List(const std::string& revoked, absl::Duration age) const {
    const absl::Time made = absl::Now() - age;
    return signer_.List(absl::StrCat(R"({"iss":"lmp","sub":"customers/acme","iat":)", absl::ToUnixSeconds(made),
                                     R"(,"exp":)", absl::ToUnixSeconds(made + absl::Hours(24)),
                                     R"(,"lmp":{"revoked":[)", revoked, "]}}"));
  }
  Outcome Verify(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"license", "verify", Path("token"), "--keys", Path("keys")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Lmp(arguments);
  }

  const client::TokenSigner signer_{'s'};
  std::string directory_;
};

TEST_F(VerifyTest, WritesWhatTheTokenSays) {
  const Outcome run = Verify();
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, IsEmpty());
  EXPECT_THAT(run.out, StartsWith("license          customers/acme/licenses/one\npartner          partners/msp\n"));
  EXPECT_THAT(run.out, HasSubstr("units            25\nunit             USER\nstate            ACTIVE\n"));
  EXPECT_THAT(server_.seen(), IsEmpty());
}

TEST_F(VerifyTest, WritesJson) {
  const Outcome run = Verify({"-o", "json"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  google::protobuf::Struct object;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(run.out, &object).ok()) << run.out;
  EXPECT_EQ(object.fields().at("units").number_value(), 25);
  EXPECT_EQ(object.fields().at("state").string_value(), "ACTIVE");
  EXPECT_EQ(object.fields().at("token_id").string_value(), "t1");
}

TEST_F(VerifyTest, TakesTheJsonAnswersOfTheOtherCommands) {
  const auto answer = [](const std::string& field, const std::string& value) {
    google::protobuf::Struct object;
    (*object.mutable_fields())[field].set_string_value(value);
    (*object.mutable_fields())["other"].set_string_value("x");
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(object, &json).ok());
    return json;
  };
  Write("keys", answer("jwks_json", absl::StrCat(R"({"keys":[)", signer_.jwk(), "]}")));
  Write("token", answer("token", Token(absl::Now())));
  Write("list", answer("revocation_list", List(R"("t1")", absl::Hours(1))));
  EXPECT_EQ(Verify().exit_code, 0);
  EXPECT_THAT(Verify({"--revocations", Path("list")}).err, StartsWith("error: TOKEN_REVOKED (FAILED_PRECONDITION): "));
}

TEST_F(VerifyTest, ReadsStandardInput) {
  const Outcome run = LmpAsked({"license", "verify", "-", "--keys", Path("keys")}, Token(absl::Now()) + "\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST_F(VerifyTest, ErrorsHaveTheirWordsAndExitCodes) {
  Write("revoked", List(R"("t1")", absl::Hours(1)));
  Write("stale", List("", absl::Hours(25)));
  Write("other", client::TokenSigner('o').Token("{}"));
  Write("future", Token(absl::Now() + absl::Hours(1)));
  const struct {
    std::vector<std::string> arguments;
    int exit_code;
    const char* error;
  } cases[] = {
      {{Path("keys"), "--keys", Path("keys")}, 3, "TOKEN_MALFORMED (INVALID_ARGUMENT)"},
      {{Path("token"), "--keys", Path("token")}, 3, "KEYS_MALFORMED (INVALID_ARGUMENT)"},
      {{Path("other"), "--keys", Path("keys")}, 16, "TOKEN_UNKNOWN_KEY (UNAUTHENTICATED)"},
      {{Path("future"), "--keys", Path("keys")}, 9, "CLOCK_SET_BACK (FAILED_PRECONDITION)"},
      {{Path("token"), "--keys", Path("keys"), "--revocations", Path("revoked")},
       9,
       "TOKEN_REVOKED (FAILED_PRECONDITION)"},
      {{Path("token"), "--keys", Path("keys"), "--revocations", Path("stale")},
       9,
       "REVOCATION_LIST_STALE (FAILED_PRECONDITION)"},
  };
  for (const auto& test : cases) {
    std::vector<std::string> arguments = test.arguments;
    arguments.insert(arguments.begin(), {"license", "verify"});
    const Outcome run = Lmp(arguments);
    EXPECT_EQ(run.exit_code, test.exit_code) << run.err;
    EXPECT_THAT(run.err, StartsWith(absl::StrCat("error: ", test.error, ": ")));
    EXPECT_THAT(run.out, IsEmpty());
    arguments.insert(arguments.end(), {"-o", "json"});
    EXPECT_THAT(
        Lmp(arguments).err,
        HasSubstr(absl::StrCat("\"reason\": \"", std::string(test.error, std::string(test.error).find(' ')), "\"")));
  }
}

TEST_F(VerifyTest, KeepsAClockFile) {
  EXPECT_EQ(Verify({"--clock-file", Path("clock")}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(Path("clock")));
  EXPECT_EQ(Verify({"--clock-file", Path("clock")}).exit_code, 0);
  Write("clock",
        absl::StrCat(absl::FormatTime(absl::RFC3339_sec, absl::Now() + absl::Hours(1), absl::UTCTimeZone()), "\n"));
  const Outcome run = Verify({"--clock-file", Path("clock")});
  EXPECT_EQ(run.exit_code, 9);
  EXPECT_THAT(run.err, StartsWith("error: CLOCK_SET_BACK (FAILED_PRECONDITION): the clock was set back: it says 2"));
}

TEST_F(VerifyTest, WrongCommandLines) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"license", "verify"},
           {"license", "verify", Path("token")},
           {"license", "verify", "", "--keys", Path("keys")},
           {"license", "verify", Path("token"), "--keys", ""},
           {"license", "verify", Path("missing"), "--keys", Path("keys")},
           {"license", "verify", Path("token"), "--keys", Path("missing")},
           {"license", "verify", Path("token"), "--keys", Path("keys"), "--revocations", Path("missing")},
           {"license", "verify", Path("token"), "--keys", Path("keys"), "--dry-run"},
           {"license", "verify", Path("token"), "--keys", Path("keys"), "--etag", "1"},
       }) {
    const Outcome run = Lmp(arguments);
    EXPECT_EQ(run.exit_code, 64) << run.err;
    EXPECT_THAT(run.err, StartsWith("error: "));
  }
}

}  // namespace
}  // namespace lmp::cli
