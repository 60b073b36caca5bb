// A private MariaDB or MySQL server in a directory of its own: the database that needs no set-up, for `lmp-server serve
// --embedded-mysql DIR` and for tests. It listens on a Unix socket only, runs as an unprivileged user, and ends when
// this process ends, however that ends.
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
  // The initializers let a caller name only the members it wants (-Wmissing-field-initializers).
  std::string directory = {};                // made if missing; must be empty or one that we made
  bool make = true;                          // false: only a database that is there already, else FAILED_PRECONDITION
  std::vector<std::string> extra_args = {};  // for the database server, after ours, so that they win
  absl::Duration start_timeout = absl::Seconds(60);
  std::string program = {};  // empty: the mariadbd, else the mysqld, found in PATH or /usr/sbin
};

// Thread-safe. Not to be used on the far side of a fork().
class EmbeddedServer final {
 public:
  // Locks the directory, initializes it if it is new, stops a database that an earlier process left running on it,
  // starts the server and waits until it greets. The database's user "root" then works without a password over
  // socket(), which only root and the system user the server runs as can reach.
  // Errors: FAILED_PRECONDITION (another process, named by its pid, holds the directory; it is a file, not writable, or
  // holds something else; a program that is needed is not installed: then nothing is begun), DEADLINE_EXCEEDED (not
  // ready within start_timeout), INTERNAL (the server ended); the last two with what its log says about the cause.
  static absl::StatusOr<std::unique_ptr<EmbeddedServer>> Start(const EmbeddedServerOptions& options);

  // Stops the server and releases the directory.
  ~EmbeddedServer();
  EmbeddedServer(const EmbeddedServer&) = delete;
  EmbeddedServer& operator=(const EmbeddedServer&) = delete;

  // Asks the server to end (SIGTERM) and waits for it; OK also if it is not running. The directory stays ours until
  // destruction. DEADLINE_EXCEEDED: it had not ended after two minutes and was killed.
  absl::Status Stop();

  // Kills the server at once (SIGKILL) and waits until it is gone: for fault tests.
  void Kill();

  // Starts the server again on the same data and socket after Stop(), Kill() or a crash; stops it first if it runs.
  // Errors: those of Start.
  absl::Status Restart();

  const std::string& socket() const;
  // The server's process, or 0 when none runs. running() is pid() != 0.
  pid_t pid() const;
  bool running() const;

 private:
  class Impl;
  explicit EmbeddedServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EMBEDDED_EMBEDDED_SERVER_H_
