// The embedded database keeps what was committed, whoever is killed, and is nobody else's to use.
#include "storage/embedded_server.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
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

namespace lmp::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Run(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  for (size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, got);
  pclose(pipe);
  return output;
}

std::string Sql(const std::string& socket, const std::string& sql) {
  return Run(absl::StrCat("mariadb --no-defaults -uroot -NB -S '", socket, "' -e \"", sql, "\" 2>&1"));
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

struct stat StatOf(const std::string& path) {
  struct stat info = {};
  EXPECT_EQ(lstat(path.c_str(), &info), 0) << path;
  return info;
}

// A line of /proc/PID/status, without its name.
std::string ProcStatus(pid_t pid, const std::string& name) {
  for (absl::string_view line : absl::StrSplit(ReadFile(absl::StrCat("/proc/", pid, "/status")), '\n')) {
    if (absl::ConsumePrefix(&line, name + ":")) return std::string(absl::StripAsciiWhitespace(line));
  }
  return "";
}

bool Alive(pid_t pid) {
  const std::string state = ProcStatus(pid, "State");
  return !state.empty() && state[0] != 'Z';
}

bool EndsWithin(pid_t pid, absl::Duration limit) {
  for (const absl::Time end = absl::Now() + limit; absl::Now() < end; absl::SleepFor(absl::Milliseconds(10))) {
    if (!Alive(pid)) return true;
  }
  return false;
}

class EmbeddedServerTest : public ::testing::Test {
 protected:
  EmbeddedServerTest() {
    char name[] = "/tmp/embedded_server_test.XXXXXX";
    root_ = mkdtemp(name);
    chmod(root_.c_str(), 0755);
    directory_ = root_ + "/db";
  }
  ~EmbeddedServerTest() override { fs::remove_all(root_); }

  absl::StatusOr<std::unique_ptr<EmbeddedServer>> Start() { return EmbeddedServer::Start({.directory = directory_}); }
  std::unique_ptr<EmbeddedServer> MustStart() {
    const absl::Time before = absl::Now();
    auto server = Start();
    EXPECT_TRUE(server.ok()) << server.status();
    std::printf("started in %s\n", absl::FormatDuration(absl::Now() - before).c_str());
    return server.ok() ? *std::move(server) : nullptr;
  }

  // A process that starts a server, commits `sql`, and then waits to be killed. Its database's pid, or -1.
  pid_t StartInChild(const std::string& sql, pid_t* database) {
    int report[2];
    EXPECT_EQ(pipe(report), 0);
    const pid_t child = fork();
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      auto server = Start();
      if (server.ok()) Sql((*server)->socket(), sql);
      const pid_t pid = server.ok() ? (*server)->pid() : -1;
      if (write(report[1], &pid, sizeof pid) < 0) _exit(1);
      while (true) pause();
    }
    EXPECT_EQ(read(report[0], database, sizeof *database), static_cast<ssize_t>(sizeof *database));
    close(report[0]);
    close(report[1]);
    return child;
  }

  std::string root_;
  std::string directory_;
};

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
  EXPECT_EQ(Sql((*server)->socket(), "SELECT @@innodb_flush_log_at_trx_commit, @@collation_server, @@log_bin, "
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

TEST_F(EmbeddedServerTest, RunsAsAnUnprivilegedUserInASessionOfItsOwn) {
  auto server = MustStart();
  ASSERT_NE(server, nullptr);
  const std::string uids = ProcStatus(server->pid(), "Uid");
  const std::set<std::string> distinct = absl::StrSplit(uids, '\t');
  EXPECT_EQ(distinct.size(), 1u) << uids;  // real, effective, saved, file system
  EXPECT_NE(*distinct.begin(), "0");
  EXPECT_EQ(ProcStatus(server->pid(), "CapEff"), geteuid() == 0 ? "0000000000000000" : ProcStatus(getpid(), "CapEff"));
  if (geteuid() == 0) {
    EXPECT_EQ(ProcStatus(server->pid(), "Groups"), "");
  }
  EXPECT_NE(getsid(server->pid()), getsid(0));
  struct stat info;
  for (const char* closed : {"data", "run", "tmp"}) {
    ASSERT_EQ(stat(absl::StrCat(directory_, "/", closed).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700u) << closed;
    EXPECT_EQ(absl::StrCat(info.st_uid), *distinct.begin()) << closed;
  }
}

// What it could put there, root would follow: the signing key of license tokens lies there too.
TEST_F(EmbeddedServerTest, TheDatabasesUserCanChangeNothingOfOurs) {
  if (geteuid() != 0) GTEST_SKIP() << "not root: the database runs as ourselves";
  auto server = MustStart();
  ASSERT_NE(server, nullptr);
  struct stat info;
  for (const char* ours : {"", "/lock", "/lock.database"}) {
    ASSERT_EQ(lstat((directory_ + ours).c_str(), &info), 0) << ours;
    EXPECT_EQ(info.st_uid, 0u) << ours;
    EXPECT_EQ(info.st_mode & 0022, 0u) << ours;
  }
  const std::string uid = absl::StrCat(StatOf(directory_ + "/data").st_uid);
  EXPECT_NE(uid, "0");
  EXPECT_THAT(storage::Run(absl::StrCat("setpriv --reuid=", uid, " --clear-groups sh -c 'echo 1 >", directory_, "/lock; echo $?' 2>&1")),
              HasSubstr("denied"));
  // It holds lock.database open, but can't write to it.
  bool holds = false;
  for (const auto& entry : fs::directory_iterator(absl::StrCat("/proc/", server->pid(), "/fd"))) {
    std::error_code ignored;
    if (fs::read_symlink(entry.path(), ignored) != directory_ + "/lock.database") continue;
    holds = true;
    EXPECT_EQ(lstat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0200, 0u);
  }
  EXPECT_TRUE(holds);
}

TEST_F(EmbeddedServerTest, TakesBackADirectoryOfAVersionBefore) {
  if (geteuid() != 0) GTEST_SKIP() << "not root";
  ASSERT_NE(MustStart(), nullptr);
  const struct stat data = StatOf(directory_ + "/data");
  for (const char* name : {"", "/lock", "/lock.database"}) {
    ASSERT_EQ(chown((directory_ + name).c_str(), data.st_uid, data.st_gid), 0);
  }
  // What that user could plant meanwhile: a socket's path that leads root elsewhere.
  fs::create_directory(root_ + "/elsewhere");
  std::ofstream(root_ + "/elsewhere/mysqld.sock") << "x";
  const std::string planted = absl::StrCat("/tmp/lmp-mysql-planted", getpid());
  fs::create_directory_symlink(root_ + "/elsewhere", planted);
  std::ofstream(directory_ + "/lock") << "1\n" << planted << "/mysqld.sock\n";
  auto server = MustStart();
  ASSERT_NE(server, nullptr);
  EXPECT_TRUE(fs::exists(root_ + "/elsewhere/mysqld.sock"));
  fs::remove(planted);
  for (const char* name : {"", "/lock", "/lock.database"}) EXPECT_EQ(StatOf(directory_ + name).st_uid, 0u) << name;
  EXPECT_EQ(StatOf(directory_ + "/data").st_uid, data.st_uid);
  server.reset();

  fs::remove(directory_ + "/lock");
  fs::create_symlink(root_ + "/elsewhere/mysqld.sock", directory_ + "/lock");
  EXPECT_EQ(Start().status().code(), absl::StatusCode::kFailedPrecondition);
  fs::remove(directory_ + "/lock");
  ASSERT_EQ(chown(directory_.c_str(), 12345, 12345), 0);
  EXPECT_THAT(Start().status().message(), HasSubstr("user id 12345"));
}

TEST_F(EmbeddedServerTest, UpgradesTheTablesOfAnOlderSeries) {
  ASSERT_NE(MustStart(), nullptr);
  const std::string info = directory_ + (fs::exists(directory_ + "/data/mariadb_upgrade_info") ? "/data/mariadb_upgrade_info"
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

TEST_F(EmbeddedServerTest, HoldsNoneOfOurDescriptorsAndKnowsNoneOfOurSecrets) {
  const std::string secret = root_ + "/secret";
  const int fd = open(secret.c_str(), O_WRONLY | O_CREAT, 0600);  // without O_CLOEXEC
  setenv("LMP_MYSQL_PASSWORD", "hush", 1);
  auto server = MustStart();
  unsetenv("LMP_MYSQL_PASSWORD");
  ASSERT_NE(server, nullptr);
  for (const auto& entry : fs::directory_iterator(absl::StrCat("/proc/", server->pid(), "/fd"))) {
    std::error_code ignored;
    EXPECT_NE(fs::read_symlink(entry.path(), ignored).string(), secret);
  }
  EXPECT_THAT(ReadFile(absl::StrCat("/proc/", server->pid(), "/environ")), Not(HasSubstr("hush")));
  close(fd);
}

TEST_F(EmbeddedServerTest, ListensOnNoNetwork) {
  auto server = MustStart();
  ASSERT_NE(server, nullptr);
  std::set<std::string> sockets;
  for (const auto& entry : fs::directory_iterator(absl::StrCat("/proc/", server->pid(), "/fd"))) {
    std::error_code ignored;
    std::string target = fs::read_symlink(entry.path(), ignored);
    if (absl::StartsWith(target, "socket:[")) sockets.insert(target.substr(8, target.size() - 9));
  }
  EXPECT_FALSE(sockets.empty());  // the Unix socket: the look-up itself works
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"}) {
    for (absl::string_view line : absl::StrSplit(ReadFile(table), '\n')) {
      const std::vector<std::string> columns = absl::StrSplit(line, ' ', absl::SkipEmpty());
      if (columns.size() <= 9) continue;
      EXPECT_EQ(sockets.count(columns[9]), 0u) << line;
    }
  }
}

TEST_F(EmbeddedServerTest, WorksBelowADirectoryClosedToTheDatabasesUser) {
  directory_ = root_ + "/closed/db";
  ASSERT_TRUE(fs::create_directory(root_ + "/closed"));
  chmod((root_ + "/closed").c_str(), 0700);  // as /root is
  auto server = Start();
  if (!server.ok()) {  // a container without CAP_SYS_ADMIN: no mount, but a clear word
    EXPECT_EQ(server.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(server.status().message(), HasSubstr("closed to the database's user"));
    GTEST_SKIP() << server.status();
  }
  EXPECT_EQ(Sql((*server)->socket(), "SELECT 1"), "1\n");
  EXPECT_EQ((*server)->Restart(), absl::OkStatus());
  EXPECT_EQ(Sql((*server)->socket(), "SELECT 1"), "1\n");
}

TEST_F(EmbeddedServerTest, RefusesADirectoryThatCannotBeOneAndSaysWhy) {
  const std::string file = root_ + "/file";
  std::ofstream(file) << "x";
  fs::create_directory(root_ + "/home");
  std::ofstream(root_ + "/home/thesis.txt") << "x";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "no directory given"},
      {file, "it is not a directory"},
      {file + "/db", "Not a directory"},
      {"/proc/lmp", "No such file"},
      {"/proc/self", "give a new directory"},
      {root_ + "/home", "give a new directory"},
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
