// A row that another session has locked delays only those who need it, and those no longer than their deadlines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
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

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::StatusIs;

// Far below a wait for a lock, and far above what a call takes.
constexpr absl::Duration kSoon = absl::Milliseconds(800);

class LockedOutTest : public EngineTest {
 protected:
  LockedOutTest() { AddCustomers(3); }

  // Until the session commits, or is gone.
  std::unique_ptr<storage::Connection> Locking(const std::string& rows, const std::string& how = "FOR UPDATE") {
    auto session = schema_.Connect();
    EXPECT_OK(session->Execute("BEGIN"));
    EXPECT_OK(session->Execute(absl::StrCat("SELECT * FROM ", rows, " ", how)));
    return session;
  }
  std::unique_ptr<storage::Connection> LockingFirst() { return Locking("customers WHERE customer_id = 'customer-1'"); }

  static bool IsDone(const std::future<Outcome>& outcome) {
    return outcome.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  static Mutation Until(absl::Time deadline, Mutation mutation) {
    mutation.deadline = deadline;
    return mutation;
  }

  std::unique_ptr<WriteEngine> one_ = NewWriteEngine({.workers = 1});
};

TEST_F(LockedOutTest, ItsBatchGoesOnAndItComesLater) {
  const auto session = LockingFirst();
  Hold hold(*one_);
  auto locked = Start(*one_, UpdateNote("customer-1", "later"));
  auto other = Start(*one_, UpdateNote("customer-2", "at once"));
  hold.Release();
  const absl::Time began = absl::Now();
  EXPECT_THAT(other.get(), IsOk());
  EXPECT_THAT(Start(*one_, AssignService("customer-3")).get(), IsOk());
  EXPECT_LT(absl::Now() - began, kSoon);
  EXPECT_FALSE(IsDone(locked));
  EXPECT_OK(session->Execute("COMMIT"));
  const absl::Time freed = absl::Now();
  EXPECT_THAT(locked.get(), IsOk());
  EXPECT_LT(absl::Now() - freed, kSoon);
  EXPECT_THAT(Texts("SELECT note FROM customers ORDER BY customer_id"), ElementsAre("later", "at once", ""));
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(LockedOutTest, TheCatalogCanBeChangedMeanwhile) {
  const auto session = LockingFirst();
  auto locked = Start(*one_, UpdateNote("customer-1", "later"));
  auto as_well = Start(*writes_, AssignService("customer-1"));
  const absl::Time began = absl::Now();
  EXPECT_THAT(Start(*one_, UpdateGracePeriod(kServicePlan, 60)).get(), IsOk());
  EXPECT_THAT(Start(*one_, UpdateNote("customer-2", "at once")).get(), IsOk());
  EXPECT_LT(absl::Now() - began, kSoon);
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_THAT(locked.get(), IsOk());
  EXPECT_EQ(ResponseOf<v1::AssignServicePlanResponse>(as_well.get()).subscription().grace_period_days(), 60);
}

TEST_F(LockedOutTest, ItWaitsNoLongerThanItsDeadlineAndSaysWhy) {
  const auto session = LockingFirst();
  Hold hold(*one_);
  const absl::Time began = absl::Now();
  auto patient = Start(*one_, Until(began + absl::Minutes(1), UpdateNote("customer-1", "patient")));
  auto hasty = Start(*one_, Until(began + absl::Milliseconds(300), UpdateNote("customer-1", "hasty")));
  hold.Release();
  const absl::Status status = hasty.get().status();
  EXPECT_LT(absl::Now() - began, kSoon);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(ReasonOf(status), "DEADLINE_PASSED");
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("nothing was changed"));
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_THAT(patient.get(), IsOk());
  EXPECT_THAT(Texts("SELECT note FROM customers WHERE note <> ''"), ElementsAre("patient"));
}

// Time passes first for whoever shares a pool. One of them that stays locked is waited for once, and not by each batch.
TEST_F(LockedOutTest, NorIsOneWaitedForAgainToWhomSomethingIsDueInAPool) {
  AddPool(kService, 12);
  const auto take = [&](const std::string& customer, int units) {
    return Start(*one_, Assign(customer, "cas-quarterly", {{kService, units}})).get();
  };
  EXPECT_THAT(take("customer-1", 4), IsOk());
  EXPECT_THAT(Run(CreateCustomer(SomeCustomer("customer-4"))), IsOk());
  SetNow(kNow + absl::Hours(24 * 200));  // the licenses of customer-1 have ended
  const auto session = LockingFirst();
  EXPECT_THAT(take("customer-2", 4), IsOk());  // this one has waited
  const absl::Time began = absl::Now();
  EXPECT_THAT(take("customer-3", 4), IsOk());
  EXPECT_EQ(ReasonOf(take("customer-4", 1).status()), "POOL_EXHAUSTED");
  EXPECT_LT(absl::Now() - began, kSoon);
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_THAT(take("customer-4", 4), IsOk()) << "what has ended is free, once it can be stored";
  EXPECT_EQ(Number("SELECT assigned FROM license_pools"), 12);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(LockedOutTest, WhoIsGoneLeavesAtOnce) {
  const auto session = LockingFirst();
  std::atomic<bool> gone = false;
  Mutation note = UpdateNote("customer-1", "nobody waits");
  note.gone = [&gone] { return gone.load(); };
  auto left = Start(*one_, std::move(note));
  EXPECT_EQ(left.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  gone = true;
  const absl::Time began = absl::Now();
  EXPECT_THAT(left.get(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_LT(absl::Now() - began, kSoon);
}

TEST_F(LockedOutTest, NoMoreWaitThanMay) {
  const auto session = LockingFirst();
  const auto small = NewWriteEngine({.workers = 1, .max_queue = 2});
  std::vector<std::future<Outcome>> notes;
  for (int i = 0; i < 3; ++i) {
    notes.push_back(Start(*small, UpdateNote("customer-1", "one of many")));
    EXPECT_THAT(Start(*small, UpdateNote("customer-2", absl::StrCat("beside ", i))).get(), IsOk());
  }
  EXPECT_THAT(notes[2].get(), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_THAT(notes[0].get(), IsOk());
  EXPECT_THAT(notes[1].get(), IsOk());
}

TEST_F(LockedOutTest, AtTheEndItIsTold) {
  const auto session = LockingFirst();
  auto locked = Start(*one_, UpdateNote("customer-1", "too late"));
  EXPECT_THAT(Start(*one_, UpdateNote("customer-2", "beside")).get(), IsOk());
  one_->Stop();
  EXPECT_EQ(ReasonOf(locked.get().status()), "SHUTTING_DOWN");
}

TEST_F(LockedOutTest, SoItIsWithWhoHasTheExternalIdThatItWants) {
  model::Customer owner = SomeCustomer("owner");
  owner.external_id = "erp-1";
  EXPECT_THAT(Run(CreateCustomer(owner)), IsOk());
  const auto session = Locking("customers WHERE customer_id = 'owner'");
  model::Customer another = SomeCustomer("another");
  another.external_id = "erp-1";
  auto wants_it = Start(*one_, CreateCustomer(another));
  EXPECT_THAT(Start(*one_, UpdateNote("customer-2", "beside")).get(), IsOk());
  EXPECT_FALSE(IsDone(wants_it));
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_EQ(ReasonOf(wants_it.get().status()), "EXTERNAL_ID_TAKEN");
}

TEST_F(LockedOutTest, SoItIsWithRegistrationKeys) {
  EXPECT_OK(admin_->Execute(absl::StrCat(
      "INSERT INTO registration_keys (key_id, partner_id, service_plan_id, units, expire_date, note, state, "
      "create_time, update_time, revision) VALUES ('key-1', '",
      kPartner, "', '", kServicePlan, "', '{}', '2030-01-01', '', 'ISSUED', NOW(6), NOW(6), 1)")));
  const auto session = Locking("registration_keys");
  const auto change = [](model::World& world, const domain::Env&) {
    Find(world.registration_keys, "key-1")->note = "later";
    return absl::OkStatus();
  };
  auto locked = Start(*one_, Custom({.registration_keys = {"key-1"}}, change));
  EXPECT_THAT(Start(*one_, UpdateNote("customer-2", "beside")).get(), IsOk());
  EXPECT_FALSE(IsDone(locked));
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_THAT(locked.get(), IsOk());
}

TEST_F(LockedOutTest, AndWithApiKeys) {
  EXPECT_OK(
      admin_->Execute("INSERT INTO api_keys (key_id, secret_hash, roles, display_name, expire_time, create_time, "
                      "update_time, revision) VALUES ('key-1', '', '[]', '', NOW(6), NOW(6), NOW(6), 1)"));
  const auto session = Locking("api_keys");
  const auto change = [](model::World& world, const domain::Env&) {
    Find(world.api_keys, "key-1")->display_name = "later";
    return absl::OkStatus();
  };
  auto locked = Start(*one_, Custom({.api_keys = {"key-1"}}, change));
  EXPECT_THAT(Start(*one_, UpdateNote("customer-2", "beside")).get(), IsOk());
  EXPECT_FALSE(IsDone(locked));
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_THAT(locked.get(), IsOk());
}

// Whoever wants it exclusively would have all others wait behind it.
TEST_F(LockedOutTest, WhoHoldsOnToTheCatalogDelaysOnlyItsChanges) {
  const auto session = Locking("catalogue_version", "LOCK IN SHARE MODE");
  Hold hold(*one_);
  auto change = Start(*one_, UpdateGracePeriod(kServicePlan, 60));
  auto beside = Start(*one_, UpdateNote("customer-1", "in its batch"));
  hold.Release();
  const absl::Time began = absl::Now();
  EXPECT_THAT(beside.get(), IsOk());
  for (int i = 0; i < 5; ++i) EXPECT_THAT(Start(*one_, UpdateNote("customer-2", absl::StrCat(i))).get(), IsOk());
  EXPECT_LT(absl::Now() - began, absl::Seconds(2));
  EXPECT_FALSE(IsDone(change));
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_THAT(change.get(), IsOk());
}

// What is new nobody knows: so it keeps nobody waiting, and nobody's cache need be asked.
TEST_F(LockedOutTest, ANewPlanWaitsForNoneWhoReadsTheCatalog) {
  const auto session = Locking("catalogue_version", "LOCK IN SHARE MODE");
  const int64_t version = Number("SELECT version FROM catalogue_version");
  EXPECT_THAT(Start(*one_, CreatePlan("new-plan", "New")).get(), IsOk());
  EXPECT_EQ(Number("SELECT version FROM catalogue_version"), version);
  EXPECT_THAT(Start(*one_, Assign("customer-1", "new-plan", {{kService, 1}})).get(), IsOk());
  EXPECT_OK(session->Execute("COMMIT"));
  EXPECT_THAT(Violations(), IsEmpty());
}

// 32 callers of one customer over two engines of four workers: who finds it locked comes again, and all get through.
TEST_F(LockedOutTest, ManyWritersOfOneCustomerAllGetThrough) {
  const auto other = NewWriteEngine({.workers = 4, .max_batch = 2});
  const auto busy = NewWriteEngine({.workers = 4, .max_batch = 2});
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 100; ++i) {
    for (const auto* engine : {&other, &busy}) {
      outcomes.push_back(
          Start(**engine, Custom({.customers = {"customer-1"}}, [](model::World& world, const domain::Env&) {
            Find(world.customers, "customer-1")->note += "x";
            return absl::OkStatus();
          })));
    }
  }
  for (auto& outcome : outcomes) EXPECT_THAT(outcome.get(), IsOk());
  EXPECT_EQ(Number("SELECT CHAR_LENGTH(note) FROM customers WHERE customer_id = 'customer-1'"), 200);
  EXPECT_THAT(Violations(), IsEmpty());
}

}  // namespace
}  // namespace lmp::engine
