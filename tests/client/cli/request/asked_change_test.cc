// What ends things for good is asked for on a terminal, after it was shown, and never elsewhere.
#include "tests/client/cli/cli_fixture.h"
#include "tests/client/error_samples.h"

namespace lmp::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

using Request = v1::BatchUpdateSubscriptionsRequest;
using Response = v1::BatchUpdateSubscriptionsResponse;

class AskedChangeTest : public CliTest {
 protected:
  AskedChangeTest() {
    Serve([](const Request& request) -> absl::StatusOr<Response> {
      Response response;
      response.add_results()->mutable_subscription()->set_name("customers/bakery/subscriptions/s1");
      if (request.validate_only()) {
        v1::Change& change = *response.add_changes();
        change.set_resource("customers/bakery/subscriptions/s1");
        change.set_event_kind("SUBSCRIPTION_CANCELED");
      }
      return response;
    });
    server_.Always<v1::DeleteCustomerRequest, v1::Customer>("DeleteCustomer",
                                                            Customer("customers/bakery", "The Bakery"));
  }
  void Serve(std::function<absl::StatusOr<Response>(const Request&)> answer) {
    server_.On<Request, Response>("BatchUpdateSubscriptions", std::move(answer));
  }
  std::vector<Request> Sent() { return server_.Requests<Request>("BatchUpdateSubscriptions"); }

  const std::vector<std::string> kCancelAll = {"subscription", "cancel-all", "bakery"};
};

TEST_F(AskedChangeTest, AYesSendsWhatWasShown) {
  const Outcome run = LmpAsked(kCancelAll, "y\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("~ customers/bakery/subscriptions/s1  [SUBSCRIPTION_CANCELED]"));
  EXPECT_THAT(run.err, HasSubstr("Go on? [y/N]"));
  EXPECT_THAT(run.out, Not(HasSubstr("Go on?"))) << "standard output is for the answer alone";
  ASSERT_EQ(Sent().size(), 2U);
  EXPECT_TRUE(Sent()[0].validate_only());
  EXPECT_FALSE(Sent()[1].validate_only());
  EXPECT_NE(Sent()[0].request_id(), Sent()[1].request_id());
}

TEST_F(AskedChangeTest, AnythingElseChangesNothing) {
  for (const char* typed : {"", "\n", "n\n", "q\n", "perhaps\nno\n"}) {
    const Outcome run = LmpAsked(kCancelAll, typed);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.err, HasSubstr("Nothing was changed."));
  }
  for (const Request& request : Sent()) EXPECT_TRUE(request.validate_only());
}

TEST_F(AskedChangeTest, WhatMatchesNothingIsNotAskedFor) {
  Serve([](const Request&) { return Response(); });
  const Outcome run = LmpAsked(kCancelAll, "y\n");
  EXPECT_EQ(run.exit_code, 5);
  EXPECT_THAT(run.err, Not(HasSubstr("Go on?")));
}

TEST_F(AskedChangeTest, NothingIsAskedElsewhereNorWithYes) {
  EXPECT_EQ(Lmp(kCancelAll).exit_code, 0);
  EXPECT_EQ(LmpAsked({"subscription", "cancel-all", "bakery", "--yes"}, "").exit_code, 0);
  EXPECT_EQ(LmpAsked({"subscription", "cancel-all", "bakery", "--dry-run"}, "").exit_code, 0);
  ASSERT_EQ(Sent().size(), 3U);
  EXPECT_FALSE(Sent()[0].validate_only());
  EXPECT_FALSE(Sent()[1].validate_only());
  EXPECT_TRUE(Sent()[2].validate_only());
}

TEST_F(AskedChangeTest, ADeletionIsAskedForIfItIsForced) {
  EXPECT_EQ(LmpAsked({"customer", "delete", "bakery"}, "").exit_code, 0);
  EXPECT_EQ(server_.Requests<v1::DeleteCustomerRequest>("DeleteCustomer").size(), 1U);
  EXPECT_THAT(LmpAsked({"customer", "delete", "bakery", "--force"}, "n\n").err, HasSubstr("Nothing was changed."));
  EXPECT_TRUE(server_.Requests<v1::DeleteCustomerRequest>("DeleteCustomer").back().validate_only());
}

TEST_F(AskedChangeTest, WhatChangedSinceThePreviewIsShownAndAskedForAgain) {
  int refusals = 1;
  Serve([&](const Request& request) -> absl::StatusOr<Response> {
    if (!request.validate_only() && refusals-- > 0) {
      return client::ServerError(absl::StatusCode::kAborted, v1::PREVIEW_CHANGED, "not that any more");
    }
    Response response;
    response.add_results()->mutable_subscription()->set_name("customers/bakery/subscriptions/s1");
    response.set_preview_token(refusals == 1 ? "first" : "second");
    return response;
  });
  const Outcome run = LmpAsked(kCancelAll, "y\ny\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("This changed since the preview."));
  ASSERT_EQ(Sent().size(), 4U);
  EXPECT_EQ(Sent()[1].preview_token(), "first");
  EXPECT_EQ(Sent()[2].preview_token(), "");
  EXPECT_EQ(Sent()[3].preview_token(), "second");
}

}  // namespace
}  // namespace lmp::cli
