#include "tests/client/cli/cli_fixture.h"
#include "tests/client/error_samples.h"

namespace lmp::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

using Request = v1::AssignServicePlanRequest;
using Response = v1::AssignServicePlanResponse;

// A bakery with one license, and four plans: new, crossgrade of service and software, locked, NFR.
class DialogTest : public CliTest {
 protected:
  DialogTest() {
    v1::ListCustomersResponse customers;
    *customers.add_customers() = Customer("customers/bakery", "The Bakery");
    *customers.add_customers() = Customer("customers/florist", "The Florist");
    server_.Always<v1::ListCustomersRequest, v1::ListCustomersResponse>("ListCustomers", customers);
    server_.On<v1::GetCustomerRequest, v1::Customer>(
        "GetCustomer", [](const v1::GetCustomerRequest& request) -> absl::StatusOr<v1::Customer> {
          if (request.name() == "customers/bakery") return Customer("customers/bakery", "The Bakery");
          return absl::NotFoundError("there is no " + request.name());
        });
    v1::ListLicensesResponse licenses;
    *licenses.add_licenses() = License("customers/bakery/licenses/l1", "products/cas", 10, 2027);
    server_.Always<v1::ListLicensesRequest, v1::ListLicensesResponse>("ListLicenses", licenses);
    server_.Always<v1::ListAssignableServicePlansRequest, v1::ListAssignableServicePlansResponse>(
        "ListAssignableServicePlans", Plans());
    Answer([this](const Request& request) { return Assigned(request); });
  }

  static v1::ListAssignableServicePlansResponse Plans() {
    v1::ListAssignableServicePlansResponse plans;
    AddPlan(plans, "mail", v1::AssignableServicePlan::ASSIGNABLE);
    v1::AssignableServicePlan& suite = AddPlan(plans, "suite", v1::AssignableServicePlan::CROSSGRADE_REQUIRED);
    *suite.add_products() = Product("products/cas", "Cloud App Security", v1::Product::SERVICE, v1::Product::USER);
    *suite.add_products() = Product("products/wfbs", "Worry-Free", v1::Product::SOFTWARE, v1::Product::ENDPOINT);
    AddDuplicate(suite, "cas", {"TRANSFER"});
    AddDuplicate(suite, "wfbs", {"TRANSFER", "NEW_LICENSE"});
    AddPlan(plans, "locked", v1::AssignableServicePlan::NOT_ASSIGNABLE).set_explanation("its suite changed");
    AddPlan(plans, "nfr", v1::AssignableServicePlan::ASSIGNABLE).mutable_service_plan()->set_nfr(true);
    v1::AssignableServicePlan& software = AddPlan(plans, "wf", v1::AssignableServicePlan::CROSSGRADE_REQUIRED);
    *software.add_products() = suite.products(1);
    AddDuplicate(software, "wfbs", {"TRANSFER", "NEW_LICENSE"});
    *plans.mutable_plans(0)->add_products() =
        Product("products/hes", "Hosted Email", v1::Product::SERVICE, v1::Product::MAILBOX);
    return plans;
  }
  static v1::AssignableServicePlan& AddPlan(v1::ListAssignableServicePlansResponse& plans, const std::string& id,
                                            v1::AssignableServicePlan::Assignability assignability) {
    v1::AssignableServicePlan& plan = *plans.add_plans();
    plan.mutable_service_plan()->set_name("servicePlans/" + id);
    plan.mutable_service_plan()->set_display_name("Plan " + id);
    plan.mutable_service_plan()->set_initial_term_months(12);
    plan.set_assignability(assignability);
    return plan;
  }
  static void AddDuplicate(v1::AssignableServicePlan& plan, const std::string& id,
                           const std::vector<std::string>& choices) {
    auto& duplicate = *plan.add_duplicates();
    duplicate.set_product("products/" + id);
    duplicate.set_license("customers/bakery/licenses/" + id);
    for (const std::string& choice : choices) duplicate.add_choices(choice);
  }

  void Answer(std::function<absl::StatusOr<Response>(const Request&)> answer) {
    server_.On<Request, Response>("AssignServicePlan", std::move(answer));
  }
  // One license for each units entry; the transferred one is shortened unless the latest is kept.
  absl::StatusOr<Response> Assigned(const Request& request) {
    Response response;
    response.mutable_subscription()->set_name("customers/bakery/subscriptions/s2");
    for (const auto& units : request.units()) {
      *response.mutable_subscription()->add_licenses() =
          License("customers/bakery/licenses/n", units.product(), units.units(), 2027);
    }
    if (request.crossgrade().mode() != v1::Crossgrade::MODE_UNSPECIFIED) {
      auto& outcome = *response.add_crossgrade_outcomes();
      outcome.set_product(request.units(0).product());
      outcome.set_resolution(v1::Crossgrade::Resolution::TRANSFER);
      *outcome.mutable_before() = License("customers/bakery/licenses/n", request.units(0).product(), 10, 2029);
      outcome.set_shortened(shortens_ && request.crossgrade().expiration() != v1::Crossgrade::KEEP_LATEST);
    }
    return response;
  }
  std::vector<Request> Sent() { return server_.Requests<Request>("AssignServicePlan"); }
  // Nothing but reads and previews were sent.
  bool NothingSaved() {
    for (const Request& request : Sent()) {
      if (!request.validate_only()) return false;
    }
    return true;
  }

  bool shortens_ = false;
};

TEST_F(DialogTest, TellsTheStoryFromCustomerToSave) {
  const Outcome run = LmpAsked({"assign"}, "1\n1\n25\n2027-01-31\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  ASSERT_EQ(Sent().size(), 2U);
  EXPECT_TRUE(Sent()[0].validate_only());
  const Request request = Sent()[1];
  EXPECT_FALSE(request.validate_only());
  EXPECT_EQ(request.parent(), "customers/bakery");
  EXPECT_EQ(request.service_plan(), "servicePlans/mail");
  EXPECT_EQ(request.units(0).product(), "products/hes");
  EXPECT_EQ(request.units(0).units(), 25);
  EXPECT_EQ(request.start_date().day(), 31);
  EXPECT_FALSE(request.has_crossgrade());
  EXPECT_THAT(run.out, HasSubstr("2  customers/florist  The Florist  Bonn"));
  EXPECT_THAT(run.out, HasSubstr("  products/cas  10     users  2027-11-24  ACTIVE"));
  EXPECT_THAT(run.out, HasSubstr("3  servicePlans/locked  Plan locked  12      no: its suite changed"));
  EXPECT_THAT(run.out, HasSubstr("Units of Hosted Email (mailboxes, 2 to 500):"));
  EXPECT_THAT(run.out, HasSubstr("products/hes  25     USER  2026-11-24  2027-11-24  new"));
  EXPECT_THAT(run.out, HasSubstr("Save? [y/N]"));
}

TEST_F(DialogTest, PreviewAndSaveAreDifferentRequests) {
  LmpAsked({"assign"}, "1\n1\n25\n\ny\n");
  ASSERT_EQ(Sent().size(), 2U);
  EXPECT_NE(Sent()[0].request_id(), Sent()[1].request_id());
}

TEST_F(DialogTest, TheRequestIdGivenIsThatOfTheSave) {
  LmpAsked({"assign", "--request-id", "mine"}, "1\n1\n25\n\ny\n");
  ASSERT_EQ(Sent().size(), 2U);
  EXPECT_NE(Sent()[0].request_id(), "mine");
  EXPECT_EQ(Sent()[1].request_id(), "mine");
}

TEST_F(DialogTest, AsksForEachSoftwareDuplicateAndMovesServices) {
  const Outcome run = LmpAsked({"assign", "bakery"}, "suite\nn\n25\n10\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  ASSERT_EQ(Sent().size(), 2U);
  const v1::Crossgrade crossgrade = Sent()[1].crossgrade();
  EXPECT_EQ(crossgrade.mode(), v1::Crossgrade::EXPLICIT);
  ASSERT_EQ(crossgrade.resolutions_size(), 1);
  EXPECT_EQ(crossgrade.resolutions(0).product(), "products/wfbs");
  EXPECT_EQ(crossgrade.resolutions(0).choice(), v1::Crossgrade::Resolution::NEW_LICENSE);
  EXPECT_THAT(run.out, HasSubstr("Cloud App Security (customers/bakery/licenses/cas): a service; its license moves"));
  EXPECT_THAT(run.out, HasSubstr("It starts today, as every crossgrade."));
  EXPECT_THAT(run.out, HasSubstr("transferred, had 10 until 2029-11-24"));
  EXPECT_FALSE(Sent()[1].has_start_date());
}

TEST_F(DialogTest, TransferIsTheDefault) {
  LmpAsked({"assign", "bakery"}, "suite\n\n25\n10\ny\n");
  ASSERT_EQ(Sent().size(), 2U);
  EXPECT_EQ(Sent()[1].crossgrade().resolutions(0).choice(), v1::Crossgrade::Resolution::TRANSFER);
}

TEST_F(DialogTest, NewLicensesOfSoftwareAloneMayStartLater) {
  LmpAsked({"assign", "bakery"}, "wf\nn\n10\n2027-02-01\ny\n");
  ASSERT_EQ(Sent().size(), 2U);
  EXPECT_EQ(Sent()[1].start_date().month(), 2);
}

TEST_F(DialogTest, AShortenedTermMayBeKept) {
  shortens_ = true;
  const Outcome run = LmpAsked({"assign", "bakery"}, "suite\n\n25\n10\ny\ny\n");
  EXPECT_THAT(run.out, HasSubstr("(SHORTENED)"));
  ASSERT_EQ(Sent().size(), 3U);
  EXPECT_EQ(Sent()[2].crossgrade().expiration(), v1::Crossgrade::KEEP_LATEST);
  EXPECT_FALSE(Sent()[2].validate_only());
}

TEST_F(DialogTest, NfrPlansAreNotAskedForNumbers) {
  const Outcome run = LmpAsked({"assign", "bakery"}, "nfr\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  ASSERT_EQ(Sent().size(), 2U);
  EXPECT_EQ(Sent()[1].units_size(), 0);
  EXPECT_FALSE(Sent()[1].has_start_date());
}

TEST_F(DialogTest, BadInputAsksAgainAndSaysWhy) {
  const Outcome run = LmpAsked({"assign"}, "9\n\nbakery\n0\nlocked\nmail\nmany\n1\n501\n25\nsoon\n\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Sent().size(), 2U);
  EXPECT_THAT(run.out, HasSubstr("type a number of the list, a customer's id, or a part of its name"));
  EXPECT_THAT(run.out, HasSubstr("there is no plan with \"0\""));
  EXPECT_THAT(run.out, HasSubstr("servicePlans/locked can't be assigned: its suite changed"));
  EXPECT_THAT(run.out, HasSubstr("must be a whole number"));
  EXPECT_THAT(run.out, HasSubstr("must be 2 to 500"));
  EXPECT_THAT(run.out, HasSubstr("\"soon\" is not a day"));
}

TEST_F(DialogTest, NumbersThatTheServerRefusesAreAskedForAgain) {
  Answer([this](const Request& request) -> absl::StatusOr<Response> {
    if (request.units(0).units() > 25) {
      return client::ServerError(absl::StatusCode::kFailedPrecondition, v1::POOL_EXHAUSTED, "3 are left");
    }
    return Assigned(request);
  });
  const Outcome run = LmpAsked({"assign", "bakery"}, "mail\n100\n\n25\n\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("error: POOL_EXHAUSTED (FAILED_PRECONDITION): 3 are left"));
  EXPECT_EQ(Sent().back().units(0).units(), 25);
  EXPECT_EQ(Sent().back().units_size(), 1);
}

TEST_F(DialogTest, ADateThatTheServerRefusesIsAskedForAgainAlone) {
  Answer([this](const Request& request) -> absl::StatusOr<Response> {
    if (request.start_date().year() == 2030) {
      return client::ServerError(absl::StatusCode::kOutOfRange, v1::DATE_OUT_OF_RANGE, "too late");
    }
    return Assigned(request);
  });
  const Outcome run = LmpAsked({"assign", "bakery"}, "mail\n25\n2030-01-01\n2027-01-01\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Sent().back().units(0).units(), 25);
  EXPECT_EQ(Sent().back().start_date().year(), 2027);
}

TEST_F(DialogTest, UnitsThatWereGivenAreOfferedAgain) {
  Answer([this](const Request& request) -> absl::StatusOr<Response> {
    if (request.units(0).units() > 25) {
      return client::ServerError(absl::StatusCode::kInvalidArgument, v1::INVALID_FIELDS, "no");
    }
    return Assigned(request);
  });
  const Outcome run = LmpAsked({"assign", "bakery"}, "suite\nt\n26\n10\n25\n\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("Units of Worry-Free (endpoints, 2 to 500): [10]"));
  EXPECT_EQ(Sent().back().units(1).units(), 10);
}

TEST_F(DialogTest, ShowsAndOffersTheUnitsThatThereAre) {
  v1::ListLicensesResponse licenses;
  *licenses.add_licenses() = License("customers/bakery/licenses/cas", "products/cas", 10, 2027);
  server_.Always<v1::ListLicensesRequest, v1::ListLicensesResponse>("ListLicenses", licenses);
  const Outcome run = LmpAsked({"assign", "bakery"}, "suite\n\n\n7\ny\n");
  EXPECT_THAT(run.out, HasSubstr("Units of Cloud App Security (users, 2 to 500; now 10): [10]"));
  EXPECT_EQ(Sent().back().units(0).units(), 10);
}

TEST_F(DialogTest, BGoesBackToTheQuestionBefore) {
  const Outcome run = LmpAsked({"assign"}, "b\nbakery\nsuite\nb\nsuite\nt\nb\nn\n25\nb\n26\n10\nb\n27\n\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_FALSE(Sent().back().validate_only());
  EXPECT_EQ(Sent().back().service_plan(), "servicePlans/suite");
  ASSERT_EQ(Sent().back().crossgrade().resolutions_size(), 1);
  EXPECT_EQ(Sent().back().crossgrade().resolutions(0).choice(), v1::Crossgrade::Resolution::NEW_LICENSE);
  ASSERT_EQ(Sent().back().units_size(), 2);
  EXPECT_EQ(Sent().back().units(0).units(), 27);
  EXPECT_EQ(Sent().back().units(1).units(), 10);
}

TEST_F(DialogTest, CustomersAndPlansAreFoundByAPartOfTheirNames) {
  const Outcome run = LmpAsked({"assign"}, "Bakery\n1\nPLAN MA\n1\n25\n\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(server_.Requests<v1::ListCustomersRequest>("ListCustomers").at(1).filter(),
              HasSubstr("display_name:\"Bakery\""));
  EXPECT_EQ(Sent().back().service_plan(), "servicePlans/mail");
}

TEST_F(DialogTest, MoreCustomersAreAPlusAway) {
  server_.On<v1::ListCustomersRequest, v1::ListCustomersResponse>(
      "ListCustomers", [](const v1::ListCustomersRequest& request) -> absl::StatusOr<v1::ListCustomersResponse> {
        v1::ListCustomersResponse page;
        const bool is_first = request.page_token().empty();
        *page.add_customers() = Customer(is_first ? "customers/florist" : "customers/bakery", "Some");
        if (is_first) page.set_next_page_token("more");
        return page;
      });
  const Outcome run = LmpAsked({"assign"}, "+\n+\n2\nmail\n25\n\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("there are no more"));
  EXPECT_EQ(Sent().back().parent(), "customers/bakery");
}

TEST_F(DialogTest, ArrowKeysAreNotPartOfAnAnswer) {
  EXPECT_EQ(LmpAsked({"assign", "bakery"}, "ma\x1b[D\x1b[Cil\n2\x1b[1;5D5\n\x1bOA\ny\n").exit_code, 0);
  EXPECT_EQ(Sent().back().units(0).units(), 25);
}

TEST_F(DialogTest, AfterAnUnclearAnswerSaveIsAskedAgain) {
  LmpAsked({"assign", "bakery"}, "mail\n25\n\nja\ny\n");
  ASSERT_EQ(Sent().size(), 2U);
  EXPECT_FALSE(Sent()[1].validate_only());
}

TEST_F(DialogTest, WhatChangedSinceThePreviewIsShownAndAskedForAgain) {
  int refusals = 1;
  Answer([&, this](const Request& request) -> absl::StatusOr<Response> {
    if (!request.validate_only() && refusals-- > 0) {
      return client::ServerError(absl::StatusCode::kAborted, v1::PREVIEW_CHANGED, "not that any more");
    }
    return Assigned(request);
  });
  const Outcome run = LmpAsked({"assign", "bakery"}, "mail\n25\n\ny\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("This changed since the preview."));
  EXPECT_EQ(Sent().size(), 4U);
}

TEST_F(DialogTest, WhatIsGivenIsNotAskedFor) {
  const Outcome run = LmpAsked({"assign", "bakery", "mail"}, "25\n\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Sent().back().service_plan(), "servicePlans/mail");
  EXPECT_EQ(LmpAsked({"assign", "bakery", "locked"}, "y\n").exit_code, 9);
  EXPECT_EQ(LmpAsked({"assign", "bakery", "typo"}, "y\n").exit_code, 5);
}

TEST_F(DialogTest, OtherRefusalsEndIt) {
  Answer([](const Request&) -> absl::StatusOr<Response> {
    return client::ServerError(absl::StatusCode::kFailedPrecondition, v1::PLAN_LOCKED, "locked meanwhile");
  });
  const Outcome run = LmpAsked({"assign", "bakery"}, "mail\n25\n\ny\n");
  EXPECT_EQ(run.exit_code, 9);
  EXPECT_THAT(run.err, HasSubstr("PLAN_LOCKED"));
}

TEST_F(DialogTest, LeavingAtAnyQuestionSavesNothing) {
  const std::string answers[] = {"1\n", "suite\n", "t\n", "25\n", "10\n"};
  const std::string too_late = "1\nsuite\nt\n25\n10\ny\ny\n";  // would save if leaving were not the end
  std::string typed;
  for (const std::string& answer : answers) {
    for (const std::string& leave : {std::string(), "q\n" + too_late, "Q\n" + too_late}) {
      const Outcome run = LmpAsked({"assign"}, typed + leave);
      EXPECT_EQ(run.exit_code, 0) << typed << run.err;
      EXPECT_THAT(run.out, EndsWith("Nothing was saved.\n"));
    }
    typed += answer;
  }
  EXPECT_TRUE(NothingSaved());
}

TEST_F(DialogTest, OnlyYesSaves) {
  for (const std::string answer : {"", "\n", "n\n", "no\n", "yep\n", "q\n"}) {
    const Outcome run = LmpAsked({"assign", "bakery"}, "mail\n25\n\n" + answer);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out, EndsWith("Nothing was saved.\n"));
  }
  EXPECT_EQ(Sent().size(), 6U);
  EXPECT_TRUE(NothingSaved());
}

TEST_F(DialogTest, DryRunEndsAfterThePreview) {
  const Outcome run = LmpAsked({"assign", "bakery", "--dry-run"}, "mail\n25\n\ny\n");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, Not(HasSubstr("Save?")));
  EXPECT_TRUE(NothingSaved());
}

TEST_F(DialogTest, WithJsonOnlyTheResultIsOnStdout) {
  const Outcome run = LmpAsked({"assign", "bakery", "-o", "json"}, "mail\n25\n\ny\n");
  EXPECT_EQ(run.out.front(), '{');
  EXPECT_THAT(run.err, HasSubstr("Save? [y/N]"));
}

TEST_F(DialogTest, FlagsWithoutAPlanAreAUsageError) {
  const Outcome run = LmpAsked({"assign", "bakery", "--units", "5"}, "mail\n");
  EXPECT_EQ(run.exit_code, 64);
  EXPECT_TRUE(server_.seen().empty());
}

TEST_F(DialogTest, AnUnknownCustomerOnTheCommandLineIsAnError) {
  EXPECT_EQ(LmpAsked({"assign", "nobody"}, "1\n").exit_code, 5);
}

}  // namespace
}  // namespace lmp::cli
