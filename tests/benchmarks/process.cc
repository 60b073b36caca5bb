#include "tests/benchmarks/process.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/status_macros.h"

namespace lmp::bench {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(60);
constexpr absl::Duration kStopLimit = absl::Seconds(60);
constexpr char kPort[] = "\"port\":";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int PortIn(const std::string& log) {
  const size_t at = log.find(kPort);
  return at == std::string::npos ? 0 : std::atoi(log.c_str() + at + sizeof(kPort) - 1);
}

}  // namespace

absl::StatusOr<ServerProcess> StartServer(const std::vector<std::string>& argv, const std::string& directory,
                                          const std::string& log) {
  const char* path = std::getenv("PATH");
  const absl::Time start = absl::Now();
  ServerProcess server;
  ASSIGN_OR_RETURN(server.child,
                   storage::ChildProcess::Start({.argv = argv,
                                                 .environment = {absl::StrCat("PATH=", path != nullptr ? path : "")},
                                                 .directory = directory,
                                                 .log = log,
                                                 .uid = getuid(),
                                                 .gid = getgid()}));
  while (server.port == 0) {
    if (server.child->pid() == 0 || absl::Now() - start > kStartLimit) {
      return absl::UnavailableError(
          absl::StrCat(argv[0], " does not serve: ", ReadFile(absl::StrCat(directory, "/", log))));
    }
    absl::SleepFor(absl::Milliseconds(1));
    server.port = PortIn(ReadFile(absl::StrCat(directory, "/", log)));
  }
  server.start_seconds = absl::ToDoubleSeconds(absl::Now() - start);
  return server;
}

void StopServer(ServerProcess& server) {
  server.child->Signal(SIGTERM);
  server.child->WaitFor(kStopLimit);
}

double CpuMicros(pid_t pid) {
  clockid_t clock;
  timespec time;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double MemoryMb(pid_t pid, const std::string& field) {
  const std::string status = ReadFile(absl::StrCat("/proc/", pid, "/status"));
  const size_t at = status.find(absl::StrCat(field, ":"));
  return at == std::string::npos ? 0 : std::atof(status.c_str() + at + field.size() + 1) / 1024;
}

pid_t ReadPid(const std::string& path) { return std::atoi(ReadFile(path).c_str()); }

}  // namespace lmp::bench
