// What time does by itself, on a real database: seen by readers at once, stored once by whoever comes first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "server/domain/license/license_check.h"
#include "server/domain/license/pool_verbs.h"
#include "server/domain/lookup.h"
#include "server/workers/renewal_worker.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;

constexpr char kMonthlyPlan[] = "cas-monthly";  // renews by itself; assigned on 15 March

class TimePassingTest : public EngineTest {
 protected:
  void AssignMonthly(const std::vector<std::string>& customers) {
    for (const std::string& customer : customers)
      EXPECT_THAT(Run(Assign(customer, kMonthlyPlan, {{kService, 10}})), IsOk());
  }
  std::string Check(const std::string& customer) {
    const auto engine = NewReadEngine({.workers = 1});
    const auto answer =
        Start(*engine, Query{.footprint = {.license_checks = {{customer, kService}}},
                             .answer = [customer](const model::World& world,
                                                  const domain::Env& env) -> absl::StatusOr<std::string> {
                               const auto check = domain::CheckLicense(world, customer, kService, env.today);
                               if (check.license == nullptr) return std::string("none");
                               return absl::StrCat(model::NameOf(check.state), " until ",
                                                   absl::FormatCivilTime(check.license->expiration_date));
                             }})
            .get();
    return answer.ok() ? *answer : answer.status().ToString();
  }
};

TEST_F(TimePassingTest, AReaderSeesTheRenewalsThatNobodyHasStored) {
  const auto customers = AddCustomers(1);
  AssignMonthly(customers);
  EXPECT_EQ(Check(customers[0]), "ACTIVE until 2026-04-15");
  SetNow(kNow + absl::Hours(24 * 70));  // 24 May
  EXPECT_EQ(Check(customers[0]), "ACTIVE until 2026-06-15");
  EXPECT_THAT(Texts("SELECT expiration_date FROM licenses"), ElementsAre("2026-04-15"));  // it kept nothing
}

// The one that time has just closed is not the one that ends last: so a check says what it says once that is stored.
TEST_F(TimePassingTest, ACheckNamesWhatEndsLastOfAllThatHasEnded) {
  const auto customers = AddCustomers(1);
  EXPECT_THAT(Run(AssignService(customers[0])), IsOk());  // for a year
  EXPECT_THAT(Run(CancelOf(customers[0], Texts("SELECT subscription_id FROM subscriptions").at(0))), IsOk());
  const std::string canceled = Check(customers[0]);
  EXPECT_EQ(canceled, "DISABLED until 2027-03-15");
  AssignMonthly(customers);
  EXPECT_EQ(Check(customers[0]), "ACTIVE until 2026-04-15");
  EXPECT_OK(admin_->Execute("UPDATE subscriptions SET auto_renewal = FALSE WHERE state = 'ACTIVE'"));
  EXPECT_OK(admin_->Execute("UPDATE licenses SET due_date = expiration_date WHERE closed = FALSE"));
  SetNow(kNow + absl::Hours(24 * 100));
  EXPECT_EQ(Check(customers[0]), canceled);
  EXPECT_THAT(Run(UpdateNote(customers[0], "hello")), IsOk());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM licenses WHERE closed = TRUE"), 2);
  EXPECT_EQ(Check(customers[0]), canceled);
}

TEST_F(TimePassingTest, TheNextCommandStoresThemWithTheirDaysAndNobodyAsActor) {
  const auto customers = AddCustomers(1);
  AssignMonthly(customers);
  SetNow(kNow + absl::Hours(24 * 70));
  EXPECT_THAT(Run(UpdateNote(customers[0], "hello")), IsOk());
  EXPECT_THAT(Texts("SELECT effective_date FROM events WHERE kind = 'SUBSCRIPTION_RENEWED' AND row_table = 'licenses' "
                    "ORDER BY event_id"),
              ElementsAre("2026-04-15", "2026-05-15"));
  EXPECT_THAT(Texts("SELECT DISTINCT actor FROM events WHERE kind = 'SUBSCRIPTION_RENEWED'"), ElementsAre("system"));
  EXPECT_THAT(Texts("SELECT expiration_date FROM licenses"), ElementsAre("2026-06-15"));
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(TimePassingTest, SeveralWorkersStoreEachTermOnce) {
  const auto customers = AddCustomers(120);  // more than a page
  AssignMonthly(customers);
  SetNow(kNow + absl::Hours(24 * 100));  // 23 June: three terms
  const auto other = NewWriteEngine({.workers = 2});
  server::RenewalWorker first(database_, *writes_, [this] { return Now(); });
  server::RenewalWorker second(database_, *other, [this] { return Now(); });
  std::thread beside([&] { EXPECT_THAT(second.RunOnce(), IsOk()); });
  EXPECT_THAT(first.RunOnce(), IsOk());
  beside.join();
  EXPECT_EQ(Number("SELECT COUNT(*) FROM events WHERE kind = 'SUBSCRIPTION_RENEWED' AND row_table = 'licenses'"),
            3 * 120);
  EXPECT_THAT(Texts("SELECT DISTINCT expiration_date FROM licenses"), ElementsAre("2026-07-15"));
  EXPECT_THAT(first.RunOnce(), IsOkAndHolds(0));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM requests WHERE method = 'ApplyDue'"), 0);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(TimePassingTest, ADayIsStoredAsSoonAsItBegins) {
  const auto customers = AddCustomers(1);
  AssignMonthly(customers);
  const absl::Time midnight = absl::FromCivil(absl::CivilDay(2026, 4, 15), absl::UTCTimeZone());
  SetNow(midnight - absl::Milliseconds(20));
  server::RenewalWorker worker(database_, *writes_, [this] { return Now(); });
  worker.Start(absl::Hours(1), [] { return true; });
  const auto await = [](const std::function<bool()>& holds) {
    const absl::Time until = absl::Now() + absl::Seconds(30);
    while (!holds() && absl::Now() < until) absl::SleepFor(absl::Milliseconds(20));
    return holds();
  };
  EXPECT_TRUE(await([&] { return worker.stats().passes > 0; }));
  EXPECT_THAT(Texts("SELECT expiration_date FROM licenses"), ElementsAre("2026-04-15"));
  SetNow(midnight);
  EXPECT_TRUE(await([&] { return worker.stats().done > 0; }));
  EXPECT_THAT(Texts("SELECT expiration_date FROM licenses"), ElementsAre("2026-05-15"));
}

TEST_F(TimePassingTest, TheWorkerPassesOverACustomerForWhomItFails) {
  const auto customers = AddCustomers(120);  // more than a page
  AssignMonthly(customers);
  for (const char* customer : {"customer-1", "customer-7"}) {  // the event of its renewal is there already
    EXPECT_OK(
        admin_->Execute(absl::StrCat("INSERT INTO events (event_time, actor, reason, request_id, kind, row_table, "
                                     "key1, key2, revision, before_image, after_image) "
                                     "SELECT event_time, actor, reason, request_id, kind, row_table, key1, key2, 2, "
                                     "before_image, after_image FROM events "
                                     "WHERE row_table = 'licenses' AND key1 = '",
                                     customer, "'")));
  }
  SetNow(kNow + absl::Hours(24 * 40));
  server::RenewalWorker worker(database_, *writes_, [this] { return Now(); });
  EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(118));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM licenses WHERE due_date < '2026-05-01'"), 2);
  EXPECT_FALSE(worker.RunOnce().ok());  // of those two none succeeds
}

// However many fail: they fill the worker's first page.
TEST_F(TimePassingTest, TheWorkerComesToThoseBehindManyForWhomItFails) {
  const auto customers = AddCustomers(103);
  AssignMonthly(customers);
  EXPECT_OK(admin_->Execute(
      "CREATE TRIGGER fault BEFORE UPDATE ON licenses FOR EACH ROW IF NEW.customer_id < 'customer-98' THEN "
      "SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 4025, MESSAGE_TEXT = 'no'; END IF"));
  SetNow(kNow + absl::Hours(24 * 40));
  server::RenewalWorker worker(database_, *writes_, [this] { return Now(); });
  EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(2));  // customer-98 and -99 are the last in order of name
  EXPECT_EQ(Number("SELECT COUNT(*) FROM licenses WHERE due_date < '2026-05-01'"), 101);
  EXPECT_OK(admin_->Execute("DROP TRIGGER fault"));
  EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(101));
}

TEST_F(TimePassingTest, AnEndedLicenseGivesItsUnitsBackToThePool) {
  AddPool(kService, 10);
  const auto customers = AddCustomers(2);
  EXPECT_THAT(Run(Assign(customers[0], "cas-quarterly", {{kService, 10}})), IsOk());  // no renewal, no grace
  EXPECT_EQ(ReasonOf(Run(Assign(customers[1], "cas-quarterly", {{kService, 10}})).status()), "POOL_EXHAUSTED");
  SetNow(kNow + absl::Hours(24 * 92));  // 15 June
  server::RenewalWorker worker(database_, *writes_, [this] { return Now(); });
  EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(1));
  EXPECT_THAT(Run(Assign(customers[1], "cas-quarterly", {{kService, 10}})), IsOk());
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(TimePassingTest, APoolThatIsMadeCountsTheLicensesThatAreThereEvenWhileMoreAreMade) {
  const auto customers = AddCustomers(20);
  std::vector<Mutation> mutations;
  for (const std::string& customer : customers) mutations.push_back(AssignService(customer));
  mutations.push_back(MutationOf(AddPoolUnits(kService, 100)));
  EXPECT_THAT(RunInParallel(*writes_, std::move(mutations)), Each(IsOk()));
  EXPECT_EQ(Number("SELECT assigned FROM license_pools"), 20);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(TimePassingTest, ALicenseThatEndsGivesUpItsServiceBeforeAnotherTakesIt) {
  const auto customers = AddCustomers(1);
  EXPECT_THAT(Run(Assign(customers[0], "wfs-standard-monthly", {{"worry-free-services-standard", 10}})), IsOk());
  SetNow(kNow + absl::Seconds(1));  // ids grow with time: the one that takes comes first in the order of keys
  EXPECT_THAT(Run(Assign(customers[0], "cas-quarterly", {{kService, 10}})), IsOk());
  EXPECT_THAT(Run(Custom({.customers = customers},
                         [](model::World& world, const domain::Env&) {
                           for (auto& [key, license] : world.licenses) {
                             if (license.product_id == kService) {
                               license.closed = true;
                             } else {
                               license.product_id = kService;
                             }
                           }
                           return absl::OkStatus();
                         })),
              IsOk());
}

}  // namespace
}  // namespace lmp::engine
