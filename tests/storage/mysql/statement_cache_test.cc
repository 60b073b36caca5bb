// Statements are prepared once, and a bounded number of them stays open.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mysql/connection.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::StatusIs;
using ::lmp::testing::TestDatabase;

class StatementCacheTest : public ::testing::Test {
 protected:
  int64_t Int(const std::string& sql) {
    absl::StatusOr<std::unique_ptr<ResultSet>> rows = connection_->Query(sql, {});
    EXPECT_OK(rows);
    EXPECT_TRUE((*rows)->Next());
    return (*rows)->Int64(0);
  }
  // A counter of the whole server, less what asking adds to it.
  int64_t Status(const std::string& variable) {
    std::unique_ptr<Connection> other = database_.Connect();
    auto rows = *other->Query(absl::StrCat("SHOW GLOBAL STATUS LIKE '", variable, "'"), {});
    EXPECT_TRUE(rows->Next());
    return std::stoll(rows->String(1)) - 1;
  }

  TestDatabase database_{TestDatabase::Schema::kEmpty};
  std::unique_ptr<Connection> connection_ = database_.Connect();
};

TEST_F(StatementCacheTest, TheSecondRunIsOneRoundTrip) {
  const int64_t before = connection_->round_trips();
  EXPECT_EQ(Int("SELECT 1"), 1);
  EXPECT_EQ(connection_->round_trips(), before + 2);
  EXPECT_EQ(Int("SELECT 1"), 1);
  EXPECT_EQ(connection_->round_trips(), before + 3);
}

// All connections share the server's places for statements.
TEST_F(StatementCacheTest, WhereTheServerHasNoPlaceLeftTheOldestGiveTheirs) {
  std::unique_ptr<Connection> admin = database_.Connect();
  const int64_t most = Int("SELECT @@GLOBAL.max_prepared_stmt_count");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Int(absl::StrCat("SELECT ", i)), i);
  const int64_t used = Status("Prepared_stmt_count");
  ASSERT_OK(admin->Execute(absl::StrCat("SET GLOBAL max_prepared_stmt_count = ", used)));
  for (int i = 100; i < 200; ++i) EXPECT_EQ(Int(absl::StrCat("SELECT ", i)), i);
  EXPECT_LE(Status("Prepared_stmt_count"), used);
  // Not even one of its own to give: the others' are not ours to take.
  std::unique_ptr<Connection> other = database_.Connect();
  for (int i = 0; i < 50; ++i) Int(absl::StrCat("SELECT ", i, " + 0"));
  ASSERT_OK(admin->Execute(absl::StrCat("SET GLOBAL max_prepared_stmt_count = ", Status("Prepared_stmt_count"))));
  EXPECT_THAT(other->Query("SELECT 'new'", {}).status(), StatusIs(absl::StatusCode::kResourceExhausted));
  ASSERT_OK(admin->Execute(absl::StrCat("SET GLOBAL max_prepared_stmt_count = ", most)));
  EXPECT_OK(other->Query("SELECT 'new'", {}).status());
}

TEST_F(StatementCacheTest, Beyond512TheLeastRecentlyUsedIsClosed) {
  const int64_t before = Status("Prepared_stmt_count");
  int64_t trips = connection_->round_trips();
  for (int i = 0; i < 600; ++i) {
    EXPECT_EQ(Int(absl::StrCat("SELECT ", i)), i);
    EXPECT_EQ(Int("SELECT 'kept' = 'kept'"), 1);
  }
  EXPECT_EQ(connection_->round_trips() - trips, 600 * 2 + 600 + 1);  // the one in use all the time was prepared once
  EXPECT_EQ(Status("Prepared_stmt_count") - before, 512);
  trips = connection_->round_trips();
  Int("SELECT 'kept' = 'kept'");
  Int("SELECT 599");
  Int("SELECT 89");  // 600 - 511 are left beside the one kept
  EXPECT_EQ(connection_->round_trips() - trips, 3);
  trips = connection_->round_trips();
  Int("SELECT 88");
  EXPECT_EQ(connection_->round_trips() - trips, 2);
  connection_.reset();
  EXPECT_LE(Status("Prepared_stmt_count") - before, 0);
}

TEST_F(StatementCacheTest, RowsSurviveOtherStatementsAndTheirOwnEviction) {
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<ResultSet> rows, connection_->Query("SELECT 1 UNION SELECT 2 ORDER BY 1", {}));
  ASSERT_TRUE(rows->Next());
  for (int i = 0; i < 600; ++i) EXPECT_EQ(Int(absl::StrCat("SELECT ", i)), i);
  EXPECT_EQ(rows->Int64(0), 1);
  ASSERT_TRUE(rows->Next());
  EXPECT_EQ(rows->Int64(0), 2);
  EXPECT_FALSE(rows->Next());
  EXPECT_OK(rows->status());
}

TEST_F(StatementCacheTest, RunningAStatementWhoseRowsAreStillInUseIsRefused) {
  const std::string sql = "SELECT 1 UNION SELECT 2 ORDER BY 1";
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<ResultSet> rows, connection_->Query(sql, {}));
  ASSERT_TRUE(rows->Next());
  EXPECT_THAT(connection_->Query(sql, {}), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(rows->Int64(0), 1);
  EXPECT_TRUE(rows->Next());
  rows.reset();
  EXPECT_OK(connection_->Query(sql, {}));
}

TEST_F(StatementCacheTest, AStatementSurvivesAChangeOfItsTable) {
  ASSERT_OK(connection_->Execute("CREATE TABLE t (id BIGINT PRIMARY KEY, a INT)"));
  ASSERT_OK(connection_->Execute("INSERT INTO t VALUES (1, 2)"));
  EXPECT_EQ(Int("SELECT a FROM t"), 2);
  ASSERT_OK(connection_->Execute("ALTER TABLE t ADD COLUMN b INT, MODIFY a BIGINT"));
  EXPECT_EQ(Int("SELECT a FROM t"), 2);
}

}  // namespace
}  // namespace lmp::storage
