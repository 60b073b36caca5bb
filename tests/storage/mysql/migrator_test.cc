// Migrations run once each, in order, whoever else migrates and wherever they are interrupted.
#include "storage/mysql/migrator.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mysql/errors.h"
#include "storage/mysql/schema_shape.h"
#include "storage/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::IsOkAndHolds;
using ::lmp::testing::StatusIs;
using ::lmp::testing::TestDatabase;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kFirst[] = R"(-- Customers; and what they have;
CREATE TABLE a (
  id BIGINT PRIMARY KEY,  -- the id
  name VARCHAR(20)
);

INSERT INTO a VALUES (1, 'x;y');
INSERT INTO a VALUES (2, ';');
ALTER TABLE a ADD COLUMN n INT NOT NULL DEFAULT 0, ADD INDEX by_n (n);
UPDATE a SET n = n + 1;
)";
constexpr char kSecond[] = R"(CREATE TABLE b (id BIGINT, FOREIGN KEY (id) REFERENCES a (id));
ALTER TABLE a DROP COLUMN name;)";

const std::vector<Migration> kMigrations = {{1, "create_a", kFirst, "1111"}, {2, "create_b", kSecond, "2222"}};

// Passes on to a connection until its n-th statement, which is lost: before it reached the server, or its answer.
class DyingConnection final : public Connection {
 public:
  enum class Loses { kStatement, kAnswer };
  DyingConnection(std::unique_ptr<Connection> real, int dies_at, Loses loses)
      : real_(std::move(real)), left_(dies_at), loses_(loses) {}

  absl::Status Execute(absl::string_view sql) override {
    return Pass<absl::Status>([&] { return real_->Execute(sql); });
  }
  absl::StatusOr<std::unique_ptr<ResultSet>> Query(const std::string& sql, const std::vector<Value>& params) override {
    return Pass<absl::StatusOr<std::unique_ptr<ResultSet>>>([&] { return real_->Query(sql, params); });
  }
  absl::StatusOr<int64_t> Update(const std::string& sql, const std::vector<Value>& params) override {
    return Pass<absl::StatusOr<int64_t>>([&] { return real_->Update(sql, params); });
  }
  absl::Status LimitStatements(absl::Duration limit) override { return real_->LimitStatements(limit); }
  bool broken() const override { return left_ <= 0; }
  absl::Status TakeLostTransaction() override { return real_->TakeLostTransaction(); }
  bool is_mariadb() const override { return real_->is_mariadb(); }
  bool is_cluster_node() const override { return real_->is_cluster_node(); }
  int64_t round_trips() const override { return real_->round_trips(); }

 private:
  template <typename Result>
  Result Pass(const std::function<Result()>& statement) {
    if (--left_ > 0) return statement();
    if (left_ == 0 && loses_ == Loses::kAnswer) (void)statement();
    return StatusFromMysql(2013, "HY000", "dying connection");
  }

  const std::unique_ptr<Connection> real_;
  int left_;
  const Loses loses_;
};

class MigratorTest : public ::testing::Test {
 protected:
  absl::Status Run(const std::vector<Migration>& migrations) {
    return Migrate(*connection_, {.migrations = migrations});
  }
  int64_t Int(const std::string& sql) {
    absl::StatusOr<std::unique_ptr<ResultSet>> rows = connection_->Query(sql, {});
    EXPECT_OK(rows);
    return rows.ok() && (*rows)->Next() ? (*rows)->Int64(0) : -1;
  }
  void ExpectBothApplied() {
    EXPECT_THAT(SchemaVersion(*connection_), IsOkAndHolds(2));
    EXPECT_EQ(Int("SELECT COUNT(*) FROM a"), 2);
    EXPECT_EQ(Int("SELECT SUM(n) FROM a"), 2);  // the UPDATE ran once
    EXPECT_EQ(Int("SELECT COUNT(*) FROM b"), 0);
    EXPECT_EQ(Int("SELECT COUNT(*) FROM schema_migrations WHERE statements_started = statements_done"), 2);
  }

  TestDatabase database_{TestDatabase::Schema::kEmpty};
  std::unique_ptr<Connection> connection_ = database_.Connect();
};

TEST(SplitStatementsTest, AStatementEndsWithASemicolonAtTheEndOfALine) {
  EXPECT_THAT(SplitStatements("-- note;\nSELECT 1;  \r\n\nSELECT ';' ,\n  2;\n-- end;\nSELECT 3"),
              ElementsAre("SELECT 1", "SELECT ';' ,\n  2", "SELECT 3"));
  EXPECT_THAT(SplitStatements("\n-- nothing\n"), ElementsAre());
}

TEST(EmbeddedMigrationsTest, AreNumberedWithoutGapsAndHaveChecksums) {
  int version = 0;
  for (const Migration& migration : EmbeddedMigrations()) {
    EXPECT_EQ(migration.version, ++version);
    EXPECT_EQ(migration.sha256.size(), 64u);
    EXPECT_THAT(SplitStatements(migration.sql), ::testing::Not(::testing::IsEmpty()));
  }
}

TEST_F(MigratorTest, TheEmbeddedOnesRunOnAnEmptyDatabase) {
  EXPECT_OK(Migrate(*connection_));
  EXPECT_THAT(SchemaVersion(*connection_), IsOkAndHolds(static_cast<int>(EmbeddedMigrations().size())));
}

TEST_F(MigratorTest, EachRunsOnceAndTheSecondRunDoesNothing) {
  ASSERT_OK(Run(kMigrations));
  ExpectBothApplied();
  int statements = 0;
  EXPECT_OK(Migrate(*connection_,
                    {.migrations = kMigrations, .progress = [&](const Migration&, int, int) { ++statements; }}));
  EXPECT_EQ(statements, 0);
  ExpectBothApplied();
}

TEST_F(MigratorTest, OnlyTheMissingOnesRun) {
  ASSERT_OK(Run({kMigrations[0]}));
  EXPECT_THAT(SchemaVersion(*connection_), IsOkAndHolds(1));
  ASSERT_OK(Run(kMigrations));
  ExpectBothApplied();
}

TEST_F(MigratorTest, TwoAtOnceApplyEachOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_OK(Migrate(*database_.Connect(), {.migrations = kMigrations})); });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectBothApplied();
}

TEST_F(MigratorTest, WaitsForAnotherMigratorNoLongerThanItMay) {
  std::unique_ptr<Connection> holder = database_.Connect();
  std::unique_ptr<Connection> other = database_.Connect();
  absl::Status status;
  ASSERT_OK(Migrate(*holder, {.migrations = kMigrations, .progress = [&](const Migration&, int number, int) {
                                if (number != 1 || !status.ok()) return;
                                status = Migrate(*other, {.migrations = kMigrations, .lock_timeout = absl::Seconds(1)});
                              }}));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_OK(Migrate(*other, {.migrations = kMigrations}));
}

TEST_F(MigratorTest, AChangedMigrationIsRefusedByName) {
  ASSERT_OK(Run({kMigrations[0]}));
  EXPECT_THAT(Run({{1, "create_a", kFirst, "9999"}, kMigrations[1]}),
              StatusIs(absl::StatusCode::kFailedPrecondition, AllOf(HasSubstr("0001_create_a"), HasSubstr("changed"))));
  EXPECT_THAT(SchemaVersion(*connection_), IsOkAndHolds(1));
}

TEST_F(MigratorTest, AnUnknownMigrationAndAGapAreRefused) {
  EXPECT_THAT(Run({kMigrations[1]}), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Run(kMigrations));
  EXPECT_THAT(Run({kMigrations[0]}),
              StatusIs(absl::StatusCode::kFailedPrecondition, AllOf(HasSubstr("0002"), HasSubstr("upgrade"))));
}

TEST_F(MigratorTest, KilledAnywhereItGoesOnWhereItStopped) {
  for (auto loses : {DyingConnection::Loses::kStatement, DyingConnection::Loses::kAnswer}) {
    int dies_at = 0;
    for (bool survived = false; !survived;) {
      TestDatabase database(TestDatabase::Schema::kEmpty);
      {
        DyingConnection dying(database.Connect(), ++dies_at, loses);
        const absl::Status status = Migrate(dying, {.migrations = kMigrations});
        survived = !dying.broken();
        EXPECT_EQ(status.ok(), survived);
      }
      connection_ = database.Connect();
      EXPECT_OK(Migrate(*connection_, {.migrations = kMigrations})) << dies_at;
      ExpectBothApplied();
      connection_.reset();
      ASSERT_LT(dies_at, 200);
    }
    EXPECT_GT(dies_at, 30);
  }
}

TEST_F(MigratorTest, KilledTwiceItStillGoesOn) {
  for (int dies_at = 1; dies_at < 60; ++dies_at) {
    TestDatabase database(TestDatabase::Schema::kEmpty);
    // Dies again and again a little later, until it gets through.
    bool finished = false;
    for (int round = 0; !finished && round < 50; ++round) {
      DyingConnection dying(database.Connect(), dies_at + round, DyingConnection::Loses::kAnswer);
      finished = Migrate(dying, {.migrations = kMigrations}).ok();
    }
    ASSERT_TRUE(finished) << dies_at;
    connection_ = database.Connect();
    ExpectBothApplied();
    connection_.reset();
    dies_at += 6;
  }
}

TEST_F(MigratorTest, AnEndOfTheSessionInsideAStatementIsContinued) {
  const std::vector<Migration> slow = {
      {1, "slow", "CREATE TABLE a (id INT);\nINSERT INTO a SELECT SLEEP(30);\nINSERT INTO a VALUES (7);", "1111"}};
  std::thread migrator([&] {
    EXPECT_THAT(Migrate(*database_.Connect(), {.migrations = slow}), StatusIs(absl::StatusCode::kUnavailable));
  });
  const std::string running = absl::StrCat(
      "SELECT COALESCE(MAX(id), 0) FROM information_schema.processlist WHERE info LIKE 'INSERT%SLEEP(30)' AND db = '",
      database_.name(), "'");
  int64_t id = 0;
  while ((id = Int(running)) == 0) absl::SleepFor(absl::Milliseconds(5));
  ASSERT_OK(connection_->Execute(absl::StrCat("KILL CONNECTION ", id)));
  migrator.join();
  EXPECT_THAT(SchemaVersion(*connection_), IsOkAndHolds(0));
  const std::vector<Migration> same = {{1, "slow",
                                        "CREATE TABLE a (id INT);\nINSERT INTO a SELECT 30;\n"
                                        "INSERT INTO a VALUES (7);",
                                        "1111"}};
  EXPECT_OK(Run(same));
  EXPECT_EQ(Int("SELECT SUM(id) FROM a"), 37);
}

TEST_F(MigratorTest, AStatementThatIsRefusedIsNotTakenForDoneLater) {
  // Begun, so that the database is ours.
  EXPECT_FALSE(Run({{1, "create_a", "ALTER TABLE nothing ADD COLUMN x INT;", "1111"}}).ok());
  ASSERT_OK(connection_->Execute("CREATE TABLE a (other INT)"));  // not by a migration
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Run(kMigrations), StatusIs(absl::StatusCode::kInternal,
                                           AllOf(HasSubstr("0001_create_a, statement 1 of 5"), HasSubstr("1050"))));
  }
  ASSERT_OK(connection_->Execute("DROP TABLE a"));
  EXPECT_OK(Run(kMigrations));
  ExpectBothApplied();
}

TEST_F(MigratorTest, CheckSchemaAcceptsARange) {
  const auto check = [this](int min, int max) { return CheckSchema(*connection_, min, max, kMigrations); };
  EXPECT_THAT(check(1, 2), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("run lmp-server migrate")));
  ASSERT_OK(Run(kMigrations));
  EXPECT_OK(check(1, 2));
  EXPECT_OK(check(2, 5));
  EXPECT_TRUE(IsSchemaMismatch(check(3, 5)));
  EXPECT_THAT(check(3, 5), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("run lmp-server migrate")));
  EXPECT_FALSE(IsSchemaMismatch(check(1, 1)));
  EXPECT_THAT(check(1, 1), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("upgrade the server")));
}

TEST_F(MigratorTest, CheckSchemaNamesWhatIsMissing) {
  ASSERT_OK(Migrate(*connection_));
  const int version = static_cast<int>(EmbeddedMigrations().size());
  const auto check = [&] { return CheckSchema(*connection_, version, version); };
  EXPECT_OK(check());
  ASSERT_OK(connection_->Execute(
      "ALTER TABLE customers ADD COLUMN of_somebody_else INT NULL, ADD KEY of_them (of_somebody_else)"));
  EXPECT_OK(check());  // more is no harm
  ASSERT_OK(connection_->Execute("ALTER TABLE customers DROP COLUMN note"));
  ASSERT_OK(connection_->Execute("ALTER TABLE licenses DROP KEY licenses_due"));
  ASSERT_OK(connection_->Execute("DROP TABLE requests"));
  EXPECT_TRUE(IsSchemaMismatch(check()));
  EXPECT_THAT(check(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("missing: column customers.note, key licenses.licenses_due, table requests;")));
}

// A server may start while another one migrates: what the next version drops is gone before the version counts as
// applied.
TEST_F(MigratorTest, CheckSchemaDoesNotNeedWhatALaterVersionDrops) {
  ASSERT_OK(Run({kMigrations[0]}));
  ASSERT_OK(connection_->Execute("ALTER TABLE a DROP COLUMN name"));
  EXPECT_OK(CheckSchema(*connection_, 1, 2, kMigrations));
}

TEST_F(MigratorTest, ShapesAreReadFromTheMigrationsAsTheDatabaseHasThem) {
  for (size_t count = 1; count <= EmbeddedMigrations().size(); ++count) {
    const auto migrations = EmbeddedMigrations().subspan(0, count);
    ASSERT_OK(Migrate(*connection_, {.migrations = migrations}));
    const auto there = LoadShape(*connection_);
    ASSERT_OK(there);
    const SchemaShape shape = ShapeOf(migrations);
    EXPECT_THAT(Missing(shape, *there), ElementsAre()) << count;
    std::vector<std::string> unknown = Missing(*there, shape);
    // InnoDB makes a key for a foreign key that has none, under the constraint's name.
    std::erase_if(unknown, [](const std::string& what) { return absl::EndsWith(what, "_fk"); });
    EXPECT_THAT(unknown, ElementsAre()) << count;
  }
}

TEST_F(MigratorTest, AnotherProgramsDatabaseIsLeftAsItIs) {
  ASSERT_OK(connection_->Execute("CREATE TABLE wp_posts (id INT)"));
  EXPECT_THAT(Run(kMigrations), StatusIs(absl::StatusCode::kFailedPrecondition,
                                         AllOf(HasSubstr("another program's"), HasSubstr("wp_posts"))));
  EXPECT_EQ(Int("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"), 1);
  // One that keeps book of its migrations in a table of that name, as others do.
  ASSERT_OK(connection_->Execute("CREATE TABLE schema_migrations (version VARCHAR(255) PRIMARY KEY)"));
  EXPECT_THAT(Run(kMigrations),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("schema_migrations, wp_posts")));
  ASSERT_OK(connection_->Execute("DROP TABLE wp_posts"));
  EXPECT_THAT(Run(kMigrations), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("schema_migrations")));
  EXPECT_EQ(Int("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"), 1);
  ASSERT_OK(connection_->Execute("DROP TABLE schema_migrations"));
  EXPECT_OK(Run(kMigrations));
}

// A snapshot holds the table. Whoever comes after the migration's statement waits behind it, but not for long.
TEST_F(MigratorTest, AnOpenTransactionOnATableDelaysTheMigrationAndHardlyOthers) {
  ASSERT_OK(Run({kMigrations[0]}));
  const auto reader = database_.Connect();
  ASSERT_OK(reader->Execute("START TRANSACTION WITH CONSISTENT SNAPSHOT"));
  ASSERT_OK(reader->Query("SELECT id FROM a", {}));
  std::string why;
  std::atomic<int> waits = 0;
  absl::Status migrated;
  std::thread migrator([&] {
    migrated = Migrate(*connection_, {.migrations = kMigrations,
                                      .table_lock_wait = absl::Seconds(1),
                                      .pause = absl::Milliseconds(200),
                                      .waiting = [&](const std::string& text) {
                                        if (waits++ == 0) why = text;
                                      }});
  });
  const auto other = database_.Connect();
  absl::Duration longest;
  for (const absl::Time end = absl::Now() + absl::Seconds(30); waits < 2 && absl::Now() < end;) {
    const absl::Time began = absl::Now();
    EXPECT_OK(other->Update("UPDATE a SET n = n WHERE id = 1", {}));
    longest = std::max(longest, absl::Now() - began);
  }
  EXPECT_GE(waits, 2);
  EXPECT_LT(longest, absl::Seconds(3));
  ASSERT_OK(reader->Execute("COMMIT"));
  migrator.join();
  EXPECT_OK(migrated);
  EXPECT_THAT(why, AllOf(HasSubstr("0002_create_b, statement"), HasSubstr("open transactions: connection "),
                         HasSubstr("root@")));
  ExpectBothApplied();
}

TEST_F(MigratorTest, AnOpenTransactionThatDoesNotEndIsNamedInTheError) {
  ASSERT_OK(Run({kMigrations[0]}));
  const auto reader = database_.Connect();
  ASSERT_OK(reader->Execute("START TRANSACTION WITH CONSISTENT SNAPSHOT"));
  ASSERT_OK(reader->Query("SELECT id FROM a", {}));
  EXPECT_THAT(Migrate(*connection_, {.migrations = kMigrations,
                                     .table_lock_wait = absl::Seconds(1),
                                     .pause = absl::ZeroDuration(),
                                     .table_lock_timeout = absl::ZeroDuration()}),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("open transactions: connection ")));
  ASSERT_OK(reader->Execute("COMMIT"));
  EXPECT_OK(Run(kMigrations));
  ExpectBothApplied();
}

}  // namespace
}  // namespace lmp::storage
