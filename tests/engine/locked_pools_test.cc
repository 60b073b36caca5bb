// A pool, or a row to which a foreign key leads, that another session has locked delays only those who need it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;
using testing::StatusIs;

constexpr char kOther[] = "worry-free-business-security", kOtherPlan[] = "wfbs-annual";
// Far above what a call takes. Who waits for the lock gets it never, or gives up after several seconds.
constexpr absl::Duration kSoon = absl::Seconds(5);

class LockedPoolsTest : public EngineTest {
 protected:
  LockedPoolsTest() {
    AddCustomers(4);
    AddPool(kService, 1000);
    AddPool(kOther, 1000);
    EXPECT_THAT(Run(AssignService("customer-1")), IsOk());
    EXPECT_THAT(Run(Assign("customer-2", kOtherPlan, {{kOther, 5}})), IsOk());
  }

  std::unique_ptr<storage::Connection> Locking(const std::string& rows) {
    auto session = schema_.Connect();
    EXPECT_OK(session->Execute("BEGIN"));
    EXPECT_OK(session->Execute(absl::StrCat("SELECT * FROM ", rows, " FOR UPDATE")));
    return session;
  }
  std::unique_ptr<storage::Connection> LockingPool() {
    return Locking(absl::StrCat("license_pools WHERE product_id = '", kService, "'"));
  }
  static bool IsDone(const std::future<Outcome>& outcome) {
    return outcome.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  int64_t Assigned() {
    return Number(absl::StrCat("SELECT assigned FROM license_pools WHERE product_id = '", kService, "'"));
  }

  std::unique_ptr<WriteEngine> one_ = NewWriteEngine({.workers = 1});
};

TEST_F(LockedPoolsTest, WhoDrawsOnAnotherGoesOnAndWhoDrawsOnItComesLater) {
  const auto session = LockingPool();
  Hold hold(*one_);
  auto draws = Start(*one_, AssignService("customer-3"));
  auto held_by_it = Start(*one_, UpdateNote("customer-1", "later"));
  auto beside = Start(*one_, Assign("customer-4", kOtherPlan, {{kOther, 5}}));
  hold.Release();
  const absl::Time began = absl::Now();
  EXPECT_THAT(beside.get(), IsOk());
  EXPECT_LT(absl::Now() - began, kSoon);
  EXPECT_FALSE(IsDone(draws));
  // It is known by now: nobody waits for it again.
  std::vector<std::future<Outcome>> later;
  for (int i = 0; i < 5; ++i) {
    auto more = Start(*one_, UpdateNote("customer-1", absl::StrCat("later ", i)));
    const absl::Time start = absl::Now();
    EXPECT_THAT(Start(*one_, UpdateNote("customer-2", absl::StrCat(i))).get(), IsOk());
    EXPECT_LT(absl::Now() - start, kSoon);
    later.push_back(std::move(more));
  }
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_THAT(draws.get(), IsOk());
  EXPECT_THAT(held_by_it.get(), IsOk());
  for (auto& call : later) EXPECT_THAT(call.get(), IsOk());
  EXPECT_EQ(Assigned(), 2);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(LockedPoolsTest, ItWaitsNoLongerThanItsDeadline) {
  const auto session = LockingPool();
  Mutation hasty = AssignService("customer-3");
  hasty.deadline = absl::Now() + absl::Milliseconds(700);
  const absl::Status status = Start(*one_, std::move(hasty)).get().status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(ReasonOf(status), "DEADLINE_PASSED");
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_EQ(Assigned(), 1);
}

TEST_F(LockedPoolsTest, ItsOwnCommandsWaitForIt) {
  const auto session = LockingPool();
  auto add = Start(*one_, MutationOf(AddPoolUnits(kService, 7)));
  EXPECT_THAT(Start(*one_, MutationOf(AddPoolUnits(kOther, 7))).get(), IsOk());
  EXPECT_FALSE(IsDone(add));
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_THAT(add.get(), IsOk());
  EXPECT_EQ(Number("SELECT SUM(total) FROM license_pools"), 2014);
}

// What is due to those who share the pool comes first, and is neither lost nor stored without the pool.
TEST_F(LockedPoolsTest, WhatIsDueToItsSharersWaitsToo) {
  EXPECT_THAT(Run(Assign("customer-3", "cas-quarterly", {{kService, 1}})), IsOk());  // ends; the first one's renews
  EXPECT_EQ(Assigned(), 2);
  SetNow(kNow + absl::Hours(24 * 800));
  const auto session = LockingPool();
  auto shares = Start(*one_, UpdateNote("customer-1", "later"));
  auto of_the_partner = Start(*one_, UpdateNote("customer-2", "after what is due to the others"));
  EXPECT_EQ(shares.wait_for(std::chrono::milliseconds(800)), std::future_status::timeout);
  EXPECT_FALSE(IsDone(of_the_partner));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM licenses WHERE closed = 1"), 0);
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_THAT(shares.get(), IsOk());
  EXPECT_THAT(of_the_partner.get(), IsOk());
  EXPECT_EQ(Assigned(), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM licenses WHERE closed = 1 AND customer_id = 'customer-3'"), 1);
  EXPECT_THAT(Violations(), IsEmpty());
}

// An insert shares the lock of the row that its foreign key leads to. Each of the three leads to another locked row.
TEST_F(LockedPoolsTest, ARowThatAForeignKeyLeadsToDelaysOnlyWhatIsInserted) {
  for (const char* id : {"of-product", "of-plan"}) EXPECT_THAT(Run(CreateCustomer(SomeCustomer(id))), IsOk());
  std::vector<std::unique_ptr<storage::Connection>> sessions;
  sessions.push_back(Locking("partners WHERE partner_id = 'msp-one'"));
  sessions.push_back(Locking("products WHERE product_id = 'cloud-app-security'"));
  sessions.push_back(Locking(absl::StrCat("service_plans WHERE service_plan_id = '", kOtherPlan, "'")));
  Hold hold(*one_);
  std::vector<std::future<Outcome>> inserts;
  inserts.push_back(Start(*one_, CreateCustomer(SomeCustomer("of-partner"))));
  inserts.push_back(Start(*one_, AssignService("of-product")));
  inserts.push_back(Start(*one_, Assign("of-plan", kOtherPlan, {{kOther, 5}})));
  auto beside = Start(*one_, UpdateNote("customer-1", "beside"));
  hold.Release();
  EXPECT_THAT(beside.get(), IsOk());
  EXPECT_THAT(Start(*one_, UpdateNote("customer-2", "beside, too")).get(), IsOk());
  // The rows are known by now: of those who come later for them nobody waits in a batch, which would take a second
  // each.
  const absl::Time began = absl::Now();
  for (int i = 0; i < 10; ++i) {
    inserts.push_back(Start(*one_, CreateCustomer(SomeCustomer(absl::StrCat("of-partner-", i)))));
    EXPECT_THAT(Start(*one_, UpdateNote("customer-2", absl::StrCat(i))).get(), IsOk());
  }
  EXPECT_LT(absl::Now() - began, kSoon);
  // Nothing is written: so there is nothing to wait for.
  Mutation preview = CreateCustomer(SomeCustomer("preview"));
  preview.validate_only = true;
  EXPECT_THAT(Start(*one_, std::move(preview)).get(), IsOk());
  for (size_t i = 0; i < sessions.size(); ++i) {
    EXPECT_FALSE(IsDone(inserts[i])) << i;
    EXPECT_OK(sessions[i]->Execute("COMMIT"));
  }
  for (auto& insert : inserts) EXPECT_THAT(insert.get(), IsOk());
  EXPECT_THAT(Violations(), IsEmpty());
}

}  // namespace
}  // namespace lmp::engine
