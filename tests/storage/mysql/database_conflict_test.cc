// Two sessions in conflict: the loser runs again, within bounds, and no update is lost.
#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mysql/database.h"
#include "storage/mysql/errors.h"
#include "storage/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::StatusIs;
using ::lmp::testing::TestDatabase;

absl::Time In(absl::Duration duration) { return absl::Now() + duration; }

class DatabaseConflictTest : public ::testing::Test {
 protected:
  DatabaseConflictTest() : admin_(schema_.Connect()) {
    EXPECT_OK(admin_->Execute("CREATE TABLE t (id BIGINT PRIMARY KEY, value BIGINT NOT NULL)"));
    EXPECT_OK(admin_->Execute("INSERT INTO t VALUES (1, 0), (2, 0)"));
  }

  static absl::Status Add(Connection& connection, int64_t id, int64_t value) {
    return connection.Update("UPDATE t SET value = value + ? WHERE id = ?", {value, id}).status();
  }
  int64_t ValueOf(int64_t id) {
    auto rows = *admin_->Query("SELECT value FROM t WHERE id = ?", {id});
    EXPECT_TRUE(rows->Next());
    return rows->Int64(0);
  }
  // A policy whose sleeper only takes notes, or does something else meanwhile.
  RerunPolicy Policy(
      int max_attempts, std::function<void()> meanwhile = [] {}) {
    return {.max_attempts = max_attempts, .sleep = [this, meanwhile](absl::Duration pause) {
              pauses_.push_back(pause);
              meanwhile();
            }};
  }

  TestDatabase schema_{TestDatabase::Schema::kEmpty};
  std::unique_ptr<Connection> admin_;
  std::vector<absl::Duration> pauses_;
};

// Two transactions lock the two rows in opposite order, both holding one before either asks for the other.
class Deadlock final {
 public:
  // `second` is what the body makes of the answer to its second statement.
  template <typename Second>
  void Run(Database& database, const Second& second) {
    std::vector<std::thread> threads;
    for (int64_t mine : {1, 2}) {
      threads.emplace_back([&, mine] {
        int run = 0;
        EXPECT_OK(database.Transact(In(absl::Seconds(30)), [&](Connection& c) -> absl::Status {
          ++runs;
          RETURN_IF_ERROR(c.Update("UPDATE t SET value = value + 1 WHERE id = ?", {mine}).status());
          if (++run == 1) {
            both_hold_one_.DecrementCount();
            both_hold_one_seen_.WaitForNotification();
          }
          return second(c.Update("UPDATE t SET value = value + 1 WHERE id = ?", {3 - mine}).status());
        }));
      });
    }
    both_hold_one_.Wait();
    both_hold_one_seen_.Notify();
    for (std::thread& thread : threads) thread.join();
  }
  std::atomic<int> runs = 0;

 private:
  absl::BlockingCounter both_hold_one_{2};
  absl::Notification both_hold_one_seen_;
};

TEST_F(DatabaseConflictTest, TheVictimOfADeadlockRunsAgainAndBothSucceed) {
  Database database(schema_.options(), 2);
  Deadlock deadlock;
  std::atomic<int> victims = 0;
  deadlock.Run(database, [&](const absl::Status& status) {
    if (MysqlErrno(status) == 1213) ++victims;
    return status;
  });
  EXPECT_EQ(victims, 1);
  EXPECT_EQ(deadlock.runs, 3);
  EXPECT_EQ(ValueOf(1), 2);
  EXPECT_EQ(ValueOf(2), 2);
}

TEST_F(DatabaseConflictTest, ABodyThatOverlooksItsDeadlockRunsAgainToo) {
  Database database(schema_.options(), 2);
  Deadlock deadlock;
  deadlock.Run(database, [](const absl::Status&) { return absl::OkStatus(); });
  EXPECT_EQ(deadlock.runs, 3);
  EXPECT_EQ(ValueOf(1), 2);
  EXPECT_EQ(ValueOf(2), 2);
}

TEST_F(DatabaseConflictTest, ForUpdateLosesNoUpdate) {
  Database database(schema_.options(), 4);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 25; ++round) {
        EXPECT_OK(database.Transact(In(absl::Seconds(30)), [](Connection& c) -> absl::Status {
          ASSIGN_OR_RETURN(auto rows, c.Query("SELECT value FROM t WHERE id = 1 FOR UPDATE", {}));
          if (!rows->Next()) return absl::NotFoundError("row");
          return c.Update("UPDATE t SET value = ? WHERE id = 1", {rows->Int64(0) + 1}).status();
        }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ValueOf(1), 100);
}

TEST_F(DatabaseConflictTest, ALockTimeoutRunsAgainOnceTheLockIsGone) {
  ASSERT_OK(admin_->Execute("BEGIN"));
  ASSERT_OK(Add(*admin_, 1, 10));
  Database database(schema_.options(), 1, Policy(8, [&] { EXPECT_OK(admin_->Execute("COMMIT")); }));
  int runs = 0;
  EXPECT_OK(database.Transact(In(absl::Seconds(30)), [&](Connection& c) -> absl::Status {
    ++runs;
    RETURN_IF_ERROR(c.Execute("SET SESSION innodb_lock_wait_timeout = 1"));
    RETURN_IF_ERROR(Add(c, 2, 1));  // stays in the transaction after a lock timeout: must be rolled back by us
    return Add(c, 1, 1);
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(ValueOf(1), 11);
  EXPECT_EQ(ValueOf(2), 1);
}

TEST_F(DatabaseConflictTest, ALockedRowRefusedWithNowaitIsAborted) {
  ASSERT_OK(admin_->Execute("BEGIN"));
  ASSERT_OK(Add(*admin_, 1, 10));
  Database database(schema_.options(), 1, Policy(3));
  EXPECT_THAT(database.Transact(In(absl::Seconds(30)),
                                [](Connection& c) {
                                  return c.Query("SELECT value FROM t WHERE id = 1 FOR UPDATE NOWAIT", {}).status();
                                }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(pauses_.size(), 2u);
}

TEST_F(DatabaseConflictTest, RerunsAreBoundedAndPausesGrowWithJitter) {
  Database database(schema_.options(), 1, Policy(10));
  int runs = 0;
  EXPECT_THAT(database.Transact(absl::InfiniteFuture(),
                                [&](Connection& c) {
                                  ++runs;
                                  EXPECT_OK(Add(c, 1, 1));
                                  return StatusFromMysql(1213, "40001", "made up");
                                }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(runs, 10);
  ASSERT_EQ(pauses_.size(), 9u);
  absl::Duration ceiling = absl::Milliseconds(2), sum;
  for (absl::Duration pause : pauses_) {
    EXPECT_GE(pause, absl::ZeroDuration());
    EXPECT_LE(pause, ceiling);
    ceiling = std::min(ceiling * 2, absl::Milliseconds(200));
    sum += pause;
  }
  EXPECT_GT(sum, absl::ZeroDuration());
  EXPECT_EQ(ValueOf(1), 0);
}

TEST_F(DatabaseConflictTest, RerunsEndWithTheDeadline) {
  RerunPolicy policy = Policy(1'000'000);
  policy.max_backoff = absl::Milliseconds(2);
  Database database(schema_.options(), 1, policy);
  const absl::Time start = absl::Now();
  const absl::Status status = database.Transact(In(absl::Milliseconds(300)), [&](Connection&) {
    absl::SleepFor(absl::Milliseconds(5));
    return StatusFromMysql(1205, "HY000", "made up");
  });
  EXPECT_FALSE(status.ok());
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(250));
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  EXPECT_GT(pauses_.size(), 5u);
}

TEST_F(DatabaseConflictTest, NoPauseReachesBeyondTheDeadline) {
  RerunPolicy policy = Policy(100);
  policy.first_backoff = policy.max_backoff = absl::Minutes(10);
  Database database(schema_.options(), 1, policy);
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(
        database.Transact(In(absl::Minutes(1)), [](Connection&) { return StatusFromMysql(1213, "40001", "made up"); }),
        StatusIs(absl::StatusCode::kAborted));
  }
  for (absl::Duration pause : pauses_) EXPECT_LT(pause, absl::Minutes(1));
}

TEST_F(DatabaseConflictTest, OtherErrorsAreNotRunAgain) {
  Database database(schema_.options(), 1, Policy(8));
  int runs = 0;
  for (const absl::Status& status :
       {absl::AbortedError("etag"), absl::UnavailableError("elsewhere"), StatusFromMysql(1062, "23000", "made up")}) {
    EXPECT_EQ(database.Transact(absl::InfiniteFuture(), [&](Connection&) { return ++runs, status; }), status);
  }
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(pauses_.size(), 0u);
}

}  // namespace
}  // namespace lmp::storage
