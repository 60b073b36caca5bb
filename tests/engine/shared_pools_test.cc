// Pools and time: what has ended gives its units back on that day, whoever looks, and what was shown is not undone. No
// worker runs here; two servers are two engines with caches of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/catalog/catalog_verbs.h"
#include "server/domain/customer/partner_verbs.h"
#include "server/domain/license/pool_verbs.h"
#include "server/domain/lookup.h"
#include "server/domain/subscription/verbs.h"
#include "server/engine/history.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kQuarterly[] =
    "cas-quarterly";  // of kService, no renewal, no grace: assigned on 15 March it ends on 15 June
constexpr char kMonthly[] = "cas-monthly";  // renews by itself
constexpr char kOther[] = "hosted-email-security";

class SharedPoolsTest : public EngineTest {
 protected:
  void GoTo(model::Date day) { SetNow(absl::FromCivil(absl::CivilSecond(day) + 12 * 3600, absl::UTCTimeZone())); }

  // As a reader of the pool sees it: "assigned of total, at revision".
  std::string Pool(const std::string& product = kService) {
    v1::GetLicensePoolRequest request;
    request.set_name(domain::PoolName(kPartner, product));
    const auto pool = Ask<v1::LicensePool>(request);
    if (!pool.ok()) return pool.status().ToString();
    return absl::StrCat(pool->assigned_units(), " of ", pool->total_units(), " at ", pool->etag());
  }
  // The names of the pools that a list with this filter has.
  std::vector<std::string> List(const std::string& filter) {
    v1::ListLicensePoolsRequest request;
    request.set_parent("partners/-");
    request.set_filter(filter);
    const auto response = Ask<v1::ListLicensePoolsResponse>(request);
    EXPECT_THAT(response, IsOk());
    std::vector<std::string> found;
    if (!response.ok()) return found;
    for (const auto& pool : response->license_pools()) found.push_back(pool.name());
    return found;
  }
  // Units of the customer's license of the service, to a reader.
  std::string License(const std::string& customer) {
    const auto engine = NewReadEngine({.workers = 1});
    const auto answer =
        Start(*engine,
              Query{.footprint = {.customers = {customer}},
                    .answer = [customer](const model::World& world, const domain::Env&) -> absl::StatusOr<std::string> {
                      std::string text;
                      for (const auto& [key, license] : Range(world.licenses, customer))
                        absl::StrAppend(&text, license.units, license.closed ? " closed" : "");
                      return text;
                    }})
            .get();
    return answer.ok() ? *answer : answer.status().ToString();
  }

  Outcome Take(const std::string& customer, int units, Mode mode = Mode::kLive) {
    return Run(Assign(customer, kQuarterly, {{kService, units}}, domain::CrossgradeMode::kReject, mode));
  }
  std::string SubscriptionOf(const std::string& customer) {
    return Texts(absl::StrCat("SELECT subscription_id FROM subscriptions WHERE customer_id = '", customer, "'")).at(0);
  }
  // A change of the customer's units on a later day.
  Mutation ChangeUnits(const std::string& customer, int units, model::Date day) {
    return MutationOf(ChangeOfUnits(customer, SubscriptionOf(customer), kService, units, day));
  }
  Mutation AddUnits(int units, const std::string& product = kService) {
    return MutationOf(AddPoolUnits(product, units));
  }

  static v1::EndProductLifeRequest EndOfLife(const std::string& product, model::Date day) {
    v1::EndProductLifeRequest request;
    request.set_name(domain::ProductName(product));
    SetDate(day, request.mutable_end_date());
    return request;
  }

  const model::Date kEnd{2026, 6, 15};
};

TEST_F(SharedPoolsTest, WhatHasEndedGivesItsUnitsBackWhoeverLooks) {
  AddPool(kService, 100);
  AddCustomers(2);
  EXPECT_THAT(Take("customer-1", 40), IsOk());
  GoTo(kEnd - 1);
  EXPECT_EQ(Pool(), "40 of 100 at 2");
  EXPECT_EQ(ReasonOf(Take("customer-2", 70).status()), "POOL_EXHAUSTED");
  GoTo(kEnd);
  EXPECT_EQ(Pool(), "0 of 100 at 3");
  EXPECT_THAT(List("assigned_units = 0"), ElementsAre("partners/msp-one/licensePools/cloud-app-security"));
  EXPECT_THAT(List("assigned_units > 0"), IsEmpty());
  EXPECT_EQ(Number("SELECT assigned FROM license_pools"), 40);  // readers keep nothing
  EXPECT_THAT(Take("customer-2", 70), IsOk());
  EXPECT_EQ(Pool(), "70 of 100 at 4");
  EXPECT_THAT(
      Texts("SELECT CONCAT(kind, ' ', actor, ' ', effective_date) FROM events WHERE row_table = 'license_pools' AND "
            "revision = 3"),
      ElementsAre("LICENSE_ENDED system 2026-06-15"));
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(SharedPoolsTest, AChangeThatWasShownIsNotTakenBack) {
  AddPool(kService, 10);
  AddCustomers(2);
  EXPECT_THAT(Take("customer-1", 2), IsOk());
  EXPECT_THAT(Run(ChangeUnits("customer-1", 8, kToday + 5)), IsOk());
  GoTo(kToday + 5);
  EXPECT_EQ(License("customer-1"), "8");
  EXPECT_EQ(Pool(), "8 of 10 at 3");
  EXPECT_EQ(ReasonOf(Take("customer-2", 8).status()), "POOL_EXHAUSTED");
  EXPECT_THAT(Take("customer-2", 2), IsOk());
  EXPECT_EQ(License("customer-1"), "8");
  EXPECT_EQ(Number("SELECT units FROM licenses WHERE customer_id = 'customer-1'"), 8);
  EXPECT_EQ(Pool(), "10 of 10 at 4");
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(SharedPoolsTest, APoolIsReadAsItWasOnADayWhoeverNoticedThatDayAndWhen) {
  AddPool(kService, 100);
  AddCustomers(2);
  EXPECT_THAT(Take("customer-1", 40), IsOk());
  const auto at = [&](model::Date day) {
    int assigned = -1;
    EXPECT_OK(database_.Snapshot(absl::InfiniteFuture(), [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(const model::World world,
                       LoadWorldAt(connection, cache_, model::Footprint{.pools = {{kPartner, kService}}},
                                   absl::FromCivil(absl::CivilSecond(day) + 12 * 3600, absl::UTCTimeZone())));
      if (!world.pools.empty()) assigned = world.pools.begin()->second.assigned;
      return absl::OkStatus();
    }));
    return assigned;
  };
  GoTo(kEnd + 5);
  for (const bool noticed : {false, true}) {
    if (noticed) {
      EXPECT_THAT(Take("customer-2", 7), IsOk());
    }
    EXPECT_EQ(at(kToday - 1), -1);
    EXPECT_EQ(at(kEnd - 1), 40);
    EXPECT_EQ(at(kEnd), 0);
    EXPECT_EQ(at(kEnd + 4), 0);
    EXPECT_EQ(at(kEnd + 5), noticed ? 7 : 0);
  }
}

TEST_F(SharedPoolsTest, APreviewAndARefusalSeeItTooAndStoreNothing) {
  AddPool(kService, 10);
  AddCustomers(3);
  EXPECT_THAT(Take("customer-1", 10), IsOk());
  GoTo(kEnd);
  const auto before = AllCounts();
  EXPECT_THAT(Take("customer-2", 10, Mode::kValidateOnly), IsOk());
  EXPECT_EQ(ReasonOf(Take("customer-3", 11).status()), "POOL_EXHAUSTED");
  EXPECT_EQ(AllCounts(), before);
  EXPECT_EQ(Number("SELECT assigned FROM license_pools"), 10);
  EXPECT_THAT(Take("customer-2", 10), IsOk());
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(SharedPoolsTest, ARefillIsOfWhatIsLeftAfterUnitsCameBack) {
  AddPool(kService, 20, /*minimum=*/4);
  AddCustomers(2);
  EXPECT_THAT(Take("customer-1", 16), IsOk());  // 4 are left: not below
  GoTo(kEnd);
  EXPECT_THAT(Take("customer-2", 16), IsOk());  // 20 came first: 4 are left again
  EXPECT_EQ(Pool(), "16 of 20 at 4");
}

TEST_F(SharedPoolsTest, TheVerbsOfAPoolLetTimePassFirst) {
  AddPool(kService, 20);
  AddCustomers(1);
  EXPECT_THAT(Take("customer-1", 18), IsOk());
  GoTo(kEnd);
  v1::UpdateLicensePoolRequest update;
  update.mutable_license_pool()->set_name(domain::PoolName(kPartner, kService));
  update.mutable_license_pool()->set_minimum_units(10);  // of 20 free: no refill
  update.mutable_license_pool()->set_etag("3");          // what a reader sees: the end came before
  update.mutable_update_mask()->add_paths("minimum_units");
  EXPECT_THAT(Run(update), IsOk());
  EXPECT_EQ(Pool(), "0 of 20 at 4");
  EXPECT_EQ(Number("SELECT closed FROM licenses"), 1);
  EXPECT_THAT(Run(AddUnits(5)), IsOk());
  EXPECT_EQ(Pool(), "0 of 25 at 5");
}

TEST_F(SharedPoolsTest, APoolThatIsMadeDoesNotCountWhatHasEnded) {
  AddCustomers(2);
  EXPECT_THAT(Take("customer-1", 18), IsOk());
  EXPECT_THAT(Run(Assign("customer-2", kMonthly, {{kService, 3}})), IsOk());
  GoTo(kEnd);
  EXPECT_THAT(Run(AddUnits(5)), IsOk());
  EXPECT_EQ(Pool(), "3 of 5 at 1");
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(SharedPoolsTest, TheEndOfAProductsLifeGivesUnitsBackOnItsDay) {
  AddPool(kService, 20);
  AddPool(kOther, 7);
  AddCustomers(2);
  EXPECT_THAT(Take("customer-1", 18), IsOk());
  EXPECT_THAT(Run(Assign("customer-2", "hes-annual", {{kOther, 7}})), IsOk());
  EXPECT_THAT(Run(EndOfLife(kOther, kToday + 9)), IsOk());
  GoTo(kToday + 8);
  EXPECT_EQ(Pool(kOther), "7 of 7 at 2");
  GoTo(kToday + 9);
  EXPECT_EQ(Pool(kOther), "0 of 7 at 3");
  EXPECT_EQ(Pool(), "18 of 20 at 2");
  EXPECT_THAT(Run(AddUnits(1, kOther)), IsOk());
  EXPECT_EQ(Pool(kOther), "0 of 8 at 4");
  EXPECT_THAT(Violations(), IsEmpty());
}

// Ending a partner or a product decides what time would have done: what was due before has been done.
TEST_F(SharedPoolsTest, WhatWasDueBeforeAPartnerOrAProductIsEndedIsDoneFirst) {
  AddCustomers(2);
  EXPECT_THAT(Run(Assign("customer-1", kMonthly, {{kService, 2}})), IsOk());
  EXPECT_THAT(Run(Assign("customer-2", "wfbs-monthly", {{"worry-free-business-security", 9}})), IsOk());
  EXPECT_THAT(Run(ChangeUnits("customer-1", 8, kToday + 5)), IsOk());
  GoTo(kToday + 40);
  EXPECT_THAT(Run(EndOfLife(kService, kToday + 41), Mode::kValidateOnly), IsOk());
  EXPECT_EQ(Number("SELECT units FROM licenses WHERE customer_id = 'customer-1'"), 2);  // a preview stores nothing
  EXPECT_THAT(Run(EndOfLife(kService, kToday + 41)), IsOk());
  EXPECT_EQ(Number("SELECT units FROM licenses WHERE customer_id = 'customer-1'"), 8);
  EXPECT_EQ(Number("SELECT closed FROM licenses WHERE customer_id = 'customer-2'"), 0);
  GoTo(kToday + 80);
  v1::CancelPartnerRequest cancel;
  cancel.set_name(domain::PartnerName(kPartner));
  EXPECT_THAT(Run(cancel), IsOk());
  EXPECT_EQ(Number("SELECT COUNT(*) FROM licenses WHERE closed = 1"), 2);
  EXPECT_THAT(Violations(), IsEmpty());
}

// What licenses have together may be more than an int holds; a pool never has.
TEST_F(SharedPoolsTest, SumsOfUnitsAreNotCutOff) {
  constexpr int kMany = 2200;
  // More of one product than a customer may have by now.
  WriteEngine before(database_, cache_, ids_,
                     {.clock = [this] { return Now(); }, .room = {.licenses_of_product = kMany}});
  EXPECT_THAT(Start(before, Custom({.service_plans = {"encryption-annual"}, .customers = AddCustomers(1)},
                                   [](model::World& world, const domain::Env&) {
                                     for (int i = 0; i < kMany; ++i) {
                                       model::License license{.customer_id = "customer-1",
                                                              .license_id = absl::StrCat("license-", i)};
                                       license.product_id = "endpoint-encryption";
                                       license.product_kind = model::ProductKind::kSoftware;
                                       license.unit = model::ProductUnit::kEncryptionKey;
                                       license.units = 999'999;
                                       license.start_date = license.anchor_date = model::Date(2026, 3, 15);
                                       license.expiration_date = license.grace_end_date = model::Date(2027, 3, 15);
                                       license.activation_code = absl::StrCat("LM-", i);
                                       world.licenses[KeyOf(license)] = license;
                                     }
                                     return absl::OkStatus();
                                   }))
                  .get(),
              IsOk());
  EXPECT_EQ(ReasonOf(Run(AddUnits(999'999, "endpoint-encryption")).status()), "POOL_EXHAUSTED");
  v1::CheckLicenseRequest check;
  check.set_customer("customers/customer-1");
  check.set_product("products/endpoint-encryption");
  const auto answer = Ask<v1::CheckLicenseResponse>(check);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->units(), 2'147'483'647);
}

// What ends on a day comes before what takes on that day, whatever the customers are called, and day comes before day.
TEST_F(SharedPoolsTest, UnitsThatComeBackOnADayServeTheChangesOfThatDayAndNotThoseBefore) {
  AddPool(kService, 12);
  AddCustomers(3);
  EXPECT_THAT(Take("customer-3", 10), IsOk());
  SetNow(kNow + absl::Hours(24));
  EXPECT_THAT(Take("customer-1", 1), IsOk());
  EXPECT_THAT(Take("customer-2", 1), IsOk());
  EXPECT_THAT(Run(ChangeUnits("customer-1", 11, kEnd)), IsOk());
  EXPECT_THAT(Run(ChangeUnits("customer-2", 5, kEnd - 1)), IsOk());
  GoTo(kEnd);
  const std::string pool = Pool(), first = License("customer-1"), second = License("customer-2");
  EXPECT_EQ(pool, "12 of 12 at 6");
  EXPECT_EQ(first, "11");
  EXPECT_EQ(second, "1");  // the day before there was nothing to take
  EXPECT_THAT(Run(UpdateNote("customer-2", "hello")), IsOk());
  EXPECT_THAT(Texts("SELECT state FROM scheduled_changes ORDER BY customer_id"), ElementsAre("APPLIED", "DROPPED"));
  EXPECT_EQ(Pool(), pool);
  EXPECT_EQ(License("customer-1"), first);
  EXPECT_EQ(License("customer-2"), second);
  EXPECT_THAT(Violations(), IsEmpty());
}

// More than one transaction takes: nothing is loaded or locked without bound, and all comes back.
TEST_F(SharedPoolsTest, AMidnightWithManyDueIsStoredInParts) {
  constexpr int kMany = 100;
  AddPool(kService, kMany);
  AddCustomers(kMany + 1);
  for (int i = 1; i <= kMany; ++i) EXPECT_THAT(Take(absl::StrCat("customer-", i), 1), IsOk());
  GoTo(kEnd);
  EXPECT_EQ(Pool(), absl::StrCat("0 of ", kMany, " at ", 2 * kMany + 1));
  const int64_t commits = ServerStatus("Com_commit");
  const auto other = NewWriteEngine({.workers = 2});
  auto beside = Start(*other, Assign(absl::StrCat("customer-", kMany), kMonthly, {{kService, 40}}));
  EXPECT_THAT(Take(absl::StrCat("customer-", kMany + 1), 60), IsOk());
  EXPECT_THAT(beside.get(), IsOk());
  EXPECT_EQ(Pool(), absl::StrCat(kMany, " of ", kMany, " at ", 2 * kMany + 3));
  EXPECT_EQ(Number("SELECT COUNT(*) FROM events WHERE kind = 'LICENSE_ENDED' AND row_table = 'licenses'"), kMany);
  EXPECT_GE(ServerStatus("Com_commit") - commits, 2 + (kMany - 32) / 32);
  EXPECT_THAT(Violations(), IsEmpty());
}

// A reader does not play what takes less time to be stored.
TEST_F(SharedPoolsTest, AReaderOfAPoolWaitsForWhatIsTooMuchToPlay) {
  constexpr int kMany = 5;
  AddCustomers(kMany);
  AddPool(kService, 100);
  for (int i = 1; i <= kMany; ++i) EXPECT_THAT(Take(absl::StrCat("customer-", i), 10), IsOk());
  const auto columns = Texts(
      "SELECT GROUP_CONCAT(column_name) FROM information_schema.columns WHERE table_schema = DATABASE() AND "
      "table_name = 'licenses' AND extra NOT LIKE '%GENERATED%' AND column_name NOT IN ('license_id', 'closed', "
      "'due_date')");
  for (int64_t count = kMany; count <= 100'000; count *= 2) {
    EXPECT_OK(admin_->Execute(absl::StrCat("INSERT INTO licenses (license_id, closed, due_date, ", columns.at(0),
                                           ") SELECT UUID(), TRUE, NULL, ", columns.at(0), " FROM licenses")));
  }
  GoTo(model::Date(2026, 6, 20));
  EXPECT_THAT(Pool(), HasSubstr("ask again"));
  EXPECT_THAT(Run(UpdateNote("customer-1", "time passes")), IsOk());
  EXPECT_THAT(Pool(), HasSubstr("0 of 100"));
}

// Two servers, each with customers of its own order, at a midnight with ends and changes due: nobody waits in a circle,
// every unit is given once, and what is left is what a reader saw before.
TEST_F(SharedPoolsTest, TwoServersAtMidnightAgree) {
  constexpr int kEach = 24;
  AddPool(kService, 3 * kEach);
  AddCustomers(3 * kEach);
  for (int i = 1; i <= kEach; ++i) EXPECT_THAT(Take(absl::StrCat("customer-", i), 2), IsOk());  // end
  SetNow(kNow + absl::Hours(24));
  for (int i = kEach + 1; i <= 2 * kEach; ++i) {
    EXPECT_THAT(Take(absl::StrCat("customer-", i), 1), IsOk());
    EXPECT_THAT(Run(ChangeUnits(absl::StrCat("customer-", i), 2, kEnd)), IsOk());
  }
  GoTo(kEnd);
  EXPECT_EQ(Pool().substr(0, 8), absl::StrCat(2 * kEach, " of ", 3 * kEach).substr(0, 8));
  storage::Database once(schema_.options(), 8, {.max_attempts = 1});  // a deadlock would show
  const auto left = NewWriteEngine({.workers = 2, .max_batch = 4}, once),
             right = NewWriteEngine({.workers = 2, .max_batch = 4}, once);
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 2 * kEach + 1; i <= 3 * kEach; ++i) {
    outcomes.push_back(Start(*left, Assign(absl::StrCat("customer-", i), kQuarterly, {{kService, 1}})));
    outcomes.push_back(Start(*right, UpdateNote(absl::StrCat("customer-", 5 * kEach - i + 1), "beside")));
  }
  for (auto& outcome : outcomes) EXPECT_THAT(outcome.get(), IsOk());
  EXPECT_EQ(Number("SELECT assigned FROM license_pools"), 3 * kEach);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM scheduled_changes WHERE state = 'APPLIED'"), kEach);
  EXPECT_EQ(ReasonOf(Take("customer-1", 1).status()), "POOL_EXHAUSTED");
  EXPECT_THAT(Violations(), IsEmpty());
}

// Whose rows can't be stored holds up nobody.
TEST_F(SharedPoolsTest, ACustomerForWhomTimeCannotPassIsPassedOver) {
  AddPool(kService, 10);
  AddCustomers(4);
  for (const char* customer : {"customer-1", "customer-2"}) EXPECT_THAT(Take(customer, 3), IsOk());
  // The event of its end is there already.
  EXPECT_OK(
      admin_->Execute("INSERT INTO events (event_time, actor, reason, request_id, kind, row_table, key1, key2, "
                      "revision, before_image, after_image) "
                      "SELECT event_time, actor, reason, request_id, kind, row_table, key1, key2, 2, before_image, "
                      "after_image FROM events "
                      "WHERE row_table = 'licenses' AND key1 = 'customer-1'"));
  GoTo(kEnd);
  std::vector<std::string> passed_over;
  WriteEngine engine(
      database_, cache_, ids_,
      {.clock = [this] { return Now(); },
       .passed_over = [&](const std::string& customer, const absl::Status&) { passed_over.push_back(customer); }});
  EXPECT_EQ(ReasonOf(Start(engine, Assign("customer-3", kQuarterly, {{kService, 8}})).get().status()),
            "POOL_EXHAUSTED");
  EXPECT_THAT(Start(engine, Assign("customer-3", kQuarterly, {{kService, 7}})).get(), IsOk());
  EXPECT_EQ(Number("SELECT assigned FROM license_pools"), 10);
  EXPECT_THAT(passed_over, ElementsAre("customer-1", "customer-1"));
}

}  // namespace
}  // namespace lmp::engine
