// A private MariaDB or MySQL server in a directory of its own. It is the database that needs no set-up, for `lmp-server
// serve --embedded-mysql DIR` and for tests. It listens only on a Unix socket, runs as an unprivileged user, and ends
// when this process ends, however that happens.
#ifndef LMP_STORAGE_EMBEDDED_EMBEDDED_SERVER_H_
#define LMP_STORAGE_EMBEDDED_EMBEDDED_SERVER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace lmp::storage {

struct EmbeddedServerOptions {
  // The initializers let callers name only the members that they want to set (-Wmissing-field-initializers).
  std::string directory = {};                // made if it is missing; must be empty, or made by us before
  bool make = true;                          // false: there must be a database already; otherwise FAILED_PRECONDITION
  std::vector<std::string> extra_args = {};  // options for the database server; they come after ours, so that they win
  absl::Duration start_timeout = absl::Seconds(60);
  std::string program = {};  // empty: the mariadbd, or else the mysqld, in PATH or /usr/sbin
};

// Thread-safe. Must not be used in the child of a fork().
class EmbeddedServer final {
 public:
  // Locks the directory, initializes it if it is new, stops a database that an earlier process left running there,
  // starts the server and waits until it greets. The database's user "root" then works without a password over
  // socket(), which only root and the system user the server runs as can reach.
  // Errors: FAILED_PRECONDITION (another process, which is named by its pid, holds the directory; the directory is a
  // file, is not writable, or holds something else; a program that is needed is not installed, in which case nothing
  // was begun), DEADLINE_EXCEEDED (not ready within start_timeout), INTERNAL (the server ended); the last two say what
  // the server's log says about the cause.
  static absl::StatusOr<std::unique_ptr<EmbeddedServer>> Start(const EmbeddedServerOptions& options);

  // Stops the server and releases the directory.
  ~EmbeddedServer();
  EmbeddedServer(const EmbeddedServer&) = delete;
  EmbeddedServer& operator=(const EmbeddedServer&) = delete;

  // Asks the server to end (SIGTERM) and waits for it; OK also if the server does not run. The directory stays ours
  // until destruction. Errors: DEADLINE_EXCEEDED if the server had not ended after two minutes and was killed.
  absl::Status Stop();

  // Kills the server at once (SIGKILL) and waits until it has ended. For tests of failures.
  void Kill();

  // Starts the server again on the same data and socket after Stop(), Kill() or a crash; stops it first if it runs.
  // Errors: those of Start.
  absl::Status Restart();

  const std::string& socket() const;
  // The server's process id, or 0 when no server runs.
  pid_t pid() const;
  bool running() const;

 private:
  class Impl;
  explicit EmbeddedServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EMBEDDED_EMBEDDED_SERVER_H_
