#include "tests/benchmarks/servers/process.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/status_macros.h"

namespace lmp::bench {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(60);
constexpr absl::Duration kStopLimit = absl::Seconds(60);
// What a server logs when it serves; other lines have ports of their own.
constexpr char kServing[] = "\"message\":\"serving\"";
constexpr char kPort[] = "\"port\":";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The number after `label`, or 0.
double NumberIn(const std::string& text, const std::string& label) {
  const size_t at = text.find(label);
  return at == std::string::npos ? 0 : std::atof(text.c_str() + at + label.size());
}

// The port of the line that says that the server serves, or 0.
int PortIn(const std::string& log) {
  const size_t line = log.find(kServing);
  return line == std::string::npos ? 0 : static_cast<int>(NumberIn(log.substr(line), kPort));
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

absl::StatusOr<ServerProcess> StartService(const std::string& program, const std::vector<std::string>& arguments,
                                           const std::string& directory) {
  std::vector<std::string> argv = {
      program, "serve", "--listen", "127.0.0.1:0", "--embedded-mysql", absl::StrCat(directory, "/db")};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return StartServer(argv, directory, "lmp-server.log");
}

std::string SocketIn(const std::string& directory) { return absl::StrCat(directory, "/db/run/mysqld.sock"); }

void StopServer(ServerProcess& server) {
  server.child->Signal(SIGTERM);
  server.child->WaitFor(kStopLimit);
}

Usage UsageOf(pid_t pid) {
  Usage usage;
  clockid_t clock;
  timespec time;
  if (pid == 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return usage;
  usage.cpu_us = static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator(absl::StrCat("/proc/", pid, "/task"), gone)) {
    const std::string status = ReadFile((task.path() / "status").string());
    for (const char* field : {"\nvoluntary_ctxt_switches:", "\nnonvoluntary_ctxt_switches:"}) {
      usage.switches += NumberIn(status, field);
    }
  }
  return usage;
}

double MemoryMb(pid_t pid, const std::string& field) {
  return NumberIn(ReadFile(absl::StrCat("/proc/", pid, "/status")), absl::StrCat("\n", field, ":")) / 1024;
}

pid_t ReadPid(const std::string& path) { return std::atoi(ReadFile(path).c_str()); }

}  // namespace lmp::bench
