// `lmp-server check` says how far it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/check.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

class CheckProgressTest : public EngineTest {};

TEST_F(CheckProgressTest, EachPageIsToldAndTheEstimateIsOfTheSameTables) {
  AddCustomers(1200);  // more than two pages
  std::vector<int64_t> told;
  const auto report = server::CheckDatabase(
      *admin_, kToday, [](const std::string&) {}, [&](int64_t rows) { told.push_back(rows); });
  EXPECT_OK(report);
  EXPECT_GT(told.size(), 5U);
  EXPECT_EQ(told.back(), report->rows);
  EXPECT_OK(admin_->Execute("ANALYZE TABLE customers, partners, products, service_plans"));
  const auto estimate = server::RowsToCheck(*admin_);
  EXPECT_OK(estimate);
  EXPECT_NEAR(static_cast<double>(*estimate), static_cast<double>(report->rows), static_cast<double>(report->rows) / 2);
}

TEST(CheckProgress, SaysRateAndTimeLeftNowAndThen) {
  const absl::Time start = absl::UnixEpoch();
  server::CheckProgress progress(60'000, start);
  EXPECT_EQ(progress.Line(1000, start + absl::Seconds(1)), "");
  EXPECT_EQ(progress.Line(12'000, start + absl::Seconds(5)), "12000 of about 60000 rows, 2400 rows/s, about 20 s left");
  EXPECT_EQ(progress.Line(13'000, start + absl::Seconds(9)), "");
  EXPECT_EQ(progress.Line(80'000, start + absl::Seconds(10)), "80000 of about 80000 rows, 8000 rows/s, about 0 s left");
}

}  // namespace
}  // namespace lmp::engine
