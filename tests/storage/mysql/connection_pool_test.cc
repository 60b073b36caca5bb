// The pool never opens more than its bound, waits no longer than it may, and never gives out what it knows to be dead.
#include "storage/mysql/connection_pool.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::StatusIs;
using ::lmp::testing::TestDatabase;

absl::Time In(absl::Duration duration) { return absl::Now() + duration; }

int64_t Id(Connection& connection) {
  auto rows = connection.Query("SELECT CONNECTION_ID()", {});
  EXPECT_OK(rows);
  EXPECT_TRUE((*rows)->Next());
  return (*rows)->Int64(0);
}

class ConnectionPoolTest : public ::testing::Test {
 protected:
  TestDatabase database_{TestDatabase::Schema::kEmpty};
};

TEST_F(ConnectionPoolTest, NothingIsOpenedBeforeItIsNeeded) {
  ConnectionPool pool(database_.options(), 4);
  EXPECT_EQ(pool.stats().opened, 0);
  ASSERT_OK_AND_ASSIGN(ConnectionPool::Lease lease, pool.Acquire(In(absl::Seconds(10))));
  EXPECT_EQ(pool.stats().opened, 1);
  EXPECT_EQ(pool.stats().in_use, 1);
  EXPECT_FALSE(lease.reused());
}

TEST_F(ConnectionPoolTest, TheMostRecentlyUsedIsGivenOutAgain) {
  ConnectionPool pool(database_.options(), 4);
  ASSERT_OK_AND_ASSIGN(ConnectionPool::Lease first, pool.Acquire(In(absl::Seconds(10))));
  const int64_t id = Id(*first);
  {
    ASSERT_OK_AND_ASSIGN(ConnectionPool::Lease second, pool.Acquire(In(absl::Seconds(10))));
    EXPECT_NE(Id(*second), id);
  }
  { ConnectionPool::Lease ended = std::move(first); }
  EXPECT_EQ(pool.stats().idle, 2);
  ASSERT_OK_AND_ASSIGN(ConnectionPool::Lease again, pool.Acquire(In(absl::Seconds(10))));
  EXPECT_TRUE(again.reused());
  EXPECT_EQ(Id(*again), id);
  EXPECT_EQ(pool.stats().opened_total, 2);
}

TEST_F(ConnectionPoolTest, TheBoundHoldsUnderConcurrency) {
  constexpr int kMax = 3;
  ConnectionPool pool(database_.options(), kMax);
  std::atomic<int> in_use = 0, most = 0, done = 0;
  std::atomic<bool> full = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        auto lease = pool.Acquire(In(absl::Seconds(60)));
        ASSERT_OK(lease);
        const int now = ++in_use;
        if (now == kMax) full = true;
        while (!full) std::this_thread::yield();  // so that all were in use at once, however threads are scheduled
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        EXPECT_LE(pool.stats().opened, kMax);
        ASSERT_OK((*lease)->Query("SELECT 1", {}));
        --in_use;
        if (round % 7 == 3) lease->Discard();
        ++done;
      }
    });
  }
  std::unique_ptr<Connection> admin = database_.Connect();
  while (done < 12 * 20) {
    auto rows =
        *admin->Query("SELECT COUNT(*) - 1 FROM information_schema.processlist WHERE db = ?", {database_.name()});
    ASSERT_TRUE(rows->Next());
    // One more than the bound may show for a moment: the server takes its time to forget a closed connection.
    EXPECT_LE(rows->Int64(0), kMax + 1);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, kMax);
  EXPECT_EQ(pool.stats().in_use, 0);
  EXPECT_EQ(pool.stats().waiting, 0);
  EXPECT_LE(pool.stats().opened, kMax);
}

TEST_F(ConnectionPoolTest, WaitsUntilTheDeadlineAndNoLonger) {
  ConnectionPool pool(database_.options(), 1);
  ASSERT_OK_AND_ASSIGN(ConnectionPool::Lease lease, pool.Acquire(In(absl::Seconds(10))));
  EXPECT_THAT(pool.Acquire(absl::InfinitePast()), StatusIs(absl::StatusCode::kResourceExhausted));
  const absl::Time start = absl::Now();
  EXPECT_THAT(pool.Acquire(In(absl::Milliseconds(100))), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(100));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  // The next one gets it as soon as it is free.
  std::thread other([&] { EXPECT_OK(pool.Acquire(absl::InfiniteFuture())); });
  while (pool.stats().waiting == 0 && absl::Now() - start < absl::Seconds(5)) absl::SleepFor(absl::Milliseconds(1));
  { ConnectionPool::Lease ended = std::move(lease); }
  other.join();
  EXPECT_EQ(pool.stats().idle, 1);
}

TEST_F(ConnectionPoolTest, ABrokenConnectionIsThrownAway) {
  ConnectionPool pool(database_.options(), 1);
  {
    ASSERT_OK_AND_ASSIGN(ConnectionPool::Lease lease, pool.Acquire(In(absl::Seconds(10))));
    ASSERT_OK(database_.Connect()->Execute(absl::StrCat("KILL CONNECTION ", Id(*lease))));
    absl::SleepFor(absl::Milliseconds(50));
    EXPECT_THAT(lease->Execute("DO 1"), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_EQ(pool.stats().opened, 0);
  ASSERT_OK_AND_ASSIGN(ConnectionPool::Lease lease, pool.Acquire(In(absl::Seconds(10))));
  EXPECT_OK(lease->Execute("DO 1"));
}

TEST_F(ConnectionPoolTest, AFailureToConnectFreesThePlace) {
  DatabaseOptions options = database_.options();
  options.socket = "/nowhere/mysqld.sock";
  ConnectionPool pool(options, 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(pool.Acquire(In(absl::Seconds(10))), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_EQ(pool.stats().opened, 0);
  EXPECT_EQ(pool.stats().opened_total, 0);
}

TEST_F(ConnectionPoolTest, CloseIdleClosesThem) {
  ConnectionPool pool(database_.options(), 2);
  ASSERT_OK(pool.Acquire(In(absl::Seconds(10))));
  EXPECT_EQ(pool.stats().idle, 1);
  pool.CloseIdle();
  EXPECT_EQ(pool.stats().opened, 0);
}

// A server that accepts the connection and then never says a word.
TEST(SilentServerTest, ConnectingNeitherHoldsTheMutexNorOutlivesTheDeadline) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 8), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  DatabaseOptions options;
  options.host = "127.0.0.1";
  options.port = ntohs(address.sin_port);
  options.user = "lmp";
  ConnectionPool pool(options, 4);
  const absl::Time start = absl::Now();
  std::thread connecting(
      [&] { EXPECT_THAT(pool.Acquire(In(absl::Milliseconds(900))), StatusIs(absl::StatusCode::kUnavailable)); });
  while (pool.stats().opened == 0 && absl::Now() - start < absl::Seconds(5)) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(800));
  connecting.join();
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));
  close(listener);
}

}  // namespace
}  // namespace lmp::storage
