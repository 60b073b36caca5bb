// A connection returns exactly what was stored, and every failure as a Status with the right code.
#include "storage/mysql/connection.h"

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mysql/errors.h"
#include "storage/rows/columns.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::IsOkAndHolds;
using ::lmp::testing::StatusIs;
using ::lmp::testing::TestDatabase;
using ::testing::HasSubstr;
using ::testing::Not;

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() : connection_(database_.Connect()) {
    EXPECT_OK(connection_->Execute(
        "CREATE TABLE t (id BIGINT PRIMARY KEY, bytes LONGBLOB, text VARCHAR(20) CHARACTER SET utf8mb4, number BIGINT, "
        "big BIGINT UNSIGNED, at DATETIME(6), CONSTRAINT positive CHECK (number >= 0))"));
    EXPECT_OK(connection_->Execute("CREATE TABLE child (id BIGINT, FOREIGN KEY (id) REFERENCES t (id))"));
  }

  std::unique_ptr<ResultSet> Row(const std::string& sql, const std::vector<Value>& params = {}) {
    absl::StatusOr<std::unique_ptr<ResultSet>> rows = connection_->Query(sql, params);
    EXPECT_OK(rows);
    EXPECT_TRUE((*rows)->Next()) << sql;
    return *std::move(rows);
  }
  absl::Status Insert(int64_t id, Value bytes) {
    return connection_->Update("INSERT INTO t (id, bytes) VALUES (?, ?)", {id, std::move(bytes)}).status();
  }

  TestDatabase database_{TestDatabase::Schema::kEmpty};
  std::unique_ptr<Connection> connection_;
};

TEST_F(ConnectionTest, BytesComeBackExactly) {
  std::string all;
  for (int round = 0; round < 3; ++round) {
    for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  }
  // The connector sends more than 256 KiB another way; short values after long ones use the same buffers.
  const std::string long_one(300'000, '\0');
  const std::string values[] = {all, "", std::string(1, '\0'), long_one, all, std::string("a\0b", 3), long_one, "x"};
  int64_t id = 0;
  for (const std::string& value : values) ASSERT_OK(Insert(++id, value));
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<ResultSet> rows, connection_->Query("SELECT bytes FROM t ORDER BY id", {}));
  for (const std::string& value : values) {
    ASSERT_TRUE(rows->Next());
    EXPECT_TRUE(rows->String(0) == value) << value.size();
  }
  EXPECT_FALSE(rows->Next());
  EXPECT_OK(rows->status());
}

TEST_F(ConnectionTest, TextKeepsFourByteCharactersAndRefusesInvalidUtf8) {
  const std::string emoji = "naïve \xF0\x9F\x94\x91";
  ASSERT_OK(connection_->Update("INSERT INTO t (id, text) VALUES (1, ?)", {emoji}).status());
  EXPECT_EQ(Row("SELECT text FROM t WHERE id = 1")->String(0), emoji);
  EXPECT_THAT(connection_->Update("INSERT INTO t (id, text) VALUES (2, ?)", {std::string("\xC3\x28")}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1366")));
  EXPECT_EQ(Row("SELECT COUNT(*) FROM t")->Int64(0), 1);
}

TEST_F(ConnectionTest, NullComesBackAsNullAndIsNeitherZeroNorEmpty) {
  ASSERT_OK(connection_
                ->Update("INSERT INTO t (id, bytes, number) VALUES (1, ?, ?), (2, ?, ?)",
                         {Value{}, Value{}, std::string(), int64_t{0}})
                .status());
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<ResultSet> rows,
                       connection_->Query("SELECT bytes, number FROM t ORDER BY id", {}));
  ASSERT_TRUE(rows->Next());
  EXPECT_TRUE(rows->IsNull(0));
  EXPECT_TRUE(rows->IsNull(1));
  EXPECT_EQ(rows->String(0), "");
  EXPECT_EQ(rows->Int64(1), 0);
  ASSERT_TRUE(rows->Next());
  EXPECT_FALSE(rows->IsNull(0));
  EXPECT_FALSE(rows->IsNull(1));
  EXPECT_OK(rows->status());
}

TEST_F(ConnectionTest, ParametersDoNotLeakFromOneExecutionToTheNext) {
  const std::string sql = "INSERT INTO t (id, bytes, number) VALUES (?, ?, ?)";
  ASSERT_OK(connection_->Update(sql, {int64_t{1}, std::string(300'000, 'x'), int64_t{7}}).status());
  ASSERT_OK(connection_->Update(sql, {int64_t{2}, Value{}, Value{}}).status());
  ASSERT_OK(connection_->Update(sql, {int64_t{3}, std::string("y"), int64_t{8}}).status());
  EXPECT_TRUE(Row("SELECT bytes IS NULL AND number IS NULL FROM t WHERE id = 2")->Int64(0) == 1);
  EXPECT_EQ(Row("SELECT CONCAT(bytes, number) FROM t WHERE id = 3")->String(0), "y8");
  EXPECT_THAT(connection_->Update(sql, {int64_t{4}}), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(connection_->Update(sql, {int64_t{4}, Value{}, Value{}, Value{}}), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(Row("SELECT COUNT(*) FROM t")->Int64(0), 3);
}

TEST_F(ConnectionTest, IntegersKeepAllSixtyFourBits) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  ASSERT_OK(connection_->Update("INSERT INTO t (id, number) VALUES (?, ?)", {kMin, kMax}).status());
  auto row = Row("SELECT id, number, -1 FROM t");
  EXPECT_EQ(row->Int64(0), kMin);
  EXPECT_EQ(row->Int64(1), kMax);
  EXPECT_EQ(row->Int64(2), -1);
}

// As text the connector gives no zeros before a year of less than four digits.
TEST_F(ConnectionTest, DatesAndTimesComeAsNumbersAndFromTheYear1000AsText) {
  constexpr ReadAs kDay = kReadAs<model::Date>, kTime = kReadAs<absl::Time>;
  for (const std::string day : {"0001-01-01", "0999-12-31", "1000-01-01", "1600-02-29", "1900-02-28", "1969-12-31",
                                "1970-01-01", "2000-02-29", "2026-12-02", "2100-03-01", "9999-12-31"}) {
    const int columns = day < "1000" ? 1 : 2;
    const auto dates = Row(absl::StrCat("SELECT ", kDay.before, "DATE'", day, "'", kDay.after, ", DATE'", day, "'"));
    EXPECT_TRUE(dates->IsNumber(0) && !dates->IsNumber(1)) << day;
    for (int column = 0; column < columns; ++column) {
      model::Date date;
      FromColumn(*dates, column, date);
      EXPECT_EQ(FormatDate(date), day);
    }
    for (const std::string clock : {" 00:00:00.000000", " 12:34:56.000001", " 23:59:59.999999"}) {
      const std::string text = absl::StrCat("TIMESTAMP'", day, clock, "'");
      const auto times = Row(absl::StrCat("SELECT ", kTime.before, text, kTime.after, ", ", text));
      for (int column = 0; column < columns; ++column) {
        absl::Time time;
        FromColumn(*times, column, time);
        EXPECT_EQ(FormatDateTime(time), day + clock);
      }
    }
  }
}

TEST_F(ConnectionTest, ReadingWhatIsNoInt64ShowsInTheStatus) {
  ASSERT_OK(connection_->Update("INSERT INTO t (id, text, big) VALUES (1, 'x', 18446744073709551615)", {}).status());
  auto row = Row("SELECT text, big, SUM(id) FROM t GROUP BY text, big");
  EXPECT_EQ(row->Int64(2), 1);  // DECIMAL
  EXPECT_OK(row->status());
  EXPECT_EQ(row->Int64(1), 0);
  EXPECT_THAT(row->status(), StatusIs(absl::StatusCode::kInternal));
  row.reset();
  row = Row("SELECT text, big, SUM(id) FROM t GROUP BY text, big");
  EXPECT_EQ(row->Int64(0), 0);
  EXPECT_THAT(row->status(), StatusIs(absl::StatusCode::kInternal));
}

TEST_F(ConnectionTest, ReadingBesideTheRowsShowsInTheStatus) {
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<ResultSet> rows, connection_->Query("SELECT 1", {}));
  EXPECT_EQ(rows->String(0), "");  // before the first row
  EXPECT_THAT(rows->status(), StatusIs(absl::StatusCode::kInternal));
  rows.reset();
  auto row = Row("SELECT 1");
  EXPECT_TRUE(row->IsNull(1));
  EXPECT_THAT(row->status(), StatusIs(absl::StatusCode::kInternal));
}

TEST_F(ConnectionTest, TimesAreUtcWithMicroseconds) {
  ASSERT_OK(connection_->Update("INSERT INTO t (id, at) VALUES (1, ?)", {std::string("2024-02-29 23:59:59.123456")})
                .status());
  EXPECT_EQ(Row("SELECT at FROM t")->String(0), "2024-02-29 23:59:59.123456");
  EXPECT_EQ(Row("SELECT TIMESTAMPDIFF(SECOND, NOW(), UTC_TIMESTAMP())")->Int64(0), 0);
  EXPECT_THAT(connection_->Update("UPDATE t SET at = ?", {std::string("2024-02-31 00:00:00")}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ConnectionTest, UpdateCountsMatchedRowsNotChangedOnes) {
  ASSERT_OK(Insert(1, std::string("a")));
  const std::string sql = "UPDATE t SET number = 5 WHERE id = ?";
  EXPECT_THAT(connection_->Update(sql, {int64_t{1}}), IsOkAndHolds(1));
  EXPECT_THAT(connection_->Update(sql, {int64_t{1}}), IsOkAndHolds(1));
  EXPECT_THAT(connection_->Update(sql, {int64_t{2}}), IsOkAndHolds(0));
}

TEST_F(ConnectionTest, TheSessionIsStrictAndReadCommitted) {
  EXPECT_EQ(Row("SELECT IF(@@version LIKE '%MariaDB%', 1, 0)")->Int64(0), connection_->is_mariadb());
  EXPECT_EQ(Row(connection_->is_mariadb() ? "SELECT @@tx_isolation" : "SELECT @@transaction_isolation")->String(0),
            "READ-COMMITTED");
  EXPECT_EQ(Row("SELECT @@character_set_client")->String(0), "utf8mb4");
  EXPECT_THAT(Row("SELECT @@sql_mode")->String(0), HasSubstr("STRICT_ALL_TABLES"));
  EXPECT_EQ(Row("SELECT @@autocommit")->Int64(0), 1);
}

TEST_F(ConnectionTest, RefusedRowsHaveTheirCodesAndNoWordOfTheDriver) {
  ASSERT_OK(Insert(1, std::string("a")));
  const absl::Status duplicate = Insert(1, std::string("secret"));
  EXPECT_THAT(duplicate, StatusIs(absl::StatusCode::kAlreadyExists, Not(HasSubstr("Duplicate entry"))));
  EXPECT_TRUE(IsDuplicateKey(duplicate));
  EXPECT_FALSE(duplicate.GetPayload(kMysqlTextPayload).has_value());
  EXPECT_THAT(connection_->Update("INSERT INTO t (id, number) VALUES (2, -1)", {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(connection_->Update("INSERT INTO child (id) VALUES (9)", {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(connection_->Update("INSERT INTO t (id, text) VALUES (2, ?)", {std::string(21, 'x')}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(connection_->Query("SELECT id FROM nowhere", {}), StatusIs(absl::StatusCode::kFailedPrecondition));
  const absl::Status syntax = connection_->Execute("SELEKT");
  EXPECT_THAT(syntax, StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("manual"))));
  EXPECT_TRUE(syntax.GetPayload(kMysqlTextPayload).has_value());
  EXPECT_FALSE(connection_->broken());
}

TEST_F(ConnectionTest, ExecuteDropsRowsSoThatTheConnectionGoesOn) {
  EXPECT_OK(connection_->Execute("SELECT id FROM t"));
  EXPECT_OK(connection_->Execute("ANALYZE TABLE t"));
  EXPECT_EQ(Row("SELECT 7")->Int64(0), 7);
}

TEST_F(ConnectionTest, AStatementBeyondItsLimitIsDeadlineExceeded) {
  for (int64_t id = 0; id < 100; ++id) ASSERT_OK(Insert(id, Value{}));
  ASSERT_OK(connection_->LimitStatements(absl::Milliseconds(100)));
  const absl::Time start = absl::Now();
  EXPECT_THAT(connection_->Query("SELECT SUM(a.id * e.id) FROM t a, t b, t c, t d, t e", {}),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_FALSE(connection_->broken());
  EXPECT_EQ(Row("SELECT 7")->Int64(0), 7);
}

TEST_F(ConnectionTest, ALimitCostsARoundTripOnlyWhenItChangesByAPowerOfTwo) {
  ASSERT_OK(connection_->LimitStatements(absl::Milliseconds(9000)));
  const int64_t before = connection_->round_trips();
  ASSERT_OK(connection_->LimitStatements(absl::Milliseconds(8192)));
  ASSERT_OK(connection_->LimitStatements(absl::Milliseconds(16383)));
  EXPECT_EQ(connection_->round_trips(), before);
  ASSERT_OK(connection_->LimitStatements(absl::Milliseconds(8191)));
  EXPECT_EQ(connection_->round_trips(), before + 1);
  EXPECT_EQ(Row("SELECT @@lock_wait_timeout")->Int64(0), 4);
  EXPECT_EQ(Row("SELECT @@innodb_lock_wait_timeout")->Int64(0), 1);
  ASSERT_OK(connection_->LimitStatements(-absl::InfiniteDuration()));
  ASSERT_OK(connection_->LimitStatements(absl::InfiniteDuration()));
}

TEST_F(ConnectionTest, AKilledConnectionIsUnavailableAndBroken) {
  const int64_t id = Row("SELECT CONNECTION_ID()")->Int64(0);
  EXPECT_FALSE(connection_->broken());
  ASSERT_OK(database_.Connect()->Execute(absl::StrCat("KILL CONNECTION ", id)));
  absl::SleepFor(absl::Milliseconds(50));
  EXPECT_THAT(connection_->Query("SELECT 1", {}), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(connection_->broken());
  EXPECT_THAT(connection_->TakeLostTransaction(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ConnectionTest, OpeningTellsWhyNot) {
  DatabaseOptions down = database_.options();
  down.socket = "/nowhere/mysqld.sock";
  EXPECT_THAT(Connection::Open(down), StatusIs(absl::StatusCode::kUnavailable));
  down.socket.clear();
  down.host = "127.0.0.1";
  down.port = 1;
  EXPECT_THAT(Connection::Open(down), StatusIs(absl::StatusCode::kUnavailable));
  down.host = "::1";
  EXPECT_THAT(Connection::Open(down), StatusIs(absl::StatusCode::kUnavailable));

  ASSERT_OK(connection_->Execute("CREATE USER lmp@localhost IDENTIFIED BY 'right'"));
  DatabaseOptions wrong = database_.options();
  wrong.user = "lmp";
  wrong.password = "wr0ng";
  EXPECT_THAT(Connection::Open(wrong), StatusIs(absl::StatusCode::kPermissionDenied, Not(HasSubstr("wr0ng"))));
  wrong.password = "right";
  EXPECT_THAT(Connection::Open(wrong), StatusIs(absl::StatusCode::kPermissionDenied));  // not for this schema
  ASSERT_OK(connection_->Execute(absl::StrCat("GRANT SELECT ON ", database_.name(), ".* TO lmp@localhost")));
  EXPECT_OK(Connection::Open(wrong));
  ASSERT_OK(connection_->Execute("DROP USER lmp@localhost"));

  DatabaseOptions unknown = database_.options();
  unknown.database = "no_such_schema";
  EXPECT_THAT(Connection::Open(unknown), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace lmp::storage
