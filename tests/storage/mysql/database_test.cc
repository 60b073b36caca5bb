// Transactions: all or nothing, and never a success that was not stored.
#include "storage/mysql/database.h"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mysql/errors.h"
#include "storage/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::StatusIs;
using ::lmp::testing::TestDatabase;

absl::Time In(absl::Duration duration) { return absl::Now() + duration; }

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() : admin_(schema_.Connect()), database_(schema_.options(), 4) {
    EXPECT_OK(admin_->Execute("CREATE TABLE t (id BIGINT PRIMARY KEY)"));
  }

  static absl::StatusOr<int64_t> Int(Connection& connection, const std::string& sql) {
    ASSIGN_OR_RETURN(std::unique_ptr<ResultSet> rows, connection.Query(sql, {}));
    if (!rows->Next()) return absl::NotFoundError(sql);
    const int64_t value = rows->Int64(0);
    RETURN_IF_ERROR(rows->status());
    return value;
  }
  int64_t Count() { return Int(*admin_, "SELECT COUNT(*) FROM t").value(); }
  static absl::Status Insert(Connection& connection, int64_t id) {
    return connection.Update("INSERT INTO t (id) VALUES (?)", {id}).status();
  }
  // Ends that session, from outside, and waits until it is gone.
  void Kill(int64_t id) {
    ASSERT_OK(admin_->Execute(absl::StrCat("KILL CONNECTION ", id)));
    while (*Int(*admin_, absl::StrCat("SELECT COUNT(*) FROM information_schema.processlist WHERE id = ", id)) > 0) {
      absl::SleepFor(absl::Milliseconds(1));
    }
  }
  // Opens one connection in the pool, kills it while it lies idle there.
  void KillIdleConnection() {
    int64_t id = 0;
    ASSERT_OK(database_.Read(In(absl::Seconds(10)), [&](Connection& connection) {
      id = Int(connection, "SELECT CONNECTION_ID()").value();
      return absl::OkStatus();
    }));
    Kill(id);
  }

  TestDatabase schema_{TestDatabase::Schema::kEmpty};
  std::unique_ptr<Connection> admin_;
  Database database_;
};

// A body of many statements: the deadline is that of all of them together.
TEST_F(DatabaseTest, NoStatementIsSentAfterTheDeadline) {
  const auto many = [](int& done) {
    return [&done](Connection& connection) -> absl::Status {
      for (;; ++done) RETURN_IF_ERROR(connection.Query("SELECT SLEEP(0.02)", {}).status());
    };
  };
  using Run = std::function<absl::Status(Until, absl::FunctionRef<absl::Status(Connection&)>)>;
  const Run runs[] = {[this](Until until, auto body) { return database_.Read(until, body); },
                      [this](Until until, auto body) { return database_.Snapshot(until, body); },
                      [this](Until until, auto body) { return database_.Transact(until, body); }};
  for (const Run& run : runs) {
    int done = 0;
    const absl::Time start = absl::Now();
    const absl::Status status = run(In(absl::Milliseconds(300)), many(done));
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
    EXPECT_GT(done, 2);
    EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  }
}

// The last statement gets what the others have left, and not what there was in the beginning.
TEST_F(DatabaseTest, AStatementGetsNoMoreTimeThanIsLeft) {
  const absl::Time start = absl::Now();
  const absl::Status status = database_.Read(In(absl::Milliseconds(1500)), [&](Connection& connection) -> absl::Status {
    RETURN_IF_ERROR(connection.Query("SELECT SLEEP(0.9)", {}).status());
    return connection.Query("SELECT SLEEP(30) FROM (SELECT 1 UNION SELECT 2) AS two", {}).status();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(2000));
}

TEST_F(DatabaseTest, NothingMoreIsDoneForACallerWhoIsGone) {
  bool gone = false;
  const std::function<bool()> asked = [&] { return gone; };
  const absl::Status status =
      database_.Transact({absl::InfiniteFuture(), asked}, [&](Connection& connection) -> absl::Status {
        RETURN_IF_ERROR(Insert(connection, 1));
        gone = true;
        return Insert(connection, 2);
      });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, OkCommitsAndAnErrorRollsBack) {
  EXPECT_OK(database_.Transact(In(absl::Seconds(10)), [](Connection& c) { return Insert(c, 1); }));
  EXPECT_EQ(Count(), 1);
  EXPECT_THAT(database_.Transact(In(absl::Seconds(10)),
                                 [](Connection& c) {
                                   EXPECT_OK(Insert(c, 2));
                                   return absl::FailedPreconditionError("refused");
                                 }),
              StatusIs(absl::StatusCode::kFailedPrecondition, "refused"));
  EXPECT_EQ(Count(), 1);
  EXPECT_EQ(database_.pool().stats().idle, 1);
}

TEST_F(DatabaseTest, AConnectionKilledBeforeCommitIsAnErrorAndNothingIsStored) {
  const absl::Status status = database_.Transact(In(absl::Seconds(10)), [&](Connection& c) {
    EXPECT_OK(Insert(c, 1));
    Kill(Int(c, "SELECT CONNECTION_ID()").value());
    return absl::OkStatus();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(IsOutcomeUnknown(status));  // COMMIT was sent: from here it looks the same as a lost answer
  EXPECT_EQ(Count(), 0);
  EXPECT_EQ(database_.pool().stats().opened, 0);
}

TEST_F(DatabaseTest, AConnectionLostInTheBodyIsUnavailableAndItsOutcomeKnown) {
  int runs = 0;
  const absl::Status status = database_.Transact(In(absl::Seconds(10)), [&](Connection& c) {
    ++runs;
    EXPECT_OK(Insert(c, 1));
    Kill(Int(c, "SELECT CONNECTION_ID()").value());
    return Insert(c, 2);
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(IsOutcomeUnknown(status));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, ABodyThatOverlooksALostConnectionDoesNotSucceed) {
  EXPECT_THAT(database_.Transact(In(absl::Seconds(10)),
                                 [&](Connection& c) {
                                   Kill(Int(c, "SELECT CONNECTION_ID()").value());
                                   Insert(c, 1).IgnoreError();
                                   return absl::OkStatus();
                                 }),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(DatabaseTest, AConnectionThatDiedIdleIsReplacedWithoutTheBodyNoticing) {
  KillIdleConnection();
  int runs = 0;
  EXPECT_OK(database_.Transact(In(absl::Seconds(10)), [&](Connection& c) {
    ++runs;
    return Insert(c, 1);
  }));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Count(), 1);

  KillIdleConnection();
  EXPECT_OK(database_.Read(In(absl::Seconds(10)), [](Connection& c) { return Int(c, "SELECT 1").status(); }));
  KillIdleConnection();
  EXPECT_OK(database_.Snapshot(In(absl::Seconds(10)), [](Connection& c) { return Int(c, "SELECT 1").status(); }));
}

TEST_F(DatabaseTest, ManyConnectionsThatDiedIdleAreReplaced) {
  {
    std::vector<ConnectionPool::Lease> leases;
    for (int i = 0; i < 4; ++i) leases.push_back(database_.pool().Acquire(In(absl::Seconds(10))).value());
    for (ConnectionPool::Lease& lease : leases) Kill(Int(*lease, "SELECT CONNECTION_ID()").value());
  }
  EXPECT_EQ(database_.pool().stats().idle, 4);
  EXPECT_OK(database_.Transact(In(absl::Seconds(10)), [](Connection& c) { return Insert(c, 1); }));
  EXPECT_EQ(database_.pool().stats().opened, 1);
}

TEST_F(DatabaseTest, AReadThatLosesItsConnectionLaterIsNotRunAgain) {
  KillIdleConnection();
  ASSERT_OK(database_.Read(In(absl::Seconds(10)), [](Connection& c) { return Int(c, "SELECT 1").status(); }));
  int runs = 0;
  EXPECT_THAT(database_.Read(In(absl::Seconds(10)),
                             [&](Connection& c) {
                               ++runs;
                               Kill(Int(c, "SELECT CONNECTION_ID()").value());
                               return Int(c, "SELECT 1").status();
                             }),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(runs, 1);
}

TEST_F(DatabaseTest, AnExceptionFromTheBodyLeavesNoTransactionOpen) {
  EXPECT_THROW(database_
                   .Transact(In(absl::Seconds(10)),
                             [](Connection& c) -> absl::Status {
                               EXPECT_OK(Insert(c, 1));
                               throw std::runtime_error("from the body");
                             })
                   .IgnoreError(),
               std::runtime_error);
  EXPECT_EQ(database_.pool().stats().opened, 0);
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, ASnapshotSeesOneMomentAndReadSeesEach) {
  ASSERT_OK(Insert(*admin_, 1));
  EXPECT_OK(database_.Snapshot(In(absl::Seconds(10)), [&](Connection& c) {
    // The snapshot is as old as its begin, not as its first read.
    EXPECT_OK(Insert(*admin_, 2));
    EXPECT_EQ(Int(c, "SELECT COUNT(*) FROM t").value(), 1);
    EXPECT_OK(Insert(*admin_, 3));
    EXPECT_EQ(Int(c, "SELECT COUNT(*) FROM t").value(), 1);
    EXPECT_FALSE(Insert(c, 9).ok());
    return absl::OkStatus();
  }));
  EXPECT_OK(database_.Transact(In(absl::Seconds(10)), [&](Connection& c) {
    EXPECT_EQ(Int(c, "SELECT COUNT(*) FROM t").value(), 3);
    EXPECT_OK(Insert(*admin_, 4));
    EXPECT_EQ(Int(c, "SELECT COUNT(*) FROM t").value(), 4);  // READ COMMITTED again
    return absl::OkStatus();
  }));
}

TEST_F(DatabaseTest, StatementsAreLimitedToTheTimeLeft) {
  for (int64_t id = 0; id < 100; ++id) ASSERT_OK(Insert(*admin_, id));
  const absl::Time start = absl::Now();
  EXPECT_THAT(database_.Transact(In(absl::Milliseconds(200)),
                                 [](Connection& c) {
                                   return Int(c, "SELECT SUM(a.id * e.id) FROM t a, t b, t c, t d, t e").status();
                                 }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  EXPECT_THAT(database_.Read(In(-absl::Seconds(1)), [](Connection&) { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_OK(database_.Read(absl::InfiniteFuture(), [](Connection& c) {
    EXPECT_EQ(Int(c, "SELECT @@lock_wait_timeout").value(), 16);
    return absl::OkStatus();
  }));
}

TEST_F(DatabaseTest, AWaitForALockEndsWithTheDeadline) {
  ASSERT_OK(admin_->Execute("BEGIN"));
  ASSERT_OK(Insert(*admin_, 1));
  const absl::Time start = absl::Now();
  const absl::Status status =
      database_.Transact(In(absl::Milliseconds(500)), [](Connection& c) { return Insert(c, 1); });
  EXPECT_THAT(status, StatusIs(admin_->is_mariadb() ? absl::StatusCode::kDeadlineExceeded  // a limit in milliseconds
                                                    : absl::StatusCode::kAborted));        // in seconds
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
}

TEST_F(DatabaseTest, AFrozenDatabaseAnswersByTheDeadlineAndStoresNothing) {
  ASSERT_OK(admin_->Execute("FLUSH TABLES WITH READ LOCK"));
  const absl::Time start = absl::Now();
  const absl::Status status =
      database_.Transact(In(absl::Milliseconds(1200)), [](Connection& c) { return Insert(c, 1); });
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_FALSE(status.ok());
  EXPECT_OK(database_.Read(In(absl::Seconds(10)), [](Connection& c) { return Int(c, "SELECT 1").status(); }));
  ASSERT_OK(admin_->Execute("UNLOCK TABLES"));
  EXPECT_EQ(Count(), 0);
}

TEST_F(DatabaseTest, AReadOnlyDatabaseRefusesWritesAndServesReads) {
  ASSERT_OK(admin_->Execute("CREATE USER lmp_plain@localhost"));
  ASSERT_OK(admin_->Execute(absl::StrCat("GRANT SELECT, INSERT ON ", schema_.name(), ".* TO lmp_plain@localhost")));
  DatabaseOptions options = schema_.options();
  options.user = "lmp_plain";
  Database database(options, 2);
  ASSERT_OK(admin_->Execute("SET GLOBAL read_only = ON"));
  EXPECT_THAT(database.Transact(In(absl::Seconds(10)), [](Connection& c) { return Insert(c, 1); }),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_OK(database.Read(In(absl::Seconds(10)), [](Connection& c) { return Int(c, "SELECT 1").status(); }));
  ASSERT_OK(admin_->Execute("SET GLOBAL read_only = OFF"));
  EXPECT_OK(database.Transact(In(absl::Seconds(10)), [](Connection& c) { return Insert(c, 1); }));
  ASSERT_OK(admin_->Execute("DROP USER lmp_plain@localhost"));
}

TEST_F(DatabaseTest, AKilledDatabaseIsUnavailableAndComesBackByItself) {
  ASSERT_OK(database_.Transact(In(absl::Seconds(10)), [](Connection& c) { return Insert(c, 1); }));
  EXPECT_THAT(database_.Transact(In(absl::Seconds(10)),
                                 [](Connection& c) {
                                   EXPECT_OK(Insert(c, 2));
                                   TestDatabase::server().Kill();
                                   return absl::OkStatus();
                                 }),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(database_.Read(In(absl::Seconds(10)), [](Connection& c) { return Int(c, "SELECT 1").status(); }),
              StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_OK(TestDatabase::server().Restart());
  admin_ = schema_.Connect();
  EXPECT_EQ(Count(), 1);
  EXPECT_OK(database_.Transact(In(absl::Seconds(10)), [](Connection& c) { return Insert(c, 2); }));
}

}  // namespace
}  // namespace lmp::storage
