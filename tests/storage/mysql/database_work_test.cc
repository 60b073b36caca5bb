// What is noted of a transaction, and counted of all.
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/barrier.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mysql/database.h"
#include "storage/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::TestDatabase;

class DatabaseWorkTest : public ::testing::Test {
 protected:
  DatabaseWorkTest() : admin_(schema_.Connect()), database_(schema_.options(), 4) {
    EXPECT_OK(admin_->Execute("CREATE TABLE t (id BIGINT PRIMARY KEY, x BIGINT NOT NULL)"));
    EXPECT_OK(admin_->Execute("INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)"));
  }

  Until Noted() { return Until(absl::Now() + absl::Seconds(30)).NotedIn(work_); }
  int64_t CountOf(const std::string& name) const {
    for (const StatementStats::Counters* one : database_.counters().statements.All()) {
      if (one->name() == name) return one->count;
    }
    return 0;
  }
  static absl::Status Lock(Connection& connection, int64_t id) {
    return connection.Query("SELECT x FROM t WHERE id = ? FOR UPDATE", {id}).status();
  }

  TestDatabase schema_{TestDatabase::Schema::kEmpty};
  std::unique_ptr<Connection> admin_;
  Database database_;
  DatabaseWork work_;
};

TEST_F(DatabaseWorkTest, ATransactionsWorkIsNoted) {
  const absl::Time before = absl::Now();
  EXPECT_OK(database_.Transact(Noted(), [](Connection& connection) -> absl::Status {
    RETURN_IF_ERROR(connection.Query("SELECT id FROM t", {}).status());
    return connection.Update("UPDATE t SET x = x + 1 WHERE id < ?", {int64_t{3}}).status();
  }));
  EXPECT_EQ(work_.statements, 4) << "BEGIN, SELECT, UPDATE, COMMIT";
  EXPECT_EQ(work_.rows, 5);
  EXPECT_EQ(work_.runs, 1);
  EXPECT_GT(work_.commit, absl::ZeroDuration());
  EXPECT_GT(work_.database, absl::ZeroDuration());
  EXPECT_GT(work_.connection, absl::ZeroDuration());
  EXPECT_LE(before, work_.began);
  EXPECT_LE(work_.began + work_.connection + work_.database, work_.commit_began);
  EXPECT_LE(work_.commit_began + work_.commit, work_.ended);
  EXPECT_EQ(work_.parts.size(), 3U);
  EXPECT_THAT(work_.Slowest(3), ::testing::HasSubstr("UPDATE t "));
  EXPECT_EQ(CountOf("COMMIT"), 1);
  EXPECT_EQ(CountOf("SELECT t"), 1);
}

TEST_F(DatabaseWorkTest, ReadsAreNotedToo) {
  const auto body = [](Connection& connection) { return connection.Query("SELECT id FROM t", {}).status(); };
  EXPECT_OK(database_.Read(Noted(), body));
  EXPECT_EQ(work_.statements, 1);
  EXPECT_EQ(work_.rows, 3);
  EXPECT_EQ(work_.commit, absl::ZeroDuration());
  EXPECT_OK(database_.Snapshot(Noted(), body));
  EXPECT_EQ(work_.statements, 4) << "and what begins the snapshot";
  EXPECT_EQ(work_.runs, 2);
}

TEST_F(DatabaseWorkTest, AFailureIsCounted) {
  EXPECT_FALSE(database_
                   .Transact(Noted(),
                             [](Connection& connection) {
                               return connection.Update("INSERT INTO t VALUES (1, 1)", {}).status();
                             })
                   .ok());
  for (const StatementStats::Counters* one : database_.counters().statements.All()) {
    EXPECT_EQ(one->failed, one->name() == "INSERT t" ? 1 : 0) << one->name();
  }
  EXPECT_EQ(CountOf("COMMIT"), 0);
}

TEST_F(DatabaseWorkTest, AWaitThatIsGivenUpIsCountedAndTheRunAfterIt) {
  EXPECT_OK(admin_->Execute("BEGIN"));
  EXPECT_OK(admin_->Execute("UPDATE t SET x = 1 WHERE id = 1"));
  int runs = 0;
  EXPECT_OK(database_.Transact(Noted(), [&](Connection& connection) -> absl::Status {
    if (++runs == 2) RETURN_IF_ERROR(admin_->Execute("ROLLBACK"));
    return Lock(connection, 1);
  }));
  EXPECT_EQ(database_.counters().lock_timeouts, 1);
  EXPECT_EQ(database_.counters().deadlocks, 0);
  EXPECT_EQ(database_.counters().reruns, 1);
  EXPECT_EQ(work_.runs, 2);
  EXPECT_EQ(CountOf("LOCK t"), 2);
}

TEST_F(DatabaseWorkTest, ADeadlockIsCounted) {
  auto* const both_have_one = new absl::Barrier(2);
  const auto locks = [&](int64_t first, int64_t second) {
    bool again = false;
    EXPECT_OK(database_.Transact(absl::Now() + absl::Seconds(30), [&](Connection& connection) -> absl::Status {
      RETURN_IF_ERROR(Lock(connection, first));
      if (!again && both_have_one->Block()) delete both_have_one;
      again = true;
      return Lock(connection, second);
    }));
  };
  std::thread other([&] { locks(2, 1); });
  locks(1, 2);
  other.join();
  EXPECT_EQ(database_.counters().deadlocks + database_.counters().lock_timeouts, 1) << "one of the two lost";
  EXPECT_EQ(database_.counters().deadlocks, 1);
  EXPECT_EQ(database_.counters().reruns, 1);
}

}  // namespace
}  // namespace lmp::storage
