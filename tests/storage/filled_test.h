// A database filled as the benchmarks fill theirs, always with the same rows, for tests of how statements are run.
#ifndef LMP_TESTS_STORAGE_FILLED_TEST_H_
#define LMP_TESTS_STORAGE_FILLED_TEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "tests/benchmarks/fill/fill.h"
#include "tests/benchmarks/fill/fill_database.h"
#include "tests/storage/plan_checks.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {

// One database for all tests of a fixture: whoever changes a row rolls back.
class FilledTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto database = bench::FillDatabase::Start(WantedLicenses(), testing::TestDatabase::Program());
    ASSERT_THAT(database, testing::IsOk());
    database_ = *std::move(database);
    connection_ = &database_->connection();
    now_ = absl::FromCivil(absl::CivilSecond(2026, 11, 24, 12, 0, 0), absl::UTCTimeZone());
    ASSERT_THAT(bench::Fill(database_->options(), {.licenses = WantedLicenses(), .now = now_}), testing::IsOk());
  }
  static void TearDownTestSuite() { database_.reset(); }

  inline static std::unique_ptr<bench::FillDatabase> database_;
  inline static Connection* connection_ = nullptr;
  inline static absl::Time now_;
};

}  // namespace lmp::storage

#endif  // LMP_TESTS_STORAGE_FILLED_TEST_H_
