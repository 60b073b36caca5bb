// How many rows hot statements touch where there is very much that they need not read. (At the usual size that is in
// hot_plans.txt.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <set>
#include <string>

#include "absl/time/civil_time.h"
#include "storage/affected.h"
#include "storage/due_customers.h"
#include "storage/license_checks.h"
#include "storage/list_queries.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"
#include "tests/benchmarks/fill/population.h"
#include "tests/storage/filled_test.h"

namespace lmp::storage {
namespace {

using testing::IsOk;

class HotRowsTest : public FilledTest {
 protected:
  void SetUp() override { ASSERT_THAT(connection_->Execute("START TRANSACTION"), IsOk()); }
  void TearDown() override { EXPECT_THAT(connection_->Execute("ROLLBACK"), IsOk()); }

  // The rows that the database touches for a call, which is run twice: the statistics that it reads once do not count.
  template <class Call>
  static int64_t Touched(const Call& call) {
    EXPECT_THAT(call(), IsOk());
    const int64_t before = RowsTouched(*connection_);
    EXPECT_THAT(call(), IsOk());
    return RowsTouched(*connection_) - before;
  }
  int64_t Number(const std::string& sql) {
    const auto rows = connection_->Query(sql, {});
    const int64_t number = rows.ok() && (*rows)->Next() ? (*rows)->Int64(0) : -1;
    if (rows.ok()) (*rows)->Next();
    return number;
  }

  const model::Date today_ = absl::ToCivilDay(now_, absl::UTCTimeZone());
};

// What has ended stays ended, however much of it there is.
TEST_F(HotRowsTest, WhatHasEndedWithItsProductIsNotReadAgain) {
  const std::string product = bench::Population::PooledProducts()[0];
  const auto update = [&](const std::string& sql) { return connection_->Update(sql, {product}).value_or(0); };
  ASSERT_GT(update("UPDATE licenses SET closed = TRUE, due_date = NULL WHERE product_id = ?"), 900);
  ASSERT_EQ(update("UPDATE products SET end_of_life_date = '2026-01-31' WHERE product_id = ?"), 1);
  const std::string partner = bench::Population(1, WantedLicenses(), now_).Resellers()[0];
  const model::AffectedBy by{model::AffectedBy::What::kProduct, product};
  EXPECT_LE(Touched([&] { return ListDueCustomers(*connection_, today_, "", 100).status(); }), 200);
  EXPECT_LE(Touched([&] { return AnyDateStale(*connection_, today_).status(); }), 200);
  EXPECT_LE(Touched([&] { return ListDue(*connection_, {.pools_of = {partner}}, today_).status(); }), 200);
  EXPECT_LE(Touched([&] { return CountAffected(*connection_, by, {}).status(); }), 700);  // it reads all plans
}

// Nor do the licenses that a customer ever had of a product make a check of it slow.
TEST_F(HotRowsTest, WhatHasEndedBeforeIsNotReadByACheckOfItsProduct) {
  const std::string large =
      bench::Population(1, WantedLicenses(), now_).Make(bench::Population::kLargeCustomer).customer.customer_id;
  const std::string product = bench::Population::PooledProducts()[0];
  ASSERT_GT(connection_
                ->Update("UPDATE licenses SET closed = TRUE, due_date = NULL, product_id = ? WHERE customer_id = ?",
                         {product, large})
                .value_or(0),
            199);
  model::World world;
  EXPECT_LE(Touched([&] { return LoadLicenseChecks(*connection_, {{large, product}}, world); }), 20);
  ASSERT_EQ(world.licenses.size(), 1);
  const auto last = connection_->Query("SELECT MAX(grace_end_date) FROM licenses WHERE customer_id = ?", {large});
  ASSERT_TRUE(last.ok() && (*last)->Next());
  EXPECT_EQ(absl::FormatCivilTime(world.licenses.begin()->second.grace_end_date), (*last)->String(0));
}

// A customer's own row, and one license, are read by their keys, however much else the customer has.
TEST_F(HotRowsTest, OneRowOfACustomerThatHasMuchIsReadAlone) {
  const bench::Member large = bench::Population(1, WantedLicenses(), now_).Make(bench::Population::kLargeCustomer);
  const std::string id = large.customer.customer_id;
  ASSERT_GE(large.licenses.size(), 200);
  CatalogCache cache;
  const auto load = [&](const model::Footprint& footprint) {
    return [&, footprint] { return LoadWorld(*connection_, footprint, Locking::kNone, cache).status(); };
  };
  EXPECT_LE(Touched(load({.lone_customers = {id}})), 20);
  EXPECT_LE(Touched(load({.lone_licenses = {{id, large.licenses[0].license_id}}})), 20);
  EXPECT_GE(Touched(load({.customers = {id}})), 200) << "as it is counted here";
}

// However much is due, the worker's page reads what it takes.
TEST_F(HotRowsTest, APageOfWhatIsDueReadsNoMoreThanItTakes) {
  const std::string due = "UPDATE licenses SET due_date = '2026-01-31' - INTERVAL units % 7 DAY WHERE closed = 0";
  ASSERT_GT(connection_->Update(due, {}).value_or(0), 10'000);
  const int64_t customers = Number("SELECT COUNT(DISTINCT customer_id) FROM licenses WHERE closed = 0");
  std::set<std::string> found;
  std::string after;
  do {
    CustomerPage page;
    const int64_t touched = Touched([&]() -> absl::Status {
      ASSIGN_OR_RETURN(page, ListDueCustomers(*connection_, today_, after, 100));
      return absl::OkStatus();
    });
    EXPECT_LE(touched, 1200);
    EXPECT_LE(page.customers.size(), 100);
    found.insert(page.customers.begin(), page.customers.end());
    after = page.last;
  } while (!after.empty());
  EXPECT_EQ(std::ssize(found), customers);
}

}  // namespace
}  // namespace lmp::storage
