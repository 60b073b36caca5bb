// The processes beside the load generator: the service with its database, and the echo server.
#ifndef LMP_TESTS_BENCHMARKS_SERVERS_PROCESS_H_
#define LMP_TESTS_BENCHMARKS_SERVERS_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/embedded/child_process.h"

namespace lmp::bench {

// A server of ours that logs a line with "port" once it is ready.
struct ServerProcess {
  std::unique_ptr<storage::ChildProcess> child;
  int port = 0;
  double start_seconds = 0;  // from fork to the line
};

// Runs argv in `directory`, its output in `directory`/`log`, and waits until it is ready.
absl::StatusOr<ServerProcess> StartServer(const std::vector<std::string>& argv, const std::string& directory,
                                          const std::string& log);
// lmp-server on a database of its own in `directory`, where its socket and pid file then are, with further arguments.
absl::StatusOr<ServerProcess> StartService(const std::string& program, const std::vector<std::string>& arguments,
                                           const std::string& directory);
std::string SocketIn(const std::string& directory);
// SIGTERM, and waits until it has ended.
void StopServer(ServerProcess& server);

// What a process has used so far; zeros if there is none (pid 0).
struct Usage {
  double cpu_us = 0;
  // Voluntary and not, of the threads there are now: those that ended took their count along.
  double switches = 0;
};
Usage UsageOf(pid_t pid);
// "VmRSS" now or "VmHWM" ever, in MB.
double MemoryMb(pid_t pid, const std::string& field);
// A pid file's content, or 0.
pid_t ReadPid(const std::string& path);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SERVERS_PROCESS_H_
