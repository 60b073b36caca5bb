// What an answer looks like to a person: values, not lengths; what was, and what is; and that nothing is cut in
// silence.
#include <fstream>
#include <sstream>

#include "client/cli/cli.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/client/cli/cli_fixture.h"
#include "tests/client/error_samples.h"

namespace lmp::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

void AddField(v1::Change& change, const std::string& name, const std::string& before, const std::string& after) {
  v1::FieldChange& field = *change.add_fields();
  field.set_field(name);
  field.set_before(before);
  field.set_after(after);
}

class OutputTest : public CliTest {
 protected:
  OutputTest() {
    event_.set_name("events/7");
    event_.mutable_event_time()->set_seconds(1'795'497'360);
    event_.set_actor("ada");
    event_.mutable_change()->set_event_kind("SUBSCRIPTION_UPDATED");
    event_.mutable_change()->set_resource("customers/bakery/subscriptions/s1");
    AddField(*event_.mutable_change(), "auto_renewal", "true", "");
    AddField(*event_.mutable_change(), "pending_changes", "", "2");
    AddField(*event_.mutable_change(), "expiration_date", "", R"({"year":2027,"month":1,"day":31})");
  }
  void ServeCustomer(const v1::Customer& customer) {
    v1::ListCustomersResponse page;
    *page.add_customers() = customer;
    server_.Always<v1::ListCustomersRequest, v1::ListCustomersResponse>("ListCustomers", page);
    server_.Always<v1::GetCustomerRequest, v1::Customer>("GetCustomer", customer);
  }
  void ServeSubscription(v1::Subscription::State state) {
    v1::Subscription subscription;
    subscription.set_name("customers/bakery/subscriptions/s1");
    subscription.set_state(state);
    subscription.set_auto_renewal(true);
    *subscription.mutable_expiration_date() = Date(2027, 1, 31);
    *subscription.add_licenses() = License("customers/bakery/licenses/l1", "products/cas", 25, 2027);
    *subscription.add_licenses() = License("customers/bakery/licenses/l2", "products/hes", 40, 2027);
    v1::ListSubscriptionsResponse page;
    *page.add_subscriptions() = subscription;
    server_.Always<v1::ListSubscriptionsRequest, v1::ListSubscriptionsResponse>("ListSubscriptions", page);
    server_.Always<v1::GetSubscriptionRequest, v1::Subscription>("GetSubscription", subscription);
  }
  // Runs with standard output on a full disk.
  Outcome LmpOnAFullDisk(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--server", server_.address()});
    std::istringstream in;
    std::ofstream out("/dev/full");
    std::ostringstream err;
    const int exit_code = RunCli(arguments, {.in = in, .out = out, .err = err, .interactive = false});
    return {.exit_code = exit_code, .out = "", .err = err.str()};
  }

  v1::Event event_;
};

TEST_F(OutputTest, TablesShowWhatIsInAList) {
  v1::ListScheduledChangesResponse changes;
  v1::ScheduledChange& change = *changes.add_scheduled_changes();
  change.set_name("customers/bakery/scheduledChanges/x1");
  change.add_units()->set_product("products/cas");
  change.mutable_units(0)->set_units(60);
  change.set_state(v1::ScheduledChange::PENDING);
  server_.Always<v1::ListScheduledChangesRequest, v1::ListScheduledChangesResponse>("ListScheduledChanges", changes);
  const Outcome run = Lmp({"subscription", "changes", "bakery/-"});
  EXPECT_THAT(run.out, HasSubstr("cas=60"));
  EXPECT_THAT(run.out, Not(ContainsRegex("  no( |\n)"))) << "auto_renewal is not set, so it stays as it is";
  ServeSubscription(v1::Subscription::ACTIVE);
  EXPECT_THAT(Lmp({"subscription", "list", "bakery"}).out, HasSubstr("cas=25, hes=40"));
  EXPECT_THAT(Lmp({"subscription", "list", "bakery"}).out, HasSubstr("2027-01-31"));
}

TEST_F(OutputTest, AZeroIsAValueAndWhatIsNotSetIsNone) {
  v1::LicensePool pool;
  pool.set_name("partners/msp/licensePools/cas");
  v1::ListLicensePoolsResponse pools;
  *pools.add_license_pools() = pool;
  server_.Always<v1::ListLicensePoolsRequest, v1::ListLicensePoolsResponse>("ListLicensePools", pools);
  server_.Always<v1::GetLicensePoolRequest, v1::LicensePool>("GetLicensePool", pool);
  EXPECT_THAT(Lmp({"pool", "list"}).out, ContainsRegex("partners/msp/licensePools/cas +0 +0 +0"));
  EXPECT_THAT(Lmp({"pool", "get", "msp/cas"}).out, ContainsRegex("assigned_units +0\n"));
}

TEST_F(OutputTest, ExplanationsAreInWordsNotInJson) {
  v1::ExplainLicenseResponse response;
  *response.mutable_license() = License("customers/bakery/licenses/l1", "products/cas", 25, 2027);
  auto& explanation = *response.add_explanations();
  explanation.set_field("expiration_date");
  explanation.set_value(R"({"year":2027,"month":11,"day":24})");
  explanation.set_rule("the plan's term");
  auto& state = *response.add_explanations();
  state.set_field("state");
  state.set_value("\"ACTIVE\"");
  server_.Always<v1::ExplainLicenseRequest, v1::ExplainLicenseResponse>("ExplainLicense", response);
  const Outcome run = Lmp({"license", "explain", "bakery/l1"});
  EXPECT_THAT(run.out, ContainsRegex("expiration_date +2027-11-24 +the plan's term"));
  EXPECT_THAT(run.out, Not(HasSubstr("\"")));
  EXPECT_THAT(run.out, Not(HasSubstr("{")));
}

TEST_F(OutputTest, EventsShowWhatWasBeforeAndAfter) {
  v1::ListEventsResponse page;
  *page.add_events() = event_;
  server_.Always<v1::ListEventsRequest, v1::ListEventsResponse>("ListEvents", page);
  server_.Always<v1::GetEventRequest, v1::Event>("GetEvent", event_);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"event", "get", "7"}, std::vector<std::string>{"event", "list", "bakery"}}) {
    const Outcome run = Lmp(command);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("auto_renewal: yes → no, pending_changes: 0 → 2, "
                                   "expiration_date: (none) → 2027-01-31"));
    for (const char* part :
         {"2026-11-24T05:16:00Z", "ada", "SUBSCRIPTION_UPDATED", "events/7", "customers/bakery/subscriptions/s1"}) {
      EXPECT_THAT(run.out, HasSubstr(part));
    }
  }
}

TEST_F(OutputTest, OnATerminalAChangeShowsWhatItChanged) {
  const v1::Customer customer = Customer("customers/bakery", "The Bakery");
  server_.Always<v1::DisableCustomerRequest, v1::Customer>("DisableCustomer", customer);
  v1::ListEventsResponse page;
  *page.add_events() = event_;
  server_.Always<v1::ListEventsRequest, v1::ListEventsResponse>("ListEvents", page);
  const std::vector<std::string> command = {"customer", "disable", "bakery", "--request-id", "id-1"};
  EXPECT_THAT(LmpOnTerminal(command, 120).out, HasSubstr("\nchanged:\n~ customers/bakery/subscriptions/s1  "));
  const auto request = server_.Requests<v1::ListEventsRequest>("ListEvents").at(0);
  EXPECT_EQ(request.parent(), "customers/bakery");
  EXPECT_EQ(request.filter(), "request_id = \"id-1\"");
  EXPECT_THAT(Lmp(command).out, Not(HasSubstr("changed:")));
  EXPECT_EQ(server_.Requests<v1::ListEventsRequest>("ListEvents").size(), 1U);
  server_.Always<v1::ListEventsRequest, v1::ListEventsResponse>("ListEvents", absl::InternalError("no"));
  const Outcome run = LmpOnTerminal(command, 120);
  EXPECT_EQ(run.exit_code, 0) << "the change is made";
  EXPECT_EQ(run.err, "");
}

TEST_F(OutputTest, AnEventOrAPreviewThatChangesNothingSaysSo) {
  event_.mutable_change()->clear_fields();
  server_.Always<v1::GetEventRequest, v1::Event>("GetEvent", event_);
  EXPECT_THAT(Lmp({"event", "get", "7"}).out, HasSubstr("no field that is shown"));
  server_.Always<v1::UpdateSubscriptionRequest, v1::SubscriptionChangeResponse>("UpdateSubscription",
                                                                                v1::SubscriptionChangeResponse());
  EXPECT_THAT(Lmp({"subscription", "update", "bakery/s1", "--expiration-notice-days", "30", "--dry-run"}).out,
              HasSubstr("changes: none"));
}

TEST_F(OutputTest, WhatIsDeletedOrEndedSaysSo) {
  v1::Customer customer = Customer("customers/bakery", "The Bakery");
  customer.mutable_delete_time()->set_seconds(1'795'497'360);
  ServeCustomer(customer);
  EXPECT_THAT(Lmp({"customer", "list", "--show-deleted"}).out, HasSubstr("DELETED\n"));
  EXPECT_THAT(Lmp({"customer", "get", "bakery"}).out, ContainsRegex("state +DELETED\n"));
  for (const auto state : {v1::Subscription::DISABLED, v1::Subscription::UNBUNDLED}) {
    ServeSubscription(state);
    EXPECT_THAT(Lmp({"subscription", "list", "bakery"}).out, Not(HasSubstr("yes")));
    EXPECT_THAT(Lmp({"subscription", "get", "bakery/s1"}).out, ContainsRegex("auto_renewal +no\n"));
  }
  ServeSubscription(v1::Subscription::ACTIVE);
  EXPECT_THAT(Lmp({"subscription", "list", "bakery"}).out, HasSubstr("yes"));
}

TEST_F(OutputTest, OfManyThatMatchNothingIsSaidAndIsNotSuccess) {
  v1::BatchUpdateSubscriptionsResponse response;
  const auto serve = [&] {
    server_.Always<v1::BatchUpdateSubscriptionsRequest, v1::BatchUpdateSubscriptionsResponse>(
        "BatchUpdateSubscriptions", response);
  };
  serve();
  Outcome run = Lmp({"subscription", "cancel-all", "bakery", "--product", "cas"});
  EXPECT_EQ(run.exit_code, 5);
  EXPECT_THAT(run.err, HasSubstr("no running subscription of customers/bakery matches: nothing was changed"));
  auto& skipped = *response.add_skipped();
  skipped.set_subscription("customers/bakery/subscriptions/s1");
  skipped.mutable_error()->set_message("it does not renew");
  serve();
  run = Lmp({"subscription", "suspend-all", "bakery"});
  EXPECT_EQ(run.exit_code, 9);
  EXPECT_THAT(run.out, HasSubstr("it does not renew"));
  EXPECT_THAT(run.err, HasSubstr("all 1 that match were left as they are: nothing was changed"));
  response.add_results()->mutable_subscription()->set_name("customers/bakery/subscriptions/s2");
  serve();
  run = Lmp({"subscription", "suspend-all", "bakery"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, HasSubstr("1 done, 1 left as they are"));
}

TEST_F(OutputTest, JsonShowsOnlyWhatTheReadMaskAskedFor) {
  v1::Customer customer = Customer("customers/bakery", "The Bakery");
  customer.mutable_contact()->set_email("ada@bakery.example");
  ServeCustomer(customer);
  const auto fields = [&](const std::string& mask) {
    google::protobuf::Struct json;
    const Outcome run = Lmp({"customer", "get", "bakery", "--read-mask", mask, "-o", "json"});
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(run.out, &json).ok()) << run.out << run.err;
    return json.fields();
  };
  EXPECT_EQ(fields("name,external_id").size(), 2U);
  EXPECT_TRUE(fields("name,external_id").contains("external_id")) << "asked for, though it is empty";
  EXPECT_EQ(fields("contact.email").at("contact").struct_value().fields().size(), 1U);
  EXPECT_GT(fields("*").size(), 10U);
  const Outcome list = Lmp({"customer", "list", "--read-mask", "name", "-o", "json"});
  EXPECT_THAT(list.out, Not(HasSubstr("state")));
  EXPECT_THAT(Lmp({"customer", "list", "--read-mask", "city,name"}).out,
              HasSubstr("CITY  NAME\nBonn  customers/bakery\n"));
}

TEST_F(OutputTest, SpreadsheetsGetEveryFieldWithIsoDates) {
  v1::ListLicensesResponse page;
  *page.add_licenses() = License("customers/bakery/licenses/l1", "products/cas", 25, 2027);
  server_.Always<v1::ListLicensesRequest, v1::ListLicensesResponse>("ListLicenses", page);
  Outcome run = Lmp({"license", "list", "-o", "csv"});
  EXPECT_THAT(run.out, StartsWith("name,product,product_kind,unit,units,used_units,"));
  EXPECT_THAT(run.out, HasSubstr("\r\ncustomers/bakery/licenses/l1,products/cas,,USER,25,,no,2026-11-24,2027-11-24,"));
  v1::Customer customer = Customer("customers/bakery", "=1+1");
  customer.set_city("Bonn, \"am Rhein\"");
  customer.mutable_contact()->set_email("ada@bakery.example");
  ServeCustomer(customer);
  run = Lmp({"customer", "list", "-o", "csv", "--read-mask", "display_name,city,contact.email"});
  EXPECT_EQ(run.out, "display_name,city,contact.email\r\n'=1+1,\"Bonn, \"\"am Rhein\"\"\",ada@bakery.example\r\n");
  run = Lmp({"customer", "get", "bakery", "-o", "csv", "--read-mask", "city"});
  EXPECT_EQ(run.out, "city\r\n\"Bonn, \"\"am Rhein\"\"\"\r\n");
}

TEST_F(OutputTest, AnEmptyListIsSaidAndAFilterExplained) {
  server_.Always<v1::ListLicensesRequest, v1::ListLicensesResponse>("ListLicenses", v1::ListLicensesResponse());
  const Outcome run = Lmp({"license", "list", "--filter", "product = cas AND units > 5"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, "(none)\nhint: a filter wants whole names: product = products/cas\n");
  EXPECT_EQ(Lmp({"license", "list", "-o", "json"}).out, "[]\n");
}

TEST_F(OutputTest, NoLicenseOfAProductThatDoesNotExistIsAnError) {
  v1::CheckLicenseResponse no;
  no.set_reason(v1::CheckLicenseResponse::NO_LICENSE);
  server_.Always<v1::CheckLicenseRequest, v1::CheckLicenseResponse>("CheckLicense", no);
  server_.On<v1::GetProductRequest, v1::Product>(
      "GetProduct", [](const v1::GetProductRequest& request) -> absl::StatusOr<v1::Product> {
        if (request.name() == "products/cas") return v1::Product();
        return client::ServerError(absl::StatusCode::kNotFound, v1::PRODUCT_NOT_FOUND, "there is no " + request.name());
      });
  Outcome run = Lmp({"license", "check", "bakery", "cas"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("NO_LICENSE"));
  run = Lmp({"license", "check", "bakery", "typo"});
  EXPECT_EQ(run.exit_code, 5);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("there is no products/typo"));
}

TEST_F(OutputTest, AFullDiskIsNoSuccess) {
  ServeCustomer(Customer("customers/bakery", "The Bakery"));
  const std::vector<std::vector<std::string>> commands = {
      {"customer", "list"}, {"customer", "list", "-o", "json"},          {"customer", "get", "bakery"}, {"--help"},
      {"--version"},        {"customer", "get", "bakery", "-o", "json"}, {"customer", "--help"}};
  for (const auto& command : commands) {
    const Outcome run = LmpOnAFullDisk(command);
    EXPECT_EQ(run.exit_code, 74) << testing::PrintToString(command);
    EXPECT_THAT(run.err, HasSubstr("error: the output could not be written"));
  }
  server_.Always<v1::DisableCustomerRequest, v1::Customer>("DisableCustomer",
                                                           Customer("customers/bakery", "The Bakery"));
  const Outcome run = LmpOnAFullDisk({"customer", "disable", "bakery", "--request-id", "id-1"});
  EXPECT_EQ(run.exit_code, 74);
  EXPECT_THAT(run.err,
              HasSubstr("The change was made. The same command with --request-id id-1 shows its answer again."));
}

TEST_F(OutputTest, AHintFitsItsCommand) {
  const absl::Status exhausted =
      client::ServerError(absl::StatusCode::kFailedPrecondition, v1::POOL_EXHAUSTED, "25 are assigned already");
  server_.Always<v1::AddLicensePoolUnitsRequest, v1::LicensePool>("AddLicensePoolUnits", exhausted);
  server_.Always<v1::RenewSubscriptionRequest, v1::SubscriptionChangeResponse>("RenewSubscription", exhausted);
  const Outcome added = Lmp({"pool", "add", "msp/cas", "--units", "5"});
  EXPECT_THAT(added.err, HasSubstr("hint: add at least as many --units as are assigned already"));
  EXPECT_THAT(added.err, Not(HasSubstr("fewer")));
  EXPECT_THAT(Lmp({"subscription", "renew", "bakery/s1"}).err, Not(HasSubstr("--units"))) << "it has no such flag";
}

}  // namespace
}  // namespace lmp::cli
