// The embedded database runs as nobody in particular, and is nobody else's to use.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/embedded/embedded_server.h"
#include "tests/storage/embedded/embedded_server_fixture.h"

namespace lmp::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

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
  EXPECT_THAT(storage::Run(absl::StrCat("setpriv --reuid=", uid, " --clear-groups sh -c 'echo 1 >", directory_,
                                        "/lock; echo $?' 2>&1")),
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

}  // namespace
}  // namespace lmp::storage
