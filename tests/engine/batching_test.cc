// Commands that wait share a transaction, see each other's results, and cost few statements.
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/domain/lookup.h"
#include "server/domain/refusal.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::lmp::testing::IsOk;
using ::lmp::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BatchingTest : public EngineTest {
 protected:
  // Runs them in one batch of an engine with one worker.
  std::vector<Outcome> RunInOneBatch(std::vector<Mutation> mutations) {
    const auto engine = NewWriteEngine({.workers = 1});
    Hold hold(*engine);
    std::vector<std::future<Outcome>> pending;
    for (Mutation& mutation : mutations) pending.push_back(Start(*engine, std::move(mutation)));
    const int64_t commits = ServerStatus("Com_commit");
    hold.Release();
    std::vector<Outcome> outcomes;
    for (auto& outcome : pending) outcomes.push_back(outcome.get());
    commits_ = ServerStatus("Com_commit") - commits - 1;  // but the held one's
    return outcomes;
  }

  // Round trips of a batch, BEGIN and COMMIT included; of the second such batch, when all is prepared.
  int64_t RoundTripsOf(const std::function<std::vector<Mutation>()>& batch) {
    storage::Database database(schema_.options(), 1);
    const auto count = [&](std::vector<Mutation> mutations) {
      const int64_t before = RoundTrips(database);
      const auto engine = NewWriteEngine({.workers = 1}, database);
      std::vector<std::future<Outcome>> pending;
      {
        Hold hold(*engine);
        for (Mutation& mutation : mutations) pending.push_back(Start(*engine, std::move(mutation)));
      }
      for (auto& outcome : pending) EXPECT_OK(outcome.get());
      return RoundTrips(database) - before;
    };
    count({});
    const int64_t of_hold = count({});
    const int64_t first = count(batch()) - of_hold;
    const int64_t second = count(batch()) - of_hold;
    std::cout << "round trips: " << second << " (" << first << " with preparing)" << std::endl;
    EXPECT_EQ(database.pool().stats().opened_total, 1);
    return second;
  }

  int64_t commits_ = 0;
};

TEST_F(BatchingTest, CommandsThatWaitShareOneTransaction) {
  std::vector<Mutation> assigns;
  for (const std::string& customer : AddCustomers(20)) assigns.push_back(AssignService(customer));
  EXPECT_EQ(CountOk(RunInOneBatch(std::move(assigns))), 20);
  EXPECT_EQ(commits_, 1);
  EXPECT_EQ(CountOf("licenses"), 20);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(BatchingTest, ABatchHasALimit) {
  const std::vector<std::string> customers = AddCustomers(20);
  const auto engine = NewWriteEngine({.workers = 1, .max_batch = 8});
  const int64_t commits = ServerStatus("Com_commit");
  std::vector<std::future<Outcome>> pending;
  {
    Hold hold(*engine);
    for (const std::string& customer : customers) pending.push_back(Start(*engine, AssignService(customer)));
  }
  for (auto& outcome : pending) EXPECT_OK(outcome.get());
  EXPECT_EQ(ServerStatus("Com_commit") - commits, 1 + 3);
}

TEST_F(BatchingTest, CommandsOfOneCustomerAreDecidedOnEachOthersResultsWithEventsOfTheirOwn) {
  AddCustomers(1);
  const std::vector<Outcome> outcomes =
      RunInOneBatch({UpdateNote("customer-1", "one", "1"), UpdateNote("customer-1", "two", "2"),
                     UpdateNote("customer-1", "stale", "2"), AssignService("customer-1"), AssignService("customer-1"),
                     AssignService("customer-1", domain::CrossgradeMode::kAutomatic)});
  EXPECT_EQ(commits_, 1);
  EXPECT_THAT(outcomes, ElementsAre(IsOk(), IsOk(), StatusIs(absl::StatusCode::kAborted), IsOk(),
                                    StatusIs(absl::StatusCode::kFailedPrecondition), IsOk()));
  EXPECT_EQ(ReasonOf(outcomes[4].status()), "CROSSGRADE_REQUIRED");
  EXPECT_EQ(ResponseOf<v1::Customer>(outcomes[0]).note(), "one");
  EXPECT_EQ(ResponseOf<v1::Customer>(outcomes[1]).etag(), "3");
  const auto transferred = ResponseOf<v1::AssignServicePlanResponse>(outcomes[5]);
  const auto first = ResponseOf<v1::AssignServicePlanResponse>(outcomes[3]);
  EXPECT_EQ(transferred.replaced_subscriptions(0).name(), first.subscription().name());

  // customer: created, two notes; license: made, moved; subscriptions: first, its end, second.
  EXPECT_THAT(Texts("SELECT CONCAT(row_table, ' ', COUNT(*)) FROM events WHERE key1 = 'customer-1' GROUP BY row_table "
                    "ORDER BY row_table"),
              ElementsAre("customers 3", "licenses 2", "subscriptions 3"));
  EXPECT_EQ(
      Number("SELECT COUNT(*) FROM events b JOIN events a USING (row_table, key1, key2) WHERE key1 = 'customer-1' "
             "AND b.revision = a.revision + 1 AND b.before_image = a.after_image"),
      4);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(BatchingTest, ARefusedCommandLeavesNothingBehindForTheNextOne) {
  AddCustomers(1);
  const auto refuse = [](model::World& world, const domain::Env&) -> absl::Status {
    Find(world.customers, "customer-1")->note = "half done";
    world.unique_holders.clear();
    return domain::Precondition("PLAN_DISABLED", "", "no");
  };
  std::string seen;
  const auto look = [&seen](model::World& world, const domain::Env&) {
    seen = Find(world.customers, "customer-1")->note;
    return absl::OkStatus();
  };
  const std::vector<Outcome> outcomes =
      RunInOneBatch({UpdateNote("customer-1", "whole"), Custom({.customers = {"customer-1"}}, refuse),
                     Custom({.customers = {"customer-1"}}, look)});
  EXPECT_THAT(outcomes, ElementsAre(IsOk(), StatusIs(absl::StatusCode::kFailedPrecondition), IsOk()));
  EXPECT_EQ(seen, "whole");
  EXPECT_THAT(Texts("SELECT note FROM customers"), ElementsAre("whole"));
}

// A client need not wait for the answer to one call before it sends the next.
TEST_F(BatchingTest, ACustomerMadeInTheBatchDrawsOnItsPartnersPool) {
  AddPool(kService, 10);
  const std::vector<Outcome> outcomes =
      RunInOneBatch({CreateCustomer(SomeCustomer("new-one")), AssignService("new-one")});
  EXPECT_THAT(outcomes, ElementsAre(IsOk(), IsOk()));
  EXPECT_EQ(commits_, 1);
  EXPECT_EQ(Number("SELECT assigned FROM license_pools"), 1);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(BatchingTest, APlanMadeInTheBatchDrawsOnItsPartnersPool) {
  AddPool(kService, 10);
  AddCustomers(1);
  const std::vector<Outcome> outcomes =
      RunInOneBatch({CreatePlan("new-plan", "New"), Assign("customer-1", "new-plan", {{kService, 3}})});
  EXPECT_THAT(outcomes, ElementsAre(IsOk(), IsOk()));
  EXPECT_EQ(Number("SELECT assigned FROM license_pools"), 3);
  EXPECT_THAT(Violations(), IsEmpty());
}

// BEGIN · catalog version, customers, subscriptions, licenses, pools, request ids · INSERT subscriptions, licenses,
// events, request ids · COMMIT. The plan, its products and partners come from the cache.
constexpr int64_t kRoundTripsOfAnAssign = 12;

TEST_F(BatchingTest, ABatchOfAssignsCostsAsManyStatementsAsOneAssign) {
  int batches = 0;
  for (const int size : {1, 16, 32}) {
    const int64_t count = RoundTripsOf([&] {
      std::vector<Mutation> assigns;
      ++batches;
      for (int i = 0; i < size; ++i) {
        const std::string id = absl::StrCat("batch-", batches, "-", i);
        EXPECT_OK(Run(CreateCustomer(SomeCustomer(id))));
        assigns.push_back(AssignService(id));
      }
      return assigns;
    });
    std::cout << "round trips of a batch of " << size << " assigns: " << count << std::endl;
    EXPECT_EQ(count, kRoundTripsOfAnAssign) << size;
  }
}

TEST_F(BatchingTest, ASuiteCostsAsManyStatementsAsAProduct) {
  int batches = 0;
  const int64_t count = RoundTripsOf([&] {
    std::vector<Mutation> assigns;
    ++batches;
    for (int i = 0; i < 16; ++i) {
      const std::string id = absl::StrCat("suite-", batches, "-", i);
      EXPECT_OK(Run(CreateCustomer(SomeCustomer(id))));
      assigns.push_back(Assign(id, kSuitePlan, kSuiteUnits));
    }
    return assigns;
  });
  std::cout << "round trips of a batch of 16 assigns of a suite: " << count << std::endl;
  EXPECT_EQ(count, kRoundTripsOfAnAssign);
}

// A changed row is an UPDATE of its own: the license that moves and the subscription it leaves. No new license is
// inserted.
TEST_F(BatchingTest, ACrossgradeCostsAStatementForEachRowItChanges) {
  AddCustomers(16);
  for (int i = 1; i <= 16; ++i) EXPECT_OK(Run(AssignService(absl::StrCat("customer-", i))));
  for (const int size : {1, 16}) {
    const int64_t count = RoundTripsOf([size] {
      std::vector<Mutation> assigns;
      for (int i = 1; i <= size; ++i) {
        assigns.push_back(AssignService(absl::StrCat("customer-", i), domain::CrossgradeMode::kAutomatic));
      }
      return assigns;
    });
    std::cout << "round trips of a batch of " << size << " crossgrades: " << count << std::endl;
    EXPECT_EQ(count, kRoundTripsOfAnAssign - 1 + 2 * size);
  }
}

TEST_F(BatchingTest, ACallWhoseDeadlinePassedWhileItWaitedIsNotRun) {
  AddCustomers(2);
  const auto engine = NewWriteEngine({.workers = 1});
  Hold hold(*engine);
  Mutation late = UpdateNote("customer-1", "too late");
  late.deadline = absl::Now() + absl::Milliseconds(20);
  const absl::Time deadline = late.deadline;
  auto pending = Start(*engine, std::move(late));
  auto neighbour = Start(*engine, UpdateNote("customer-2", "in time"));
  absl::SleepFor(deadline - absl::Now());
  hold.Release();
  EXPECT_THAT(pending.get(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_OK(neighbour.get());
  EXPECT_THAT(Texts("SELECT note FROM customers ORDER BY customer_id"), ElementsAre("", "in time"));
}

TEST_F(BatchingTest, ACallWhoseDeadlinePassesInItsBatchIsNotRun) {
  AddCustomers(2);
  Mutation late = UpdateNote("customer-1", "too late");
  late.deadline = absl::Now() + absl::Milliseconds(200);
  Mutation slow = Custom({}, [deadline = late.deadline](model::World&, const domain::Env&) {
    absl::SleepFor(deadline - absl::Now());
    return absl::OkStatus();
  });
  std::vector<Mutation> batch;
  batch.push_back(std::move(slow));
  batch.push_back(std::move(late));
  batch.push_back(UpdateNote("customer-2", "in time"));
  EXPECT_THAT(RunInOneBatch(std::move(batch)),
              ElementsAre(IsOk(), StatusIs(absl::StatusCode::kDeadlineExceeded), IsOk()));
  EXPECT_THAT(Texts("SELECT note FROM customers ORDER BY customer_id"), ElementsAre("", "in time"));
}

TEST_F(BatchingTest, AFullQueueRefusesAtOnce) {
  AddCustomers(1);
  const auto engine = NewWriteEngine({.workers = 1, .max_queue = 3});
  Hold hold(*engine);
  std::vector<std::future<Outcome>> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(Start(*engine, UpdateNote("customer-1", absl::StrCat(i))));
  auto refused = Start(*engine, UpdateNote("customer-1", "too many"));
  ASSERT_EQ(refused.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_THAT(refused.get(), StatusIs(absl::StatusCode::kResourceExhausted));
  hold.Release();
  for (auto& outcome : waiting) EXPECT_OK(outcome.get());
  EXPECT_THAT(Texts("SELECT note FROM customers"), ElementsAre("2"));
}

TEST_F(BatchingTest, StopRunsWhatWaitsAndRefusesWhatComes) {
  AddCustomers(1);
  const auto engine = NewWriteEngine({.workers = 1});
  auto hold = std::make_unique<Hold>(*engine);
  auto waiting = Start(*engine, UpdateNote("customer-1", "last words"));
  std::thread stopper([&] { engine->Stop(); });
  hold.reset();
  stopper.join();
  ASSERT_EQ(waiting.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_OK(waiting.get());
  EXPECT_THAT(Texts("SELECT note FROM customers"), ElementsAre("last words"));
  const Outcome refused = Start(*engine, UpdateNote("customer-1", "too late")).get();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(refused.status()), "SHUTTING_DOWN");
}

// Whoever is not told that it was done would do it again.
TEST_F(BatchingTest, WhatNoClientWouldTakeIsNotDone) {
  AddCustomers(1);
  for (const char* plan : {"cas-annual", "wfbs-annual"}) {
    const std::string product = plan == std::string("cas-annual") ? kService : "worry-free-business-security";
    EXPECT_OK(Run(Assign("customer-1", plan, {{product, 5}})));
  }
  v1::BatchUpdateSubscriptionsRequest all;
  all.set_parent("customers/customer-1");
  all.mutable_cancel();
  const int64_t events = CountOf("events");
  WriteEngine engine(database_, cache_, ids_, {.clock = [this] { return Now(); }, .max_answer_bytes = 300});
  const absl::Status status = Start(engine, MutationOf(all)).get().status();
  EXPECT_EQ(ReasonOf(status), "ANSWER_TOO_LARGE") << status;
  EXPECT_EQ(CountOf("events"), events);
  all.add_subscriptions(
      domain::SubscriptionName("customer-1", Texts("SELECT subscription_id FROM subscriptions").at(0)));
  EXPECT_OK(Run(all));
}

}  // namespace
}  // namespace lmp::engine
