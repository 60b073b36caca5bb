#include "tests/storage/embedded/embedded_server_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace lmp::storage {

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

EmbeddedServerTest::EmbeddedServerTest() {
  char name[] = "/tmp/embedded_server_test.XXXXXX";
  root_ = mkdtemp(name);
  chmod(root_.c_str(), 0755);
  directory_ = root_ + "/db";
}

EmbeddedServerTest::~EmbeddedServerTest() { std::filesystem::remove_all(root_); }

std::unique_ptr<EmbeddedServer> EmbeddedServerTest::MustStart() {
  const absl::Time before = absl::Now();
  auto server = Start();
  EXPECT_TRUE(server.ok()) << server.status();
  std::printf("started in %s\n", absl::FormatDuration(absl::Now() - before).c_str());
  return server.ok() ? *std::move(server) : nullptr;
}

pid_t EmbeddedServerTest::StartInChild(const std::string& sql, pid_t* database) {
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

}  // namespace lmp::storage
