#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/client/cli/cli_fixture.h"
#include "tests/client/error_samples.h"

namespace lmp::cli {
namespace {

using client::ServerError;
using testing::HasSubstr;
using testing::Not;

class ErrorTest : public CliTest {
 protected:
  Outcome Get(const absl::Status& error, std::vector<std::string> flags = {}) {
    server_.Always<v1::GetCustomerRequest, v1::Customer>("GetCustomer", error);
    flags.insert(flags.begin(), {"customer", "get", "bakery"});
    return Lmp(flags);
  }
};

TEST_F(ErrorTest, ExitCodeIsTheStatusCode) {
  for (int code = 1; code <= 16; ++code) {
    if (code == static_cast<int>(absl::StatusCode::kUnavailable)) continue;  // would be tried again
    EXPECT_EQ(Get(absl::Status(static_cast<absl::StatusCode>(code), "no")).exit_code, code);
  }
}

TEST_F(ErrorTest, NamesReasonViolationsAndWhatToDo) {
  google::rpc::BadRequest bad;
  auto* city = bad.add_field_violations();
  city->set_field("customer.city");
  city->set_description("is required");
  auto* country = bad.add_field_violations();
  country->set_field("customer.country");
  country->set_description("must be two letters");
  const Outcome run =
      Get(ServerError(absl::StatusCode::kInvalidArgument, v1::INVALID_FIELDS, "2 fields are wrong", bad));
  EXPECT_EQ(run.err,
            "error: INVALID_FIELDS (INVALID_ARGUMENT): 2 fields are wrong\n"
            "  customer.city: is required\n"
            "  customer.country: must be two letters\n");
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(Get(ServerError(absl::StatusCode::kNotFound, v1::CUSTOMER_NOT_FOUND, "none")).err,
              HasSubstr("hint: `lmp customer list` shows the customers\n"));
}

TEST_F(ErrorTest, IsOneRpcStatusInJson) {
  const Outcome run = Get(ServerError(absl::StatusCode::kNotFound, v1::CUSTOMER_NOT_FOUND, "none"), {"-o", "json"});
  google::protobuf::Struct json;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(run.err, &json).ok()) << run.err;
  EXPECT_EQ(json.fields().at("code").number_value(), 5);
  const auto& detail = json.fields().at("details").list_value().values(0).struct_value().fields();
  EXPECT_EQ(detail.at("@type").string_value(), "type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_EQ(detail.at("reason").string_value(), "CUSTOMER_NOT_FOUND");
  EXPECT_EQ(run.exit_code, 5);
}

TEST_F(ErrorTest, CannotMoveTheTerminal) {
  EXPECT_THAT(Get(absl::NotFoundError("\x1b[2J gone")).err, Not(HasSubstr("\x1b")));
}

TEST_F(ErrorTest, WithoutAServerItSaysWhereItLooked) {
  const Outcome run = Lmp({"customer", "list", "--server", "127.0.0.1:1", "--timeout", "200ms"});
  EXPECT_EQ(run.exit_code, 14);
  EXPECT_THAT(run.err, HasSubstr("hint: is the server running?"));
  EXPECT_THAT(run.err, Not(HasSubstr("not known whether")));
}

TEST_F(ErrorTest, AChangeOfUnknownOutcomeSaysHowToFindOut) {
  const Outcome run = Lmp({"customer", "update", "bakery", "--city", "Bonn", "--server", "127.0.0.1:1", "--timeout",
                           "200ms", "--request-id", "id-1"});
  EXPECT_THAT(run.exit_code, testing::AnyOf(14, 4)) << "on a busy machine the time is over first";
  EXPECT_THAT(run.err, HasSubstr("not known whether the change was made"));
  EXPECT_THAT(run.err, HasSubstr("--request-id id-1"));
}

struct Wrong {
  std::vector<std::string> arguments;
  std::string says;
};

TEST_F(ErrorTest, AWrongCommandLineIsExplainedAndExits64WithoutACall) {
  const std::vector<Wrong> wrongs = {
      {{"custmoer", "list"}, "error: there is no command \"custmoer\" here"},
      {{"customer", "lsit"}, "error: there is no command \"lsit\" here"},
      {{"customer", "list", "-o", "xml"}, "xml: must be table, json or csv"},
      {{"customer", "list", "--limit", "-1"}, "--limit -1: give the number itself"},
      {{"customer", "frob"}, ""},
      {{"help", "frob"}, "error: there is no command \"frob\" here"},
      {{"help", "customer", "frob"}, "error: there is no command \"frob\" here"},
      {{"frob", "--help"}, "error: there is no command \"frob\" here"},
      {{"customer", "get"}, "CUSTOMER is required"},
      {{"customer", "get", "a", "b"}, ""},
      {{"customer", "get", "a", "--frob"}, "--frob"},
      {{"event", "head", "--since-sequence", "-1"}, "--since-sequence -1: give the number itself"},
      {{"event", "head", "--since-sequence", "9223372036854775808"}, "must be a whole number"},
      {{"customer", "get", "a", "--dry-run"}, "--dry-run has no meaning"},
      {{"customer", "get", "a", "--request-id", "x"}, "--request-id has no meaning"},
      {{"customer", "create", "a", "--etag", "x"}, "--etag has no meaning"},
      {{"customer", "get", "a", "-o", "yaml"}, "yaml"},
      {{"customer", "get", "a", "--timeout", "soon"}, "--timeout soon"},
      {{"customer", "get", "a", "--timeout", "0"}, "--timeout 0"},
      {{"customer", "get", "a", "--token-file", "/nonexistent"}, "can't read /nonexistent"},
      {{"customer", "get", "a", "--tls-cert", "/x"}, "--tls-key"},
      {{"customer", "list", "--limit", "-1"}, "--limit"},
      {{"product", "create", "a", "--kind", "saas"}, "must be one of SERVICE, SOFTWARE, SUITE"},
      {{"product", "create", "a", "--kind", "suite", "--kind", "service"}, "--kind"},
      {{"customer", "create", "a", "--annotations", "k"}, "must be KEY=VALUE"},
  };
  for (const Wrong& wrong : wrongs) {
    const Outcome run = Lmp(wrong.arguments);
    EXPECT_EQ(run.exit_code, 64) << testing::PrintToString(wrong.arguments);
    EXPECT_NE(run.err, "") << testing::PrintToString(wrong.arguments);
    EXPECT_THAT(run.err, HasSubstr(wrong.says)) << testing::PrintToString(wrong.arguments);
    EXPECT_EQ(run.out, "");
  }
  EXPECT_TRUE(server_.seen().empty());
}

TEST_F(ErrorTest, ASecretThatOthersCanReadIsSaid) {
  server_.Always<v1::GetCustomerRequest, v1::Customer>("GetCustomer", Customer("customers/bakery", "The Bakery"));
  const std::filesystem::path file =
      std::filesystem::path(testing::TempDir()) / ("lmp-token-" + std::to_string(getpid()));
  std::ofstream(file) << "secret\n";
  for (const bool is_open : {true, false}) {
    using std::filesystem::perms;
    std::filesystem::permissions(file, is_open ? perms(0644) : perms(0600));
    const Outcome run = Lmp({"customer", "get", "bakery", "--token-file", file.string()});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, is_open ? "(others can read " + file.string() + ": chmod 600 it)\n" : "");
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace lmp::cli
