#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/client/cli/cli_fixture.h"
#include "tests/client/error_samples.h"

namespace lmp::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The RPC echoes the resource of the request.
absl::StatusOr<v1::Customer> EchoCreated(const v1::CreateCustomerRequest& request) {
  v1::Customer customer = request.customer();
  customer.set_name("customers/" + request.customer_id());
  return customer;
}

class CommandTest : public CliTest {
 protected:
  void EchoUpdates() {
    server_.On<v1::UpdateCustomerRequest, v1::Customer>(
        "UpdateCustomer", [](const v1::UpdateCustomerRequest& request) { return request.customer(); });
  }
  v1::UpdateCustomerRequest UpdateRequest() {
    return server_.Requests<v1::UpdateCustomerRequest>("UpdateCustomer").at(0);
  }
  // `count` customers c1, c2, …, page_size a page.
  void ServeCustomers(int count) {
    const auto list = [count](const v1::ListCustomersRequest& request) -> absl::StatusOr<v1::ListCustomersResponse> {
      v1::ListCustomersResponse page;
      int next = request.page_token().empty() ? 1 : std::stoi(request.page_token());
      while (next <= count && page.customers_size() < request.page_size()) {
        *page.add_customers() = Customer("customers/c" + std::to_string(next++), "Bäckerei");
      }
      if (next <= count) page.set_next_page_token(std::to_string(next));
      return page;
    };
    server_.On<v1::ListCustomersRequest, v1::ListCustomersResponse>("ListCustomers", list);
  }
};

TEST_F(CommandTest, CreateSendsIdFlagsAndChangeFlags) {
  server_.On<v1::CreateCustomerRequest, v1::Customer>("CreateCustomer", EchoCreated);
  const Outcome run = Lmp({"customer", "create", "bakery", "--partner", "msp", "--display-name", "The Bakery",
                           "--contact-email=ada@b.example", "--annotations", "a=1", "--annotations", "b=2",
                           "--request-id", "id-1", "--dry-run", "--reason", "new deal"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("name           customers/bakery\n"));
  EXPECT_EQ(run.err, "(preview: nothing was saved)\n");
  const auto request = server_.Requests<v1::CreateCustomerRequest>("CreateCustomer").at(0);
  EXPECT_EQ(request.customer_id(), "bakery");
  EXPECT_EQ(request.customer().partner(), "partners/msp");
  EXPECT_EQ(request.customer().contact().email(), "ada@b.example");
  EXPECT_EQ(request.customer().annotations().at("b"), "2");
  EXPECT_EQ(request.request_id(), "id-1");
  EXPECT_TRUE(request.validate_only());
  EXPECT_THAT(server_.seen().at(0).metadata, testing::Contains(testing::Pair("lmp-reason", "new deal")));
}

TEST_F(CommandTest, CreateTakesAFullNameAndNone) {
  server_.On<v1::CreateCustomerRequest, v1::Customer>("CreateCustomer", EchoCreated);
  EXPECT_EQ(Lmp({"customer", "create", "customers/bakery"}).exit_code, 0);
  EXPECT_EQ(Lmp({"customer", "create", "--city", "Bonn"}).exit_code, 0);
  const auto requests = server_.Requests<v1::CreateCustomerRequest>("CreateCustomer");
  EXPECT_EQ(requests.at(0).customer_id(), "bakery");
  EXPECT_EQ(requests.at(1).customer_id(), "");
  EXPECT_FALSE(requests.at(1).request_id().empty());
}

TEST_F(CommandTest, UpdateMasksExactlyTheFlagsGiven) {
  EchoUpdates();
  const Outcome run = Lmp({"customer", "update", "bakery", "--city", "Cologne", "--note", "", "--contact-given-name",
                           "Ada", "--etag", "7"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(UpdateRequest().customer().name(), "customers/bakery");
  EXPECT_EQ(UpdateRequest().customer().etag(), "7");
  EXPECT_THAT(UpdateRequest().update_mask().paths(), ElementsAre("city", "note", "contact.given_name"));
}

TEST_F(CommandTest, UpdateWithoutFlagsIsAUsageError) {
  const Outcome run = Lmp({"customer", "update", "bakery"});
  EXPECT_EQ(run.exit_code, 64);
  EXPECT_THAT(run.err, HasSubstr("nothing to change"));
  EXPECT_TRUE(server_.seen().empty());
}

TEST_F(CommandTest, BooleanFlagsNeedNoValueAndTakeOne) {
  server_.On<v1::UpdateServicePlanRequest, v1::ServicePlan>(
      "UpdateServicePlan", [](const v1::UpdateServicePlanRequest& request) { return request.service_plan(); });
  EXPECT_EQ(Lmp({"plan", "update", "--auto-renewal", "p1"}).exit_code, 0);
  EXPECT_EQ(Lmp({"plan", "update", "p1", "--auto-renewal=false"}).exit_code, 0);
  EXPECT_EQ(Lmp({"plan", "update", "p1", "--no-auto-renewal"}).exit_code, 0);
  const auto requests = server_.Requests<v1::UpdateServicePlanRequest>("UpdateServicePlan");
  EXPECT_TRUE(requests.at(0).service_plan().auto_renewal());
  EXPECT_FALSE(requests.at(1).service_plan().auto_renewal());
  EXPECT_FALSE(requests.at(2).service_plan().auto_renewal());
  EXPECT_THAT(requests.at(2).update_mask().paths(), ElementsAre("auto_renewal"));
}

TEST_F(CommandTest, PlanVersionIsAFieldThereAndTheProgramsElsewhere) {
  server_.On<v1::CreateServicePlanRequest, v1::ServicePlan>(
      "CreateServicePlan", [](const v1::CreateServicePlanRequest& request) { return request.service_plan(); });
  EXPECT_EQ(Lmp({"plan", "create", "t1", "--version", "trial", "--product", "cas"}).exit_code, 0);
  const auto request = server_.Requests<v1::CreateServicePlanRequest>("CreateServicePlan").at(0);
  EXPECT_EQ(request.service_plan().version(), v1::ServicePlan::TRIAL);
  EXPECT_EQ(request.service_plan().product(), "products/cas");
  EXPECT_THAT(Lmp({"--version"}).out, StartsWith("lmp "));
}

TEST_F(CommandTest, ListFetchesAllPagesIntoOneTable) {
  ServeCustomers(5);
  const Outcome run = Lmp({"customer", "list", "--page-size", "2"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, StartsWith("NAME          DISPLAY NAME  CITY  COUNTRY  PARTNER       STATE\n"
                                  "customers/c1  Bäckerei      Bonn  DE       partners/msp  ENABLED\n"));
  EXPECT_THAT(run.out, HasSubstr("customers/c5"));
  EXPECT_EQ(server_.seen().size(), 3U);
}

TEST_F(CommandTest, ListStopsAtItsLimit) {
  ServeCustomers(5000);
  const Outcome run = Lmp({"customer", "list", "--limit", "1500", "-o", "json"});
  EXPECT_THAT(run.out, HasSubstr("\"customers/c1500\""));
  EXPECT_THAT(run.out, Not(HasSubstr("\"customers/c1501\"")));
  EXPECT_EQ(server_.seen().size(), 2U);
  EXPECT_EQ(Lmp({"customer", "list", "--limit", "0", "-o", "json"}).out, "[]\n");
}

TEST_F(CommandTest, JsonListsAreOneArray) {
  ServeCustomers(3);
  const Outcome run = Lmp({"-o", "json", "customer", "list", "--page-size", "2"});
  google::protobuf::ListValue array;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(run.out, &array).ok()) << run.out;
  ASSERT_EQ(array.values_size(), 3);
  EXPECT_EQ(array.values(2).struct_value().fields().at("display_name").string_value(), "Bäckerei");
}

TEST_F(CommandTest, ListTakesTheRequestsOwnFields) {
  ServeCustomers(1);
  EXPECT_EQ(Lmp({"customer", "list", "--show-deleted"}).exit_code, 0);
  EXPECT_TRUE(server_.Requests<v1::ListCustomersRequest>("ListCustomers").at(0).show_deleted());
  EXPECT_EQ(Lmp({"product", "list", "--show-deleted"}).exit_code, 64);
}

TEST_F(CommandTest, CustomersAreFoundByATextBesideAFilter) {
  ServeCustomers(1);
  EXPECT_EQ(Lmp({"customer", "list", "bonn", "--filter", "country = DE"}).exit_code, 0);
  const auto request = server_.Requests<v1::ListCustomersRequest>("ListCustomers").at(0);
  EXPECT_THAT(request.filter(), StartsWith("(country = DE) AND (display_name:\"BONN\""));
}

TEST_F(CommandTest, WhatExpiresSoonIsAFilter) {
  server_.Always<v1::ListLicensesRequest, v1::ListLicensesResponse>("ListLicenses", v1::ListLicensesResponse());
  EXPECT_EQ(Lmp({"license", "list", "--expires-in", "30d"}).exit_code, 0);
  EXPECT_THAT(server_.Requests<v1::ListLicensesRequest>("ListLicenses").at(0).filter(),
              StartsWith("expiration_date >= 20"));
  EXPECT_EQ(Lmp({"license", "list", "--expires-in", "soon"}).exit_code, 64);
}

TEST_F(CommandTest, LicensesAreListedOfOneCustomerOrAll) {
  server_.Always<v1::ListLicensesRequest, v1::ListLicensesResponse>("ListLicenses", v1::ListLicensesResponse());
  EXPECT_EQ(Lmp({"license", "list"}).exit_code, 0);
  EXPECT_EQ(Lmp({"license", "list", "bakery"}).exit_code, 0);
  const auto requests = server_.Requests<v1::ListLicensesRequest>("ListLicenses");
  EXPECT_EQ(requests.at(0).parent(), "customers/-");
  EXPECT_EQ(requests.at(1).parent(), "customers/bakery");
}

TEST_F(CommandTest, NestedNamesMayBeShort) {
  server_.Always<v1::GetLicenseRequest, v1::License>("GetLicense", v1::License());
  EXPECT_EQ(Lmp({"license", "get", "bakery/l1"}).exit_code, 0);
  EXPECT_EQ(server_.Requests<v1::GetLicenseRequest>("GetLicense").at(0).name(), "customers/bakery/licenses/l1");
}

TEST_F(CommandTest, AnIdMayBeGivenByItsEndAsNarrowTablesShowIt) {
  server_.Always<v1::GetLicenseRequest, v1::License>("GetLicense", v1::License());
  v1::ListLicensesResponse found;
  found.add_licenses()->set_name("customers/bakery/licenses/01m8p5s34fe0sgb4ya0cbcck81");
  server_.Always<v1::ListLicensesRequest, v1::ListLicensesResponse>("ListLicenses", found);
  EXPECT_EQ(Lmp({"license", "get", "bakery/…bcck81"}).exit_code, 0);
  EXPECT_EQ(server_.Requests<v1::ListLicensesRequest>("ListLicenses").at(0).parent(), "customers/bakery");
  EXPECT_EQ(server_.Requests<v1::ListLicensesRequest>("ListLicenses").at(0).filter(), "name = \"*bcck81\"");
  EXPECT_EQ(server_.Requests<v1::GetLicenseRequest>("GetLicense").at(0).name(),
            "customers/bakery/licenses/01m8p5s34fe0sgb4ya0cbcck81");
  EXPECT_EQ(Lmp({"license", "get", "bakery/..bcck81"}).exit_code, 0);
  found.add_licenses()->set_name("customers/bakery/licenses/01m8p5s34fe0sgb4ya1cbcck81");
  server_.Always<v1::ListLicensesRequest, v1::ListLicensesResponse>("ListLicenses", found);
  EXPECT_EQ(Lmp({"license", "get", "bakery/…bcck81"}).exit_code, 64);
  server_.Always<v1::ListLicensesRequest, v1::ListLicensesResponse>("ListLicenses", v1::ListLicensesResponse());
  EXPECT_EQ(Lmp({"license", "get", "bakery/…bcck81"}).exit_code, 5);
}

TEST_F(CommandTest, APlanOrProductOfTheCustomerMayStandForAnId) {
  server_.On<v1::RenewSubscriptionRequest, v1::SubscriptionChangeResponse>(
      "RenewSubscription",
      [](const v1::RenewSubscriptionRequest& request) -> absl::StatusOr<v1::SubscriptionChangeResponse> {
        if (request.name() == "customers/bakery/subscriptions/s1") return v1::SubscriptionChangeResponse();
        return client::ServerError(absl::StatusCode::kNotFound, v1::SUBSCRIPTION_NOT_FOUND, "no " + request.name());
      });
  v1::ListSubscriptionsResponse found;
  server_.On<v1::ListSubscriptionsRequest, v1::ListSubscriptionsResponse>(
      "ListSubscriptions", [&](const v1::ListSubscriptionsRequest& request) {
        const bool is_by_product = request.filter().find("licenses.product = \"products/cas\"") == 0;
        return is_by_product ? found : v1::ListSubscriptionsResponse();
      });
  EXPECT_EQ(Lmp({"subscription", "renew", "bakery/cas"}).exit_code, 5);
  found.add_subscriptions()->set_name("customers/bakery/subscriptions/s1");
  EXPECT_EQ(Lmp({"subscription", "renew", "bakery/cas"}).exit_code, 0);
  EXPECT_EQ(server_.Requests<v1::RenewSubscriptionRequest>("RenewSubscription").back().name(),
            "customers/bakery/subscriptions/s1");
  found.add_subscriptions()->set_name("customers/bakery/subscriptions/s2");
  const Outcome run = Lmp({"subscription", "renew", "bakery/cas"});
  EXPECT_EQ(run.exit_code, 64);
  EXPECT_THAT(run.err, HasSubstr("customers/bakery/subscriptions/s1, customers/bakery/subscriptions/s2"));
}

TEST_F(CommandTest, CheckSaysWhetherAndWhyNot) {
  v1::CheckLicenseResponse response;
  response.set_reason(v1::CheckLicenseResponse::EXPIRED);
  *response.mutable_expiration_date() = Date(2026, 1, 31);
  server_.Always<v1::CheckLicenseRequest, v1::CheckLicenseResponse>("CheckLicense", response);
  const Outcome run = Lmp({"license", "check", "bakery", "cas"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out,
            "usable           no\nreason           EXPIRED\nunits            0\nexpiration_date  2026-01-31\n");
  EXPECT_EQ(server_.Requests<v1::CheckLicenseRequest>("CheckLicense").at(0).product(), "products/cas");
}

TEST_F(CommandTest, AssignablePlansAreATable) {
  v1::ListAssignableServicePlansResponse response;
  v1::AssignableServicePlan* plan = response.add_plans();
  plan->mutable_service_plan()->set_name("servicePlans/p1");
  plan->set_assignability(v1::AssignableServicePlan::NOT_ASSIGNABLE);
  plan->set_reason(v1::PLAN_LOCKED);
  plan->set_explanation("its suite changed");
  server_.Always<v1::ListAssignableServicePlansRequest, v1::ListAssignableServicePlansResponse>(
      "ListAssignableServicePlans", response);
  const Outcome run = Lmp({"plan", "assignable", "bakery"});
  EXPECT_THAT(run.out, HasSubstr("servicePlans/p1  0       NOT_ASSIGNABLE   PLAN_LOCKED  its suite changed"));
}

TEST_F(CommandTest, ReplaysAreSaidOnStderr) {
  server_.On<v1::CreateCustomerRequest, v1::Customer>("CreateCustomer", EchoCreated);
  server_.SetReplayed();
  const Outcome run = Lmp({"customer", "create", "bakery", "--request-id", "x", "-o", "json"});
  EXPECT_EQ(run.err, "(replayed: this request was already done)\n");
  EXPECT_THAT(run.out, StartsWith("{"));
}

TEST_F(CommandTest, HelpIsWrittenToStdoutAndShowsExamples) {
  const Outcome run = Lmp({"customer", "create", "--help"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("--contact-given-name TEXT"));
  EXPECT_THAT(run.out, HasSubstr("Example:\n  lmp customer create bakery"));
  EXPECT_EQ(run.err, "");
}

}  // namespace
}  // namespace lmp::cli
