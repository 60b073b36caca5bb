// What must hold when many call at once, through several workers.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::Each;
using ::testing::IsEmpty;

class ConcurrencyTest : public EngineTest {
 protected:
  // Licenses that are neither closed nor over.
  int64_t LiveLicenses(const std::string& customer) {
    return Number(
        absl::StrCat("SELECT COUNT(*) FROM licenses WHERE closed = 0 AND grace_end_date > '2026-03-15' AND "
                     "customer_id = '",
                     customer, "'"));
  }
};

class ManyAssigns : public ConcurrencyTest, public ::testing::WithParamInterface<BatcherOptions> {};

TEST_P(ManyAssigns, OfOneServiceToOneCustomerEndWithOneLicense) {
  const std::vector<std::string> customers = AddCustomers(3);
  const auto engine = NewWriteEngine(GetParam());
  for (const std::string& customer : customers) {
    std::vector<Mutation> assigns;
    for (int i = 0; i < 100; ++i) {
      assigns.push_back(Assign(customer, i % 2 == 0 ? "cas-annual" : "cas-monthly", {{kService, 1}}));
    }
    const std::vector<Outcome> outcomes = RunInParallel(*engine, std::move(assigns));
    EXPECT_EQ(CountOk(outcomes), 1);
    EXPECT_EQ(CountRefused(outcomes, "CROSSGRADE_REQUIRED"), 99);
    EXPECT_EQ(LiveLicenses(customer), 1);
  }
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_P(ManyAssigns, OfOneServiceToSeveralCustomersAtOnceEndWithOneLicenseEach) {
  const std::vector<std::string> customers = AddCustomers(5);
  const auto engine = NewWriteEngine(GetParam());
  std::vector<Mutation> assigns;
  for (int i = 0; i < 20; ++i) {
    for (const std::string& customer : customers) assigns.push_back(AssignService(customer));
  }
  const std::vector<Outcome> outcomes = RunInParallel(*engine, std::move(assigns));
  EXPECT_EQ(CountOk(outcomes), 5);
  EXPECT_EQ(CountRefused(outcomes, "CROSSGRADE_REQUIRED"), 95);
  for (const std::string& customer : customers) EXPECT_EQ(LiveLicenses(customer), 1) << customer;
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_P(ManyAssigns, ThatCrossgradeAllSucceedOneAfterTheOther) {
  AddCustomers(1);
  const auto engine = NewWriteEngine(GetParam());
  std::vector<Mutation> assigns;
  for (int i = 0; i < 30; ++i) assigns.push_back(AssignService("customer-1", domain::CrossgradeMode::kAutomatic));
  EXPECT_EQ(CountOk(RunInParallel(*engine, std::move(assigns))), 30);
  EXPECT_EQ(LiveLicenses("customer-1"), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM subscriptions WHERE state = 'ACTIVE'"), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM subscriptions WHERE state = 'DISABLED' AND replaced_by IS NOT NULL"), 29);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_P(ManyAssigns, NeverOverdrawAPool) {
  AddPool(kService, 10);
  std::vector<Mutation> assigns;
  for (const std::string& customer : AddCustomers(50)) assigns.push_back(AssignService(customer));
  const auto engine = NewWriteEngine(GetParam());
  const std::vector<Outcome> outcomes = RunInParallel(*engine, std::move(assigns));
  EXPECT_EQ(CountOk(outcomes), 10);
  EXPECT_EQ(CountRefused(outcomes, "POOL_EXHAUSTED"), 40);
  EXPECT_EQ(Number("SELECT assigned FROM license_pools"), 10);
  EXPECT_EQ(CountOf("licenses"), 10);
  EXPECT_THAT(Violations(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(, ManyAssigns,
                         ::testing::Values(BatcherOptions{.workers = 2}, BatcherOptions{.workers = 4, .max_batch = 1},
                                           BatcherOptions{.workers = 6, .max_batch = 7}),
                         [](const auto& param) {
                           return absl::StrCat(param.param.workers, "Workers", param.param.max_batch, "Together");
                         });

class UniqueTest : public ConcurrencyTest {
 protected:
  // Of those that want the same thing at once, one gets it and the others hear that it is taken.
  void ExpectOneWinner(std::vector<Mutation> mutations, const std::string& reason) {
    const int losers = static_cast<int>(mutations.size()) - 1;
    const std::vector<Outcome> outcomes = RunInParallel(*engine_, std::move(mutations));
    EXPECT_EQ(CountOk(outcomes), 1);
    EXPECT_EQ(CountRefused(outcomes, reason), losers);
    for (const Outcome& outcome : outcomes) {
      EXPECT_TRUE(outcome.ok() || absl::IsAlreadyExists(outcome.status())) << outcome.status();
    }
  }
  static constexpr int kRounds = 20;
  // Each command in a transaction of its own, as on several servers.
  std::unique_ptr<WriteEngine> engine_ = NewWriteEngine({.workers = 4, .max_batch = 1});
};

TEST_F(UniqueTest, ACustomerIdIsTakenOnce) {
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Mutation> creates;
    for (int i = 0; i < 4; ++i) creates.push_back(CreateCustomer(SomeCustomer(absl::StrCat("bakery-", round))));
    ExpectOneWinner(std::move(creates), "CUSTOMER_EXISTS");
  }
  EXPECT_EQ(CountOf("customers"), kRounds);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(UniqueTest, AnExternalIdIsTakenOnce) {
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Mutation> creates;
    for (int i = 0; i < 4; ++i) {
      model::Customer customer = SomeCustomer(absl::StrCat("bakery-", round, "-", i));
      customer.external_id = absl::StrCat("erp-", round);
      creates.push_back(CreateCustomer(customer));
    }
    ExpectOneWinner(std::move(creates), "EXTERNAL_ID_TAKEN");
  }
  EXPECT_EQ(CountOf("customers"), kRounds);
}

TEST_F(UniqueTest, AnExternalIdThatIsGivenUpInABatchIsFreeForTheNext) {
  model::Customer first = SomeCustomer("first"), second = SomeCustomer("second");
  first.external_id = second.external_id = "erp-1";
  EXPECT_OK(Run(CreateCustomer(first)));
  v1::UpdateCustomerRequest release;
  release.mutable_customer()->set_name("customers/first");
  release.mutable_update_mask()->add_paths("external_id");
  const auto engine = NewWriteEngine({.workers = 1});
  std::vector<std::future<Outcome>> pending;
  {
    Hold hold(*engine);
    pending.push_back(Start(*engine, MutationOf(release)));
    pending.push_back(Start(*engine, CreateCustomer(second)));
  }
  for (auto& outcome : pending) EXPECT_OK(outcome.get());
  EXPECT_EQ(Texts("SELECT customer_id FROM customers WHERE external_id = 'erp-1'"), std::vector<std::string>{"second"});
}

TEST_F(UniqueTest, APlanNameIsTakenOnce) {
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Mutation> creates;
    for (int i = 0; i < 4; ++i) {
      creates.push_back(CreatePlan(absl::StrCat("plan-", round, "-", i), absl::StrCat("Plan ", round)));
    }
    ExpectOneWinner(std::move(creates), "PLAN_NAME_TAKEN");
  }
  EXPECT_THAT(Violations(), IsEmpty());
}

using CatalogTest = ConcurrencyTest;

TEST_F(CatalogTest, AnAssignUsesThePlanAsTheLastCommittedUpdateMadeIt) {
  const std::vector<std::string> customers = AddCustomers(3);
  constexpr int kLast = 60;
  std::atomic<int> committed = 30, begun = 30;  // grace periods; 30 is the catalog's
  std::vector<std::thread> assigners;
  for (const std::string& customer : customers) {
    assigners.emplace_back([&, customer] {
      for (bool last = false; !last;) {
        last = committed == kLast;
        const int at_least = committed;
        const Outcome outcome = Run(AssignService(customer, domain::CrossgradeMode::kAutomatic));
        const int at_most = begun;
        ASSERT_OK(outcome);
        const int days = ResponseOf<v1::AssignServicePlanResponse>(outcome).subscription().grace_period_days();
        EXPECT_GE(days, at_least) << "a stale plan";
        EXPECT_LE(days, at_most);
      }
    });
  }
  for (int days = 31; days <= kLast; ++days) {
    begun = days;
    EXPECT_OK(Run(UpdateGracePeriod(kServicePlan, days)));
    committed = days;
  }
  for (std::thread& thread : assigners) thread.join();
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(CatalogTest, ADisabledPlanIsNotAssigned) {
  const std::vector<std::string> customers = AddCustomers(3);
  const auto set_enabled = [this](bool enabled) {
    EXPECT_OK(Run(Custom({.changes_catalog = true, .service_plans = {kServicePlan}},
                         [enabled](model::World& world, const domain::Env&) {
                           Find(world.MutableCatalog().service_plans, kServicePlan)->enabled = enabled;
                           return absl::OkStatus();
                         })));
  };
  // Even: enabled; odd: disabled. Counts before and after each change, so a call that saw no change knows the state.
  std::atomic<int> begun = 0, committed = 0;
  std::atomic<bool> over = false;
  std::atomic<int> assigned = 0, refused = 0;
  std::vector<std::thread> assigners;
  for (const std::string& customer : customers) {
    assigners.emplace_back([&, customer] {
      while (!over) {
        const int before = committed;
        const Outcome outcome = Run(AssignService(customer, domain::CrossgradeMode::kAutomatic));
        ++(outcome.ok() ? assigned : refused);
        if (begun != before) continue;  // a change was under way
        const bool enabled = before % 2 == 0;
        EXPECT_EQ(outcome.ok(), enabled) << outcome.status();
        EXPECT_EQ(ReasonOf(outcome.status()), enabled ? "" : "PLAN_DISABLED");
      }
    });
  }
  for (int change = 1; change <= 30; ++change) {
    begun = change;
    set_enabled(change % 2 == 0);
    committed = change;
    // Until the assigners have met this state.
    const std::atomic<int>& met = change % 2 == 0 ? assigned : refused;
    const int want = met + 3;
    while (met < want && !HasFailure()) std::this_thread::yield();
  }
  over = true;
  for (std::thread& thread : assigners) thread.join();
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(CatalogTest, ParallelChangesLoseNoUpdate) {
  std::vector<Mutation> updates;
  for (int i = 0; i < 20; ++i) {
    updates.push_back(
        Custom({.changes_catalog = true, .service_plans = {kServicePlan}}, [](model::World& world, const domain::Env&) {
          ++Find(world.MutableCatalog().service_plans, kServicePlan)->terms.grace_period_days;
          return absl::OkStatus();
        }));
  }
  const auto engine = NewWriteEngine({.workers = 4, .max_batch = 3});
  EXPECT_EQ(CountOk(RunInParallel(*engine, std::move(updates))), 20);
  EXPECT_EQ(Number("SELECT grace_period_days FROM service_plans WHERE service_plan_id = 'cas-annual'"), 50);
  EXPECT_THAT(Violations(), IsEmpty());
}

}  // namespace
}  // namespace lmp::engine
