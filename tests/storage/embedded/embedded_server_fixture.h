// An embedded server in a directory of the test's own, and what tests ask of processes and files.
#ifndef LMP_TESTS_STORAGE_EMBEDDED_EMBEDDED_SERVER_FIXTURE_H_
#define LMP_TESTS_STORAGE_EMBEDDED_EMBEDDED_SERVER_FIXTURE_H_

#include <sys/stat.h>
#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "storage/embedded/embedded_server.h"

namespace lmp::storage {

// What a shell command writes to its standard output.
std::string Run(const std::string& command);
// What the mariadb client says to a statement, errors too.
std::string Sql(const std::string& socket, const std::string& sql);
std::string ReadFile(const std::string& path);
struct stat StatOf(const std::string& path);
// A line of /proc/PID/status, without its name.
std::string ProcStatus(pid_t pid, const std::string& name);
bool Alive(pid_t pid);
bool EndsWithin(pid_t pid, absl::Duration limit);

class EmbeddedServerTest : public ::testing::Test {
 protected:
  EmbeddedServerTest();
  ~EmbeddedServerTest() override;

  absl::StatusOr<std::unique_ptr<EmbeddedServer>> Start() { return EmbeddedServer::Start({.directory = directory_}); }
  std::unique_ptr<EmbeddedServer> MustStart();
  // A process that starts a server, commits `sql`, and then waits to be killed. Its database's pid, or -1.
  pid_t StartInChild(const std::string& sql, pid_t* database);

  std::string root_;
  std::string directory_;
};

}  // namespace lmp::storage

#endif  // LMP_TESTS_STORAGE_EMBEDDED_EMBEDDED_SERVER_FIXTURE_H_
