// The embedded database keeps what was committed, whoever is killed.
#include "storage/embedded/embedded_server.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage/embedded/embedded_server_fixture.h"

namespace lmp::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(EmbeddedServerTest, KeepsItsDataWhenStoppedAndStartedAgain) {
  auto server = MustStart();
  ASSERT_NE(server, nullptr);
  Sql(server->socket(), "CREATE DATABASE d; CREATE TABLE d.t (a INT PRIMARY KEY); INSERT INTO d.t VALUES (7)");
  const pid_t pid = server->pid();
  const absl::Time before = absl::Now();
  EXPECT_EQ(server->Stop(), absl::OkStatus());
  std::printf("stopped in %s\n", absl::FormatDuration(absl::Now() - before).c_str());
  EXPECT_FALSE(server->running());
  EXPECT_FALSE(Alive(pid));
  EXPECT_EQ(server->Stop(), absl::OkStatus());
  server.reset();
  server = MustStart();
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(Sql(server->socket(), "SELECT a FROM d.t"), "7\n");
  EXPECT_EQ(server->Restart(), absl::OkStatus());
  EXPECT_EQ(Sql(server->socket(), "SELECT a FROM d.t"), "7\n");
}

TEST_F(EmbeddedServerTest, IsDurableAndBinaryByDefaultAndExtraArgumentsWin) {
  auto server = EmbeddedServer::Start({.directory = directory_, .extra_args = {"--max-connections=17"}});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(Sql((*server)->socket(),
                "SELECT @@innodb_flush_log_at_trx_commit, @@collation_server, @@log_bin, "
                "@@performance_schema, @@max_connections, @@skip_name_resolve"),
            "1\tutf8mb4_bin\t0\t0\t17\t1\n");
}

TEST_F(EmbeddedServerTest, ComesBackWithWhatWasCommittedAfterTheDatabaseIsKilled) {
  auto server = MustStart();
  ASSERT_NE(server, nullptr);
  const std::string socket = server->socket();
  Sql(socket, "CREATE DATABASE d; CREATE TABLE d.t (a INT PRIMARY KEY); INSERT INTO d.t VALUES (1)");
  server->Kill();
  EXPECT_FALSE(server->running());
  ASSERT_EQ(server->Restart(), absl::OkStatus());
  EXPECT_EQ(server->socket(), socket);
  EXPECT_EQ(Sql(socket, "INSERT INTO d.t VALUES (2); SELECT a FROM d.t"), "1\n2\n");

  // Killed by somebody else, the end is noticed.
  const pid_t pid = server->pid();
  kill(pid, SIGKILL);
  ASSERT_TRUE(EndsWithin(pid, absl::Seconds(5)));
  for (int i = 0; i < 500 && server->running(); ++i) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_FALSE(server->running());
  ASSERT_EQ(server->Restart(), absl::OkStatus());
  EXPECT_EQ(Sql(socket, "SELECT a FROM d.t"), "1\n2\n");
}

TEST_F(EmbeddedServerTest, OutlivesTheThreadThatStartedIt) {
  std::unique_ptr<EmbeddedServer> server;
  std::thread([&] { server = MustStart(); }).join();
  ASSERT_NE(server, nullptr);
  std::thread([&] { EXPECT_EQ(server->Restart(), absl::OkStatus()); }).join();
  absl::SleepFor(absl::Milliseconds(500));
  EXPECT_TRUE(server->running());
  EXPECT_EQ(Sql(server->socket(), "SELECT 1"), "1\n");
}

TEST_F(EmbeddedServerTest, RefusesASecondHolderAndNamesTheFirst) {
  auto server = MustStart();
  ASSERT_NE(server, nullptr);
  const auto second = Start();
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(second.status().message(), HasSubstr(absl::StrCat("in use by process ", getpid())));

  pid_t database = 0;
  const pid_t child = StartInChild("", &database);
  EXPECT_EQ(database, -1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(Sql(server->socket(), "SELECT 1"), "1\n");
}

TEST_F(EmbeddedServerTest, StartsOnTheDataOfAKilledProcess) {
  pid_t database = 0;
  const pid_t child =
      StartInChild("CREATE DATABASE d; CREATE TABLE d.t (a INT PRIMARY KEY); INSERT INTO d.t VALUES (1)", &database);
  ASSERT_GT(database, 0);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  auto server = MustStart();
  ASSERT_NE(server, nullptr);
  EXPECT_FALSE(Alive(database));
  EXPECT_EQ(Sql(server->socket(), "SELECT a FROM d.t"), "1\n");
}

TEST_F(EmbeddedServerTest, DiesWithAKilledProcess) {
  pid_t database = 0;
  const pid_t child = StartInChild("", &database);
  ASSERT_GT(database, 0);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(EndsWithin(database, absl::Seconds(30)));
}

TEST_F(EmbeddedServerTest, DiesWithAKilledProcessAlsoIfItsFilesAreGone) {
  pid_t database = 0;
  const pid_t child =
      StartInChild("CREATE DATABASE d; CREATE TABLE d.t (a INT PRIMARY KEY); INSERT INTO d.t VALUES (1)", &database);
  ASSERT_GT(database, 0);
  fs::remove_all(directory_);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(EndsWithin(database, absl::Seconds(30)));
}

TEST_F(EmbeddedServerTest, StopsADatabaseThatOutlivedItsProcess) {
  // Stopped, so that the signal its parent's death sends does not end it yet: an orphan, at the worst moment.
  pid_t database = 0;
  const pid_t child =
      StartInChild("CREATE DATABASE d; CREATE TABLE d.t (a INT PRIMARY KEY); INSERT INTO d.t VALUES (1)", &database);
  ASSERT_GT(database, 0);
  kill(database, SIGSTOP);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_TRUE(Alive(database));
  std::thread wake([&] {
    absl::SleepFor(absl::Seconds(1));
    kill(database, SIGCONT);
  });
  auto server = MustStart();
  wake.join();
  ASSERT_NE(server, nullptr);
  EXPECT_FALSE(Alive(database));
  EXPECT_EQ(Sql(server->socket(), "SELECT a FROM d.t"), "1\n");
}

TEST_F(EmbeddedServerTest, StartsAfterAKillAtAnyMomentOfTheFirstStart) {
  for (int milliseconds = 0; milliseconds < 1000; milliseconds += 250) {
    directory_ = absl::StrCat(root_, "/db", milliseconds);
    const pid_t child = fork();
    if (child == 0) {
      Start().IgnoreError();
      while (true) pause();
    }
    absl::SleepFor(absl::Milliseconds(milliseconds));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    auto server = Start();
    ASSERT_TRUE(server.ok()) << milliseconds << " ms: " << server.status();
    EXPECT_EQ(Sql((*server)->socket(), "SELECT COUNT(*) > 0 FROM mysql.user"), "1\n");
    EXPECT_FALSE(fs::exists(directory_ + "/data.tmp"));
  }
}

TEST_F(EmbeddedServerTest, ALongDirectoryGetsAShortSocketThatIsRemovedAgain) {
  directory_ = absl::StrCat(root_, "/", std::string(60, 'a'), "/with a space/", std::string(60, 'b'));
  auto server = MustStart();
  ASSERT_NE(server, nullptr);
  const std::string socket = server->socket();
  EXPECT_LT(socket.size(), 60u);
  EXPECT_EQ(Sql(socket, "SELECT 1"), "1\n");
  server.reset();
  EXPECT_FALSE(fs::exists(fs::path(socket).parent_path()));

  // And the one of a killed process by the next start.
  pid_t database = 0;
  const pid_t child = StartInChild("", &database);
  const std::vector<std::string> lock = absl::StrSplit(ReadFile(directory_ + "/lock"), '\n');
  ASSERT_EQ(lock[0], absl::StrCat(child));
  EXPECT_TRUE(fs::exists(fs::path(lock[1]).parent_path()));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  server = MustStart();
  ASSERT_NE(server, nullptr);
  EXPECT_FALSE(fs::exists(fs::path(lock[1]).parent_path()));
}

// What it could put there, root would follow: the signing key of license tokens lies there too.
TEST_F(EmbeddedServerTest, UpgradesTheTablesOfAnOlderSeries) {
  ASSERT_NE(MustStart(), nullptr);
  const std::string info =
      directory_ + (fs::exists(directory_ + "/data/mariadb_upgrade_info") ? "/data/mariadb_upgrade_info"
                                                                          : "/data/mysql_upgrade_info");
  if (!fs::exists(info)) GTEST_SKIP() << "not MariaDB";
  const auto version = [&info] { return std::string(absl::StripAsciiWhitespace(ReadFile(info))); };
  const std::string now = version();
  std::ofstream(info) << "10.6.12-MariaDB";
  auto server = MustStart();
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(version(), now);
  EXPECT_EQ(Sql(server->socket(), "SELECT 1"), "1\n");
  const auto written = fs::last_write_time(info);
  server.reset();
  ASSERT_NE(MustStart(), nullptr);
  EXPECT_EQ(fs::last_write_time(info), written) << "not again";
}

TEST_F(EmbeddedServerTest, RefusesADirectoryThatCannotBeOneAndSaysWhy) {
  const std::string file = root_ + "/file";
  std::ofstream(file) << "x";
  fs::create_directory(root_ + "/home");
  std::ofstream(root_ + "/home/thesis.txt") << "x";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "no directory given"},    {file, "it is not a directory"},        {file + "/db", "Not a directory"},
      {"/proc/lmp", "No such file"}, {"/proc/self", "give a new directory"}, {root_ + "/home", "give a new directory"},
  };
  for (const auto& [directory, why] : cases) {
    const auto server = EmbeddedServer::Start({.directory = directory});
    EXPECT_EQ(server.status().code(), absl::StatusCode::kFailedPrecondition) << directory;
    EXPECT_THAT(server.status().message(), HasSubstr(why)) << directory;
    EXPECT_THAT(server.status().message(), HasSubstr(directory));
  }
  EXPECT_EQ(ReadFile(root_ + "/home/thesis.txt"), "x");
}

TEST_F(EmbeddedServerTest, AFailedStartShowsItsCauseAndLeavesTheDirectoryFree) {
  const auto broken = EmbeddedServer::Start({.directory = directory_, .extra_args = {"--no-such-option"}});
  EXPECT_EQ(broken.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(broken.status().message(), HasSubstr("unknown option '--no-such-option'"));
  EXPECT_NE(MustStart(), nullptr);
}

TEST_F(EmbeddedServerTest, AMissingProgramIsNamedWithWhatToDo) {
  const auto server = EmbeddedServer::Start({.directory = directory_, .program = "/no/mysqld"});
  EXPECT_EQ(server.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(server.status().message(), HasSubstr("/no/mysqld not found"));
  EXPECT_THAT(server.status().message(), HasSubstr("--mysql-url"));
}

// The other brand, where one is to be had: LMP_TEST_MYSQLD names Oracle's mysqld.
TEST_F(EmbeddedServerTest, RunsOraclesMysqlToo) {
  const char* program = getenv("LMP_TEST_MYSQLD");
  if (program == nullptr) GTEST_SKIP() << "LMP_TEST_MYSQLD is not set";
  auto server = EmbeddedServer::Start({.directory = directory_, .program = program});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_THAT(Sql((*server)->socket(), "SELECT @@version_comment"), Not(HasSubstr("Maria")));
  Sql((*server)->socket(), "CREATE DATABASE d; CREATE TABLE d.t (a INT PRIMARY KEY); INSERT INTO d.t VALUES (1)");
  (*server)->Kill();
  ASSERT_EQ((*server)->Restart(), absl::OkStatus());
  EXPECT_EQ(Sql((*server)->socket(), "SELECT a FROM d.t"), "1\n");
}

}  // namespace
}  // namespace lmp::storage
