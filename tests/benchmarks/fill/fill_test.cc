// That a filled database is one that the service could have made: `lmp-server check` finds nothing, its marks of time
// are those that the engine sets, and its history is read back. LMP_FILL_ROWS sets how many licenses (default 3000).
#include "tests/benchmarks/fill/fill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "server/check.h"
#include "server/domain/subscription/due.h"
#include "server/engine/history.h"
#include "storage/list_queries.h"
#include "storage/rows/images.h"
#include "storage/rows/sql_rows.h"
#include "storage/world_store.h"
#include "tests/benchmarks/fill/fill_database.h"
#include "tests/benchmarks/fill/population.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::bench {
namespace {

using testing::IsOk;

class FillTest : public ::testing::Test {
 protected:
  static int64_t Licenses() {
    const char* rows = std::getenv("LMP_FILL_ROWS");
    return rows == nullptr ? 3000 : std::atoll(rows);
  }
  static void SetUpTestSuite() {
    now_ = absl::Now();
    auto database = FillDatabase::Start(Licenses(), testing::TestDatabase::Program());
    ASSERT_THAT(database, IsOk());
    database_ = *std::move(database);
    connection_ = &database_->connection();
    schema_ = Schema();
    const auto report = Fill(database_->options(), {.licenses = Licenses(), .now = now_});
    if (!report.ok()) std::cout << report.status() << std::endl;
    ASSERT_THAT(report, IsOk());
    report_ = *report;
    std::cout << report_.rows << " rows in " << report_.seconds << " s" << std::endl;
  }
  static void TearDownTestSuite() { database_.reset(); }
  static int64_t Count(const std::string& from) {
    const auto rows = connection_->Query("SELECT COUNT(*) FROM " + from, {});
    EXPECT_THAT(rows, IsOk());
    return rows.ok() && (*rows)->Next() ? (*rows)->Int64(0) : -1;
  }

  // The lines that say what tables are, each table's in no order.
  static std::multiset<std::string> Schema() {
    std::multiset<std::string> lines;
    for (const char* table : {"events", "licenses", "subscriptions", "customers", "license_pools", "service_plans"}) {
      const auto rows = connection_->Query(absl::StrCat("SHOW CREATE TABLE ", table), {});
      EXPECT_THAT(rows, IsOk());
      if (!rows.ok() || !(*rows)->Next()) continue;
      for (absl::string_view line : absl::StrSplit((*rows)->String(1), '\n')) {
        if (!absl::StartsWith(line, ")")) lines.insert(absl::StrCat(table, absl::StripSuffix(line, ",")));
      }
    }
    return lines;
  }

  static std::unique_ptr<FillDatabase> database_;
  static storage::Connection* connection_;
  static FillReport report_;
  static absl::Time now_;
  static std::multiset<std::string> schema_;  // before it was filled
};
std::unique_ptr<FillDatabase> FillTest::database_;
storage::Connection* FillTest::connection_ = nullptr;
FillReport FillTest::report_;
absl::Time FillTest::now_;
std::multiset<std::string> FillTest::schema_;

TEST_F(FillTest, HasWhatItSays) {
  EXPECT_EQ(Count("licenses"), Licenses());
  EXPECT_EQ(Count("customers"), report_.customers * report_.blocks);
  int64_t rows = 0;
  for (const char* table : {"partners", "products", "service_plans", "customers", "subscriptions", "licenses",
                            "scheduled_changes", "license_pools", "events", "requests"}) {
    rows += Count(table);
  }
  EXPECT_EQ(rows, report_.rows);
  EXPECT_EQ(Count("events"), report_.events);
  EXPECT_GT(Count("events WHERE revision > 1"), Licenses() / 5);
  EXPECT_EQ(Count("licenses WHERE customer_id = (SELECT customer_id FROM customers ORDER BY customer_id LIMIT 3, 1)"),
            Population::kLargeCustomerLicenses);
  for (const char* some :
       {"licenses WHERE closed = 1", "licenses WHERE suspend_date IS NOT NULL",
        "subscriptions WHERE state = 'DISABLED'", "licenses WHERE expiration_date <= CURRENT_DATE AND closed = 0",
        "licenses WHERE used_units > 0", "licenses WHERE start_date > CURRENT_DATE", "scheduled_changes",
        "license_pools", "requests"}) {
    EXPECT_GT(Count(some), 0) << some;
  }
}

TEST_F(FillTest, LeavesTheSchemaAsItWas) {
  EXPECT_GT(schema_.size(), 50U);
  EXPECT_THAT(Schema(), ::testing::ContainerEq(schema_));
  const auto lost =
      connection_->Update("UPDATE licenses SET subscription_id = 'none' WHERE subscription_id IS NOT NULL LIMIT 1", {});
  EXPECT_FALSE(lost.ok()) << "a foreign key is not looked at";
  const auto twice = connection_->Update(
      "INSERT INTO events SELECT event_id + 1000000000, event_time, actor, reason, request_id, kind, "
      "effective_date, row_table, key1, key2, revision, before_image, after_image, partner_id, 0, 0, '' "
      "FROM events LIMIT 1",
      {});
  EXPECT_FALSE(twice.ok()) << "a unique key is not looked at";
}

TEST_F(FillTest, BreaksNoInvariant) {
  std::string all;
  const auto report =
      server::CheckDatabase(*connection_, absl::ToCivilDay(now_, absl::UTCTimeZone()),
                            [&](const std::string& sentence) { absl::StrAppend(&all, sentence, "\n"); });
  ASSERT_THAT(report, IsOk());
  EXPECT_GT(report->rows, Licenses() * 2);
  EXPECT_EQ(report->violations, 0) << all.substr(0, 2000);
}

TEST_F(FillTest, IsMarkedAsTheEngineWouldAndNothingIsDue) {
  const model::Date today = absl::ToCivilDay(now_, absl::UTCTimeZone());
  const auto due = storage::AnyDateStale(*connection_, today);
  ASSERT_THAT(due, IsOk());
  EXPECT_FALSE(*due);
  storage::CatalogCache cache;
  const Population population(1, Licenses(), now_);
  for (int64_t i = 0; i < 200; ++i) {
    Member member = population.Make(i);
    Population::Move(member, static_cast<int>(i) % report_.blocks);
    const std::string id = member.customer.customer_id;
    const auto world = storage::LoadWorld(*connection_, {.customers = {id}}, storage::Locking::kNone, cache);
    ASSERT_THAT(world, IsOk());
    ASSERT_FALSE(world->licenses.empty()) << id;
    model::World marked = *world;
    domain::SetDueDates(marked);
    EXPECT_TRUE(Diff(*world, marked).empty()) << id;
  }
}

// Half way back in a customer's history: each row is the image that its last event by then has.
TEST_F(FillTest, IsReadAsOfAnInstant) {
  storage::CatalogCache cache;
  const Population population(1, Licenses(), now_);
  int rewound = 0;
  for (int64_t i = 0; i < 100; ++i) {
    Member member = population.Make(i);
    Population::Move(member, static_cast<int>(i) % report_.blocks);
    // Between two transactions, away from what time did by itself: that counts from its day.
    const absl::Time time = member.events[member.events.size() / 2].event_time + absl::Hours(13);
    const auto world =
        engine::LoadWorldAt(*connection_, cache, std::vector<std::string>{member.customer.customer_id}, time);
    ASSERT_THAT(world, IsOk()) << world.status().message();
    std::map<std::string, model::License> expected;
    for (const model::Event& event : member.events) {
      if (event.event_time > time || event.row_table != model::License::kTable) continue;
      const auto row = storage::RowOf<model::License>(event.after);
      ASSERT_THAT(row, IsOk());
      expected.insert_or_assign(event.key2, *row);
    }
    EXPECT_EQ(world->licenses.size(), expected.size());
    for (const auto& [key, license] : world->licenses)
      EXPECT_EQ(storage::ImageOf(license), storage::ImageOf(expected[key.second]));
    rewound += expected.size() != member.licenses.size() || member.events.back().event_time > time;
  }
  EXPECT_GT(rewound, 10);
}

}  // namespace
}  // namespace lmp::bench
