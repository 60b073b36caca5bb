// Isolation and lock order, shown with two sessions.
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mysql/errors.h"
#include "storage/world_store.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::IsEmpty;

class LockOrderTest : public EngineTest {
 protected:
  static absl::StatusOr<model::World> Load(storage::Connection& connection, const model::Footprint& footprint) {
    storage::CatalogCache cache;
    return storage::LoadWorld(connection, footprint, storage::Locking::kWrite, cache);
  }
  // A session that has done what an assign does first, and not yet committed.
  std::unique_ptr<storage::Connection> Holding(const model::Footprint& footprint) {
    auto session = schema_.Connect();
    EXPECT_OK(session->Execute("BEGIN"));
    EXPECT_OK(Load(*session, footprint));
    return session;
  }

  const model::Footprint kAssign = {.service_plans = {kServicePlan}, .customers = {"customer-1"}};
};

TEST_F(LockOrderTest, AChangeOfTheCatalogWaitsForTheAssignsUnderWay) {
  AddCustomers(1);
  const auto assign = Holding(kAssign);
  auto update = Start(*writes_, UpdateGracePeriod(kServicePlan, 60));
  AwaitLockWaits(1);
  EXPECT_EQ(update.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  EXPECT_OK(assign->Execute("COMMIT"));
  EXPECT_OK(update.get());
}

TEST_F(LockOrderTest, AnAssignWaitsForAChangeOfTheCatalogAndThenSeesIt) {
  AddCustomers(1);
  const auto session = Holding({.changes_catalog = true, .service_plans = {kServicePlan}});
  auto assign = Start(*writes_, AssignService("customer-1"));
  AwaitLockWaits(1);
  EXPECT_OK(session->Execute("UPDATE service_plans SET grace_period_days = 77 WHERE service_plan_id = 'cas-annual'"));
  EXPECT_OK(session->Execute("UPDATE catalogue_version SET version = version + 1"));
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_EQ(ResponseOf<v1::AssignServicePlanResponse>(assign.get()).subscription().grace_period_days(), 77);
}

// Its product's sale may be about to end.
TEST_F(LockOrderTest, ANewPlanWaitsForAChangeOfTheCatalogAndThenSeesIt) {
  const auto session = Holding({.changes_catalog = true, .products = {kService}});
  auto create = Start(*writes_, CreatePlan("new-plan", "New"));
  AwaitLockWaits(1);
  EXPECT_OK(session->Execute("UPDATE products SET lifecycle = 'END_OF_SALE', revision = revision + 1"));
  EXPECT_OK(session->Execute("UPDATE catalogue_version SET version = version + 1"));
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_EQ(ReasonOf(create.get().status()), "PRODUCT_END_OF_SALE");
}

TEST_F(LockOrderTest, AssignsOfDifferentCustomersDoNotWaitForEachOther) {
  AddCustomers(2);
  const auto first = Holding(kAssign);
  EXPECT_OK(Run(AssignService("customer-2")));
  EXPECT_OK(first->Execute("COMMIT"));
}

TEST_F(LockOrderTest, ASecondAssignOfACustomerWaitsAndSeesTheFirst) {
  AddCustomers(1);
  const auto first = Holding(kAssign);
  auto second = Start(*writes_, UpdateNote("customer-1", "", "2"));
  EXPECT_EQ(second.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  EXPECT_OK(first->Execute("UPDATE customers SET revision = 2, note = 'first' WHERE customer_id = 'customer-1'"));
  EXPECT_OK(first->Execute("COMMIT"));
  EXPECT_OK(second.get());  // its etag is right only if it saw the first
}

TEST_F(LockOrderTest, ReadersWaitForNobody) {
  AddCustomers(1);
  const auto writer = Holding({.changes_catalog = true, .service_plans = {kServicePlan}, .customers = {"customer-1"}});
  EXPECT_OK(writer->Execute("UPDATE customers SET note = 'not yet' WHERE customer_id = 'customer-1'"));
  const auto reads = NewReadEngine({.workers = 1});
  const auto note =
      Start(*reads, {.footprint = kAssign,
                     .answer = [](const model::World& world,
                                  const domain::Env&) { return Find(world.customers, "customer-1")->note; }})
          .get();
  EXPECT_THAT(note, testing::IsOkAndHolds(std::string()));
  EXPECT_OK(writer->Execute("ROLLBACK"));
}

// One session locks the customers one by one in the order of its footprint and would lock the second one next; the
// other does the same the other way round. Whoever locks in order of name meets the other at the first row and waits
// there.
TEST_F(LockOrderTest, CustomersAreLockedInOrderOfNameWhateverTheOrderInTheFootprint) {
  AddCustomers(2);
  const auto first = schema_.Connect();
  EXPECT_OK(first->Execute("BEGIN"));
  EXPECT_OK(first->Query("SELECT note FROM customers WHERE customer_id = 'customer-1' FOR UPDATE", {}));
  const auto second = schema_.Connect();
  EXPECT_OK(second->Execute("BEGIN"));
  auto loading = std::async(std::launch::async, [&] {
    return Load(*second, {.customers = {"customer-2", "customer-1"}}).status();
  });
  AwaitLockWaits(1);
  // customer-2 is still free: the second session has not taken it while it waits for customer-1.
  EXPECT_OK(first->Query("SELECT note FROM customers WHERE customer_id = 'customer-2' FOR UPDATE", {}));
  EXPECT_OK(first->Execute("COMMIT"));
  EXPECT_OK(loading.get());
  EXPECT_OK(second->Execute("COMMIT"));
}

// The measure of the next test: opposite orders do deadlock.
TEST_F(LockOrderTest, OppositeOrdersWouldDeadlock) {
  AddCustomers(2);
  const auto first = schema_.Connect(), second = schema_.Connect();
  const auto lock = [](storage::Connection& session, const std::string& customer) {
    return session.Query("SELECT note FROM customers WHERE customer_id = ? FOR UPDATE", {customer}).status();
  };
  EXPECT_OK(first->Execute("BEGIN"));
  EXPECT_OK(second->Execute("BEGIN"));
  EXPECT_OK(lock(*first, "customer-1"));
  EXPECT_OK(lock(*second, "customer-2"));
  auto waiting = std::async(std::launch::async, [&] { return lock(*first, "customer-2"); });
  AwaitLockWaits(1);
  const absl::Status status = lock(*second, "customer-1");
  EXPECT_OK(second->Execute("ROLLBACK"));
  const absl::Status other = waiting.get();
  EXPECT_EQ(storage::IsRerunnable(status) + storage::IsRerunnable(other), 1);
}

TEST_F(LockOrderTest, OppositeFootprintsNeverDeadlock) {
  AddPool(kService, 1000);
  AddPool("worry-free-business-security", 1000);
  AddCustomers(4);
  storage::Database once(schema_.options(), 4, {.max_attempts = 1});  // a deadlock would show
  const auto engine = NewWriteEngine({.workers = 4, .max_batch = 1}, once);
  std::vector<Mutation> mutations;
  for (int i = 0; i < 200; ++i) {
    std::vector<std::string> customers = {"customer-1", "customer-2", "customer-3", "customer-4"};
    if (i % 2 == 1) std::reverse(customers.begin(), customers.end());
    mutations.push_back(Custom({.service_plans = {kServicePlan, "wfbs-annual"}, .customers = customers},
                               [customers](model::World& world, const domain::Env&) {
                                 for (const std::string& id : customers) Find(world.customers, id)->note += "x";
                                 return absl::OkStatus();
                               }));
  }
  EXPECT_EQ(CountOk(RunInParallel(*engine, std::move(mutations))), 200);
  EXPECT_EQ(Number("SELECT MIN(CHAR_LENGTH(note)) FROM customers"), 200);  // and no update was lost
  EXPECT_THAT(Violations(), IsEmpty());
}

}  // namespace
}  // namespace lmp::engine
