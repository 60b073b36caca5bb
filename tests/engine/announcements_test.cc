// What the history tells of coming ends, on a real database: each event once, with its exact day, whoever was there in
// between, and whoever wrote the rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "server/workers/renewal_worker.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::SizeIs;

constexpr char kProduct[] = "worry-free-business-security";
constexpr absl::Duration kDay = absl::Hours(24);

class AnnouncementsTest : public EngineTest {
 protected:
  // For a month from 15 March, with 30 days of grace. The notice of a month's license begins in its middle.
  std::vector<std::string> Licensed(int customers) {
    const std::vector<std::string> ids = AddCustomers(customers);
    for (const std::string& id : ids) EXPECT_THAT(Run(Assign(id, "wfbs-monthly", {{kProduct, 10}})), IsOk());
    return ids;
  }
  void SetDay(model::Date day) { SetNow(absl::FromCivil(day, absl::UTCTimeZone()) + absl::Hours(1)); }
  server::RenewalWorker Worker(WriteEngine& writes) {
    return server::RenewalWorker(database_, writes, [this] { return Now(); });
  }
  // What time did to the customer's license, in order.
  std::vector<std::string> Told(const std::string& customer) {
    return Texts(
        absl::StrCat("SELECT CONCAT(kind, ' ', effective_date) FROM events WHERE row_table = 'licenses' AND "
                     "actor = 'system' AND key1 = '",
                     customer, "' ORDER BY event_id"));
  }

  const std::vector<std::string> all_ = {"LICENSE_EXPIRING_SOON 2026-03-31", "LICENSE_EXPIRED 2026-04-15",
                                         "LICENSE_ENDED 2026-05-15"};
};

TEST_F(AnnouncementsTest, InOneJumpEachIsStoredOnceByTwoWorkersAndACommand) {
  const auto customers = Licensed(120);  // more than a page
  SetDay(model::Date(2026, 8, 1));
  const auto other = NewWriteEngine({.workers = 2});
  server::RenewalWorker first = Worker(*writes_), second = Worker(*other);
  std::thread beside([&] { EXPECT_THAT(second.RunOnce(), IsOk()); });
  std::thread command([&] { EXPECT_THAT(Run(UpdateNote(customers[7], "hello")), IsOk()); });
  EXPECT_THAT(first.RunOnce(), IsOk());
  beside.join();
  command.join();
  for (const std::string& customer : customers) EXPECT_EQ(Told(customer), all_) << customer;
  EXPECT_THAT(first.RunOnce(), IsOkAndHolds(0));
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(AnnouncementsTest, DayByDayTheEventsAreTheSameEachOnItsDay) {
  const auto customers = Licensed(1);
  server::RenewalWorker worker = Worker(*writes_);
  for (model::Date day(2026, 3, 16); day < model::Date(2026, 5, 20); ++day) {
    SetDay(day);
    EXPECT_THAT(worker.RunOnce(), IsOk());
    const int come =
        (day >= model::Date(2026, 3, 31)) + (day >= model::Date(2026, 4, 15)) + (day >= model::Date(2026, 5, 15));
    EXPECT_THAT(Told(customers[0]), SizeIs(come)) << day;
  }
  EXPECT_EQ(Told(customers[0]), all_);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM events WHERE kind LIKE 'LICENSE_E%' AND DATE(event_time) <> effective_date"),
            0);
}

TEST_F(AnnouncementsTest, ThereIsNothingToDoOnOtherDays) {
  Licensed(1);
  server::RenewalWorker worker = Worker(*writes_);
  for (const auto& [day, count] : std::vector<std::pair<model::Date, int>>{{model::Date(2026, 3, 30), 0},
                                                                           {model::Date(2026, 3, 31), 1},
                                                                           {model::Date(2026, 4, 14), 0},
                                                                           {model::Date(2026, 4, 15), 1},
                                                                           {model::Date(2026, 5, 14), 0}}) {
    SetDay(day);
    EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(count)) << day;
    EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(0)) << day;
  }
}

TEST_F(AnnouncementsTest, WhatACommandBringsAboutItsOwnEventTells) {
  const auto customers = AddCustomers(1);
  EXPECT_THAT(Run(Assign(customers[0], "cas-monthly", {{kService, 10}})), IsOk());
  SetDay(model::Date(2026, 4, 10));  // renews on the 15th
  v1::UpdateSubscriptionRequest request;
  request.mutable_subscription()->set_name(absl::StrCat("customers/", customers[0], "/subscriptions/",
                                                        Texts("SELECT subscription_id FROM subscriptions").at(0)));
  request.mutable_update_mask()->add_paths("auto_renewal");
  EXPECT_THAT(Run(MutationOf(request)), IsOk());
  EXPECT_THAT(Texts("SELECT CONCAT(kind, ' ', actor) FROM events WHERE row_table = 'licenses' ORDER BY event_id"),
              ElementsAre("SERVICE_PLAN_ASSIGNED tester", "SUBSCRIPTION_UPDATED tester"));
  EXPECT_THAT(Texts("SELECT announced_date FROM licenses"), ElementsAre("2026-04-15"));
  EXPECT_THAT(Told(customers[0]), IsEmpty());
  SetDay(model::Date(2026, 4, 20));
  EXPECT_THAT(Run(UpdateNote(customers[0], "hello")), IsOk());
  EXPECT_THAT(Told(customers[0]), ElementsAre("LICENSE_EXPIRED 2026-04-15"));
}

// --- what a server of the version before writes: it leaves announced_date as it is, and sets the mark without it ---

TEST_F(AnnouncementsTest, TheMarkOfAServerOfBeforeIsFoundOnTheDay) {
  const auto customers = Licensed(3);
  EXPECT_OK(admin_->Execute("UPDATE licenses SET due_date = grace_end_date"));
  SetDay(model::Date(2026, 3, 31));
  server::RenewalWorker worker = Worker(*writes_);
  EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(3));
  for (const std::string& customer : customers)
    EXPECT_THAT(Told(customer), ElementsAre("LICENSE_EXPIRING_SOON 2026-03-31"));
  EXPECT_OK(admin_->Execute("UPDATE licenses SET due_date = grace_end_date"));
  SetDay(model::Date(2026, 4, 15));
  EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(3));
  for (const std::string& customer : customers)
    EXPECT_THAT(Told(customer), ElementsAre("LICENSE_EXPIRING_SOON 2026-03-31", "LICENSE_EXPIRED 2026-04-15"));
}

TEST_F(AnnouncementsTest, TheWholeDatabaseIsLookedThroughForSuchMarksAPageAtATime) {
  AddCustomers(230);
  const std::vector<std::string> licensed = {"customer-1", "customer-180", "customer-99"};  // the first and the last
  for (const std::string& id : licensed) EXPECT_THAT(Run(Assign(id, "wfbs-monthly", {{kProduct, 10}})), IsOk());
  EXPECT_OK(admin_->Execute("UPDATE licenses SET due_date = grace_end_date"));
  SetDay(model::Date(2026, 3, 31));
  server::RenewalWorker worker = Worker(*writes_);
  EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(3));
  for (const std::string& id : licensed) EXPECT_THAT(Told(id), ElementsAre("LICENSE_EXPIRING_SOON 2026-03-31"));
}

TEST_F(AnnouncementsTest, TheMarkOfAServerOfBeforeLosesNothingThoughNobodyLooked) {
  const auto customers = Licensed(1);
  EXPECT_OK(admin_->Execute("UPDATE licenses SET due_date = grace_end_date"));
  SetDay(model::Date(2026, 8, 1));
  EXPECT_THAT(Run(UpdateNote(customers[0], "hello")), IsOk());
  EXPECT_EQ(Told(customers[0]), all_);
}

TEST_F(AnnouncementsTest, ATermThatAServerOfBeforeMadeIsToldOf) {
  const auto customers = Licensed(1);
  SetDay(model::Date(2026, 4, 1));
  server::RenewalWorker worker = Worker(*writes_);
  EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(1));
  // Renewed by hand, a month: the notice begins on 15 April.
  EXPECT_OK(
      admin_->Execute("UPDATE licenses SET expiration_date = '2026-05-15', grace_end_date = '2026-06-14', "
                      "due_date = '2026-06-14'"));
  SetDay(model::Date(2026, 5, 20));
  EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(1));
  EXPECT_THAT(Told(customers[0]), ElementsAre("LICENSE_EXPIRING_SOON 2026-03-31", "LICENSE_EXPIRING_SOON 2026-04-15",
                                              "LICENSE_EXPIRED 2026-05-15"));
}

// --- the end of a product's life, which is declared without writing to the licenses ---

TEST_F(AnnouncementsTest, TheEndOfAProductsLifeIsToldByAReaderAWriterAndTheWorker) {
  const auto customers = Licensed(1);
  v1::EndProductLifeRequest request;
  request.set_name(absl::StrCat("products/", kProduct));
  SetDate(model::Date(2026, 4, 5), request.mutable_end_date());
  EXPECT_THAT(Run(MutationOf(request)), IsOk());
  SetDay(model::Date(2026, 3, 26));  // of 21 days half are 10
  server::RenewalWorker worker = Worker(*writes_);
  EXPECT_THAT(worker.RunOnce(), IsOkAndHolds(1));
  EXPECT_THAT(Told(customers[0]), ElementsAre("LICENSE_EXPIRING_SOON 2026-03-26"));
  EXPECT_THAT(Texts("SELECT due_date FROM licenses"), ElementsAre("2026-04-05"));
  SetDay(model::Date(2026, 4, 6));
  EXPECT_THAT(Run(UpdateNote(customers[0], "hello")), IsOk());
  EXPECT_THAT(Told(customers[0]), ElementsAre("LICENSE_EXPIRING_SOON 2026-03-26", "LICENSE_ENDED 2026-04-05"));
}

}  // namespace
}  // namespace lmp::engine
