#include "tests/client/cli/cli_fixture.h"
#include "tests/client/error_samples.h"

namespace lmp::cli {
namespace {

using testing::HasSubstr;
using ::testing::MatchesRegex;
using testing::StartsWith;

class AssignTest : public CliTest {
 protected:
  AssignTest() {
    v1::ServicePlan suite;
    suite.set_name("servicePlans/suite");
    suite.add_components("products/cas");
    suite.add_components("products/wfbs");
    server_.Always<v1::GetServicePlanRequest, v1::ServicePlan>("GetServicePlan", suite);
    v1::AssignServicePlanResponse response;
    response.mutable_subscription()->set_name("customers/bakery/subscriptions/s2");
    *response.mutable_subscription()->add_licenses() =
        License("customers/bakery/licenses/l1", "products/cas", 25, 2027);
    v1::CrossgradeOutcome* outcome = response.add_crossgrade_outcomes();
    outcome->set_product("products/cas");
    outcome->set_resolution(v1::Crossgrade::Resolution::TRANSFER);
    *outcome->mutable_before() = License("customers/bakery/licenses/l1", "products/cas", 10, 2028);
    *outcome->mutable_after() = response.subscription().licenses(0);
    outcome->set_shortened(true);
    v1::Change* change = response.add_changes();
    change->set_resource("customers/bakery/licenses/l1");
    change->set_event_kind("LICENSE_TRANSFERRED");
    v1::FieldChange* field = change->add_fields();
    field->set_field("units");
    field->set_before("10");
    field->set_after("25");
    server_.Always<v1::AssignServicePlanRequest, v1::AssignServicePlanResponse>("AssignServicePlan", response);
  }

  // The request that `lmp assign bakery suite FLAGS` sends.
  v1::AssignServicePlanRequest Sent(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"assign", "bakery", "suite"});
    const Outcome run = Lmp(flags);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const auto requests = server_.Requests<v1::AssignServicePlanRequest>("AssignServicePlan");
    return requests.empty() ? v1::AssignServicePlanRequest() : requests.back();
  }
  Outcome Refused(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"assign", "bakery", "suite"});
    return Lmp(flags);
  }
};

TEST_F(AssignTest, SendsUnitsForEachProduct) {
  const auto request = Sent({"--units", "cas=25", "--units", "products/wfbs=10"});
  EXPECT_EQ(request.parent(), "customers/bakery");
  EXPECT_EQ(request.service_plan(), "servicePlans/suite");
  ASSERT_EQ(request.units_size(), 2);
  EXPECT_EQ(request.units(0).product(), "products/cas");
  EXPECT_EQ(request.units(0).units(), 25);
  EXPECT_EQ(request.units(1).product(), "products/wfbs");
  EXPECT_FALSE(request.has_start_date());
  EXPECT_FALSE(request.has_crossgrade());
  EXPECT_FALSE(request.validate_only());
}

TEST_F(AssignTest, ANumberAloneIsForAllProductsNotNamed) {
  const auto request = Sent({"--units", "25", "--units", "wfbs=10"});
  ASSERT_EQ(request.units_size(), 2);
  EXPECT_EQ(request.units(0).units(), 25);
  EXPECT_EQ(request.units(1).units(), 10);
}

TEST_F(AssignTest, SendsDatesAndChangeFlags) {
  const auto request =
      Sent({"--start", "2027-01-31", "--align-date", "2028-02-29", "--etag", "7", "--request-id", "id", "--dry-run"});
  EXPECT_EQ(request.start_date().day(), 31);
  EXPECT_EQ(request.align().expiration_date().month(), 2);
  EXPECT_EQ(request.etag(), "7");
  EXPECT_EQ(request.request_id(), "id");
  EXPECT_TRUE(request.validate_only());
}

TEST_F(AssignTest, AlignsWithASubscriptionOfTheCustomer) {
  EXPECT_EQ(Sent({"--align-subscription", "s1"}).align().subscription(), "customers/bakery/subscriptions/s1");
  EXPECT_EQ(Sent({"--align-subscription", "customers/bakery/subscriptions/s1"}).align().subscription(),
            "customers/bakery/subscriptions/s1");
}

TEST_F(AssignTest, SendsTheCrossgrade) {
  EXPECT_EQ(Sent({"--crossgrade", "auto"}).crossgrade().mode(), v1::Crossgrade::AUTOMATIC);
  const auto request = Sent({"--crossgrade", "cas=transfer", "--crossgrade", "wfbs=NEW", "--keep-latest"});
  EXPECT_EQ(request.crossgrade().mode(), v1::Crossgrade::EXPLICIT);
  ASSERT_EQ(request.crossgrade().resolutions_size(), 2);
  EXPECT_EQ(request.crossgrade().resolutions(0).choice(), v1::Crossgrade::Resolution::TRANSFER);
  EXPECT_EQ(request.crossgrade().resolutions(1).product(), "products/wfbs");
  EXPECT_EQ(request.crossgrade().resolutions(1).choice(), v1::Crossgrade::Resolution::NEW_LICENSE);
  EXPECT_EQ(request.crossgrade().expiration(), v1::Crossgrade::KEEP_LATEST);
}

TEST_F(AssignTest, WrongFlagsExit64WithoutACall) {
  const std::vector<std::vector<std::string>> wrongs = {{"--units", "many"},
                                                        {"--units", "cas=many"},
                                                        {"--units", "=5"},
                                                        {"--units", "1", "--units", "2"},
                                                        {"--units", "cas=1", "--units", "cas=2"},
                                                        {"--start", "tomorrow"},
                                                        {"--crossgrade", "cas=keep"},
                                                        {"--crossgrade", "maybe"},
                                                        {"--crossgrade", "auto", "--crossgrade", "cas=new"},
                                                        {"--align-date", "2027-01-01", "--align-subscription", "s1"}};
  for (const auto& flags : wrongs) {
    const Outcome run = Refused(flags);
    EXPECT_EQ(run.exit_code, 64) << testing::PrintToString(flags) << run.err;
    EXPECT_NE(run.err, "");
  }
  EXPECT_TRUE(server_.seen().empty());
}

TEST_F(AssignTest, ShowsSubscriptionLicensesOutcomesAndChanges) {
  const Outcome run = Refused({"--units", "cas=25", "--dry-run"});
  EXPECT_EQ(run.err, "(preview: nothing was saved)\n");
  EXPECT_THAT(run.out, MatchesRegex("name +customers/bakery/subscriptions/s2\n(.|\n)*"));
  EXPECT_THAT(run.out, HasSubstr("\nlicenses:\n"));
  EXPECT_THAT(run.out, HasSubstr("\ncrossgrade outcomes:\n"));
  EXPECT_THAT(run.out, HasSubstr("TRANSFER"));
  EXPECT_THAT(run.out,
              HasSubstr("\nchanges:\n~ customers/bakery/licenses/l1  [LICENSE_TRANSFERRED]\n    units: 10 → 25\n"));
}

TEST_F(AssignTest, ARefusedCrossgradeNamesDuplicatesChoicesAndFlags) {
  server_.Always<v1::AssignServicePlanRequest, v1::AssignServicePlanResponse>("AssignServicePlan",
                                                                              client::CrossgradeRequiredError());
  const Outcome run = Refused({"--units", "5"});
  EXPECT_EQ(run.exit_code, 9);
  EXPECT_EQ(run.err,
            "error: CROSSGRADE_REQUIRED (FAILED_PRECONDITION): the customer has it already\n"
            "  duplicate products/wfbs: customers/bakery/licenses/l1 of customers/bakery/subscriptions/s1; choices: "
            "TRANSFER, NEW_LICENSE\n"
            "  duplicate products/cas: customers/bakery/licenses/l2 of no subscription (unbundled); choices: TRANSFER\n"
            "hint: add --crossgrade auto, or --crossgrade PRODUCT=transfer|new for: products/wfbs; --dry-run shows the "
            "effect. It sets the units to those given: for more of what there is, `lmp subscription update`\n");
}

TEST_F(AssignTest, WithoutATerminalItTellsTheFlags) {
  const Outcome run = Lmp({"assign"});
  EXPECT_EQ(run.exit_code, 64);
  EXPECT_THAT(run.err, HasSubstr("lmp assign CUSTOMER PLAN --units N"));
  EXPECT_EQ(Lmp({"assign", "bakery"}).exit_code, 64);
}

}  // namespace
}  // namespace lmp::cli
