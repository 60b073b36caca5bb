// What one customer may hold is bounded: all of it is read, and kept in mind, for each of its commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/domain/refusal.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::StatusIs;

class CustomerLimitTest : public EngineTest {
 protected:
  CustomerLimitTest() { AddCustomers(2); }

  WriteEngine engine_{
      database_,
      cache_,
      ids_,
      {.clock = [this] { return Now(); },
       .room = {
           .licenses = 3, .licenses_of_product = 2, .licenses_ever = 4, .changes = 3, .changes_of_subscription = 2}}};
};

TEST_F(CustomerLimitTest, MoreLicensesThanACustomerMayHaveAreRefused) {
  EXPECT_THAT(Start(engine_, Assign("customer-1", kSuitePlan, kSuiteUnits)).get(), IsOk());  // three
  const absl::Status status =
      Start(engine_, Assign("customer-1", "wfbs-annual", {{"worry-free-business-security", 5}})).get().status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition)) << status;
  EXPECT_EQ(ReasonOf(status), "CUSTOMER_FULL");
  EXPECT_EQ(domain::RefusalOf(status).resource, "customers/customer-1");
  EXPECT_EQ(domain::RefusalOf(status).metadata.at("limit"), "3");
  EXPECT_THAT(std::string(status.message()), HasSubstr("would have 4"));
  EXPECT_THAT(Start(engine_, AssignService("customer-2")).get(), IsOk());
  EXPECT_EQ(CountOf("licenses"), 4);
  EXPECT_THAT(Violations(), IsEmpty());
}

// What has ended is kept and read, too: however little a customer has at once, it cannot make each of its calls slow.
TEST_F(CustomerLimitTest, WhatHasEndedCountsTowardsWhatACustomerMayEverHave) {
  const auto assign = [&] { return Start(engine_, AssignService("customer-1")).get().status(); };
  for (int round = 0; round < 4; ++round) {
    EXPECT_OK(assign());
    const std::string running = Texts("SELECT subscription_id FROM subscriptions WHERE state = 'ACTIVE'").at(0);
    EXPECT_THAT(Start(engine_, MutationOf(CancelOf("customer-1", running))).get(), IsOk());
  }
  const absl::Status status = assign();
  EXPECT_EQ(ReasonOf(status), "CUSTOMER_FULL") << status;
  EXPECT_EQ(domain::RefusalOf(status).metadata.at("limit"), "4");
  EXPECT_THAT(std::string(status.message()), HasSubstr("with those that have ended"));
  EXPECT_EQ(CountOf("licenses"), 4);
}

// Each that waits is played for each update of its subscription.
TEST_F(CustomerLimitTest, MoreChangesThanASubscriptionMayWaitForAreRefused) {
  EXPECT_THAT(Start(engine_, AssignService("customer-1")).get(), IsOk());
  const auto schedule = [](int count, const std::string& plan = kServicePlan) {
    return [count, plan](model::World& world, const domain::Env& env) {
      const auto of_plan = std::find_if(world.subscriptions.begin(), world.subscriptions.end(),
                                        [&](const auto& entry) { return entry.second.service_plan_id == plan; });
      const model::Subscription& subscription = of_plan->second;
      for (int i = 0; i < count; ++i) {
        model::ScheduledChange change;
        change.customer_id = subscription.customer_id;
        change.change_id = env.ids.NewId(env.now);
        change.subscription_id = subscription.subscription_id;
        change.effective_date = env.today + 1 + i;
        change.renewal_term_months = 3;
        world.scheduled_changes[KeyOf(change)] = change;
      }
      return absl::OkStatus();
    };
  };
  EXPECT_THAT(Start(engine_, Custom({.customers = {"customer-1"}}, schedule(2))).get(), IsOk());
  const absl::Status status = Start(engine_, Custom({.customers = {"customer-1"}}, schedule(1))).get().status();
  EXPECT_EQ(ReasonOf(status), "CUSTOMER_FULL") << status;
  EXPECT_THAT(domain::RefusalOf(status).resource, HasSubstr("customers/customer-1/subscriptions/"));
  EXPECT_EQ(CountOf("scheduled_changes"), 2);

  // And all that wait are read for each command of their customer.
  EXPECT_THAT(Start(engine_, Assign("customer-1", "wfbs-annual", {{"worry-free-business-security", 5}})).get(), IsOk());
  const absl::Status in_all =
      Start(engine_, Custom({.customers = {"customer-1"}}, schedule(2, "wfbs-annual"))).get().status();
  EXPECT_EQ(ReasonOf(in_all), "CUSTOMER_FULL") << in_all;
  EXPECT_EQ(domain::RefusalOf(in_all).resource, "customers/customer-1");
  EXPECT_THAT(Start(engine_, Custom({.customers = {"customer-1"}}, schedule(1, "wfbs-annual"))).get(), IsOk());
  EXPECT_EQ(CountOf("scheduled_changes"), 3);
}

// Who has more already, as from before there was a limit, can still do what adds none.
TEST_F(CustomerLimitTest, WhoHasMoreAlreadyCanBeChanged) {
  EXPECT_THAT(Run(Assign("customer-1", kSuitePlan, kSuiteUnits)), IsOk());
  EXPECT_THAT(Run(Assign("customer-1", "wfbs-annual", {{"worry-free-business-security", 5}})), IsOk());
  const auto change = [](model::World& world, const domain::Env&) {
    for (auto& [key, license] : world.licenses) license.used_units = 1;
    return absl::OkStatus();
  };
  EXPECT_THAT(Start(engine_, Custom({.customers = {"customer-1"}}, change)).get(), IsOk());
}

TEST_F(CustomerLimitTest, MoreOfOneProductThanACustomerMayHaveAreRefused) {
  const auto assign = [&] {
    v1::AssignServicePlanRequest request;
    request.set_parent("customers/customer-1");
    request.set_service_plan("servicePlans/wfbs-annual");
    AddUnits(request, "worry-free-business-security", 5);
    request.mutable_crossgrade()->set_mode(v1::Crossgrade::EXPLICIT);
    if (CountOf("licenses") > 0) {
      v1::Crossgrade::Resolution& resolution = *request.mutable_crossgrade()->add_resolutions();
      resolution.set_product("products/worry-free-business-security");
      resolution.set_choice(v1::Crossgrade::Resolution::NEW_LICENSE);
    }
    return Start(engine_, MutationOf(request)).get().status();
  };
  EXPECT_OK(assign());
  EXPECT_OK(assign());
  const absl::Status status = assign();
  EXPECT_EQ(ReasonOf(status), "CUSTOMER_FULL") << status;
  EXPECT_EQ(domain::RefusalOf(status).metadata.at("limit"), "2");
  EXPECT_EQ(domain::RefusalOf(status).metadata.at("product"), "products/worry-free-business-security");
  EXPECT_EQ(CountOf("licenses"), 2);
  EXPECT_THAT(Violations(), IsEmpty());
}

}  // namespace
}  // namespace lmp::engine
