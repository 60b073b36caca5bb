// What people type first, and what they meant.
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/cli/connection_options.h"
#include "client/cli/contract/suggestions.h"
#include "tests/client/cli/cli_fixture.h"

namespace lmp::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class HelpTest : public CliTest {
 protected:
  std::string Shown(const std::vector<std::string>& arguments) {
    const Outcome run = Lmp(arguments);
    EXPECT_EQ(run.exit_code, 0) << testing::PrintToString(arguments) << run.err;
    EXPECT_EQ(run.err, "");
    return run.out;
  }
  std::string Refused(const std::vector<std::string>& arguments) {
    const Outcome run = Lmp(arguments);
    EXPECT_EQ(run.exit_code, 64) << testing::PrintToString(arguments);
    EXPECT_EQ(run.out, "");
    return run.err;
  }
};

TEST_F(HelpTest, HelpAndVersionAreCommandsToo) {
  EXPECT_EQ(Shown({"help"}), Shown({"--help"}));
  EXPECT_EQ(Shown({}), Shown({"--help"}));
  EXPECT_EQ(Shown({"version"}), Shown({"--version"}));
  EXPECT_EQ(Shown({"customer"}), Shown({"customer", "--help"}));
  EXPECT_EQ(Shown({"customer", "help"}), Shown({"customer", "--help"}));
  EXPECT_EQ(Shown({"help", "customer", "create"}), Shown({"customer", "create", "--help"}));
  EXPECT_THAT(Shown({"customer"}), HasSubstr("batch-get"));
  EXPECT_TRUE(server_.seen().empty());
}

TEST_F(HelpTest, TextsAreForPeople) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"plan", "update"}, std::vector<std::string>{"license", "list"},
        std::vector<std::string>{"customer", "update"}, std::vector<std::string>{"pool", "update"}}) {
    std::vector<std::string> arguments = command;
    arguments.emplace_back("--help");
    const std::string help = Shown(arguments);
    for (const char* odd : {"{false}", "[LMP]", "[ours]", "page_token", "downwards"})
      EXPECT_THAT(help, Not(HasSubstr(odd)));
  }
  EXPECT_THAT(Shown({"plan", "update", "--help"}), HasSubstr("--auto-renewal, --no-auto-renewal"));
  EXPECT_THAT(Shown({"customer", "update", "--help"}), Not(HasSubstr("--partner"))) << "it can't change";
  EXPECT_THAT(Shown({"customer", "update", "--help"}), Not(HasSubstr("Required.")));
  EXPECT_THAT(Shown({"customer", "create", "--help"}), HasSubstr("--partner"));
  EXPECT_THAT(Shown({"customer"}), Not(HasSubstr("lmp assign"))) << "not about customers";
}

TEST_F(HelpTest, WhatWasMeantIsSaid) {
  EXPECT_THAT(Refused({"custmoer", "list"}),
              HasSubstr("there is no command \"custmoer\" here; did you mean lmp customer?"));
  EXPECT_THAT(Refused({"customer", "lsit"}), HasSubstr("did you mean lmp customer list?"));
  EXPECT_THAT(Refused({"customer", "show", "bakery"}), HasSubstr("did you mean lmp customer get?"));
  EXPECT_THAT(Refused({"customer", "search", "x"}), HasSubstr("try: lmp customer list TEXT"));
  EXPECT_THAT(Refused({"license", "renew", "x"}), HasSubstr("try: lmp subscription renew"));
  EXPECT_THAT(Refused({"subscription", "upgrade", "x"}), HasSubstr("try: lmp subscription change-plan"));
  EXPECT_THAT(Refused({"customer", "create", "bakery", "--name", "The Bakery"}),
              HasSubstr("there is no flag --name here; did you mean --display-name or "));
  EXPECT_THAT(Refused({"customer", "list", "--filtre=x"}),
              HasSubstr("there is no flag --filtre here; did you mean --filter?"));
  EXPECT_THAT(Refused({"customer", "list", "--dryrun"}), HasSubstr("did you mean --dry-run?"));
  EXPECT_THAT(Refused({"customer", "get", "a", "b"}), HasSubstr("\"b\" is one argument too many"));
  EXPECT_THAT(Refused({"customer", "frobnicate"}), HasSubstr("`lmp customer --help` says more"));
}

TEST(Nearest, FindsTyposPartsAndOtherWordsForTheSame) {
  EXPECT_THAT(Nearest("unti", {"unit", "units", "city"}), ElementsAre("unit"));
  EXPECT_THAT(Nearest("name", {"city", "display-name"}), ElementsAre("display-name"));
  EXPECT_THAT(Nearest("remove", {"delete", "get"}), ElementsAre("delete"));
  EXPECT_THAT(Nearest("xyzzy", {"delete", "get"}), IsEmpty());
  EXPECT_THAT(Nearest("", {"delete", "get"}), IsEmpty());
}

TEST(TargetOf, AddsThePortThatIsNotGiven) {
  EXPECT_EQ(TargetOf("localhost"), "localhost:50051");
  EXPECT_EQ(TargetOf("localhost:1"), "localhost:1");
  EXPECT_EQ(TargetOf("::1"), "[::1]:50051");
  EXPECT_EQ(TargetOf("[::1]"), "[::1]:50051");
  EXPECT_EQ(TargetOf("[::1]:7"), "[::1]:7");
  EXPECT_EQ(TargetOf("unix:/run/lmp.sock"), "unix:/run/lmp.sock");
  EXPECT_EQ(TargetOf("dns:///lmp.example"), "dns:///lmp.example");
}

TEST_F(HelpTest, AServerThatIsNotThereIsGivenUpSoonAndSaid) {
  const absl::Time began = absl::Now();
  const Outcome run = Lmp({"customer", "list", "--server", "127.0.0.1:1"});
  EXPECT_EQ(run.exit_code, 14);
  EXPECT_LT(absl::Now() - began, absl::Seconds(5));
  EXPECT_THAT(run.err, StartsWith("error: UNAVAILABLE: no server answers at 127.0.0.1:1: Connection refused\n"
                                  "hint: is the server running?"));
}

}  // namespace
}  // namespace lmp::cli
