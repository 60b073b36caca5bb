#include "storage/mysql/statement_stats.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace lmp::storage {
namespace {

std::string NameOf(absl::string_view sql) {
  const auto [verb, table] = StatementName(sql);
  return absl::StrCat(verb, table.empty() ? "" : " ", table);
}

TEST(StatementName, IsTheVerbAndTheFirstTable) {
  EXPECT_EQ(NameOf("SELECT a, b FROM licenses WHERE x = ?"), "SELECT licenses");
  EXPECT_EQ(NameOf("SELECT STRAIGHT_JOIN a FROM customers c JOIN partners p"), "SELECT customers");
  EXPECT_EQ(NameOf("SELECT a FROM customers WHERE id IN (?, ?) FOR UPDATE"), "LOCK customers");
  EXPECT_EQ(NameOf("SELECT a FROM customers WHERE id = ? FOR UPDATE SKIP LOCKED"), "LOCK customers");
  EXPECT_EQ(NameOf("SET STATEMENT max_statement_time=0.064 FOR SELECT 1 FROM partners FOR UPDATE"), "LOCK partners");
  EXPECT_EQ(NameOf("SELECT COUNT(*) FROM (SELECT 1 FROM events LIMIT 1) AS e"), "SELECT events");
  EXPECT_EQ(NameOf("(SELECT a FROM products) UNION ALL (SELECT b FROM licenses)"), "SELECT products");
  EXPECT_EQ(NameOf("SELECT STRAIGHT_JOIN l.a FROM JSON_TABLE(?, '$[*]' COLUMNS (k INT PATH '$[0]')) AS wanted "
                   "JOIN licenses l ON l.k = wanted.k"),
            "SELECT licenses");
  EXPECT_EQ(NameOf("DELETE t FROM JSON_TABLE(?, '$') AS w STRAIGHT_JOIN license_tokens t ON x"),
            "DELETE license_tokens");
  EXPECT_EQ(NameOf("SELECT @@max_allowed_packet"), "SELECT");
  EXPECT_EQ(NameOf("INSERT INTO events (a) VALUES (?)"), "INSERT events");
  EXPECT_EQ(NameOf("INSERT IGNORE INTO requests VALUES (?)"), "INSERT requests");
  EXPECT_EQ(NameOf("UPDATE customers SET a = ?"), "UPDATE customers");
  EXPECT_EQ(NameOf("UPDATE (SELECT ? AS id) AS n JOIN events e ON e.id = n.id SET e.x = 1"), "UPDATE events");
  EXPECT_EQ(NameOf("DELETE t FROM license_tokens t WHERE x"), "DELETE license_tokens");
  EXPECT_EQ(NameOf("BEGIN"), "BEGIN");
  EXPECT_EQ(NameOf("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"), "START");
  EXPECT_EQ(NameOf(""), "");
}

TEST(StatementStats, ANameHasTheSameCountersFromAllThreads) {
  StatementStats stats;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&stats] {
      for (int n = 0; n < 1000; ++n) ++stats.Of(absl::StrCat("SELECT a FROM t", n % 20, " WHERE x = ", n)).count;
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(stats.All().size(), 20U);
  for (const auto* one : stats.All()) EXPECT_EQ(one->count, 200) << one->name();
}

TEST(StatementStats, NamesAreBounded) {
  StatementStats stats;
  for (int i = 0; i < 1000; ++i) ++stats.Of(absl::StrCat("SELECT a FROM t", i)).count;
  EXPECT_EQ(stats.All().size(), StatementStats::kMaxNames + 1);
  int64_t total = 0;
  for (const auto* one : stats.All()) total += one->count;
  EXPECT_EQ(total, 1000);
}

TEST(DatabaseWork, NamesTheStatementsThatTookLongest) {
  StatementStats stats;
  DatabaseWork work;
  work.Add(stats.Of("SELECT a FROM licenses"), 3, absl::Microseconds(1500));
  work.Add(stats.Of("INSERT INTO events VALUES (?)"), 2, absl::Milliseconds(40));
  work.Add(stats.Of("INSERT INTO events VALUES (?), (?)"), 2, absl::Milliseconds(2));
  EXPECT_EQ(work.statements, 3);
  EXPECT_EQ(work.rows, 7);
  EXPECT_EQ(work.Slowest(5), "INSERT events 42.000 ms in 2, SELECT licenses 1.500 ms");
  EXPECT_EQ(work.Slowest(1), "INSERT events 42.000 ms in 2");
}

}  // namespace
}  // namespace lmp::storage
