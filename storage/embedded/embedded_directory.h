// The directory of an embedded database: which process holds it, as which user the database runs, and where its socket
// is.
#ifndef LMP_STORAGE_EMBEDDED_EMBEDDED_DIRECTORY_H_
#define LMP_STORAGE_EMBEDDED_EMBEDDED_DIRECTORY_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace lmp::storage {

// The directory has: lock (held by the process that owns the directory; contains its pid and the socket's path),
// lock.database (held by the database itself; contains its pid), mysqld.log, data/, run/ (with the socket) and tmp/.
// The directory and the lock files belong to the server's user (root, if the server runs as root). In it the database's
// user can change only the log and the content of the subdirectories, which are closed to all others because the
// database has no password. So the database's user can choose no path and no number that we act on.
class EmbeddedDirectory final {
 public:
  // Makes the directory if it is missing, and takes it. If a killed process left its database running there, the
  // database is stopped. An earlier version gave the directory to the database's user; such a directory is taken back.
  // Errors: FAILED_PRECONDITION (also for root, if the directory belongs to another user).
  static absl::StatusOr<std::unique_ptr<EmbeddedDirectory>> Take(const std::string& directory);

  // Releases the directory. The database must have ended.
  ~EmbeddedDirectory();
  EmbeddedDirectory(const EmbeddedDirectory&) = delete;
  EmbeddedDirectory& operator=(const EmbeddedDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string Path(absl::string_view name) const { return absl::StrCat(path_, "/", name); }
  const std::string& socket() const { return socket_; }
  // The user that the database runs as: our own user or, if that is root, an unprivileged one.
  uid_t uid() const { return uid_; }
  gid_t gid() const { return gid_; }

  // A descriptor that the database must keep open. As long as any process has it open, Take() knows that a database
  // runs here. It is read-only.
  int database_lock() const { return database_lock_; }
  // Records the database's pid for a later Take().
  absl::Status RecordDatabase(pid_t pid) const;
  // Makes a subdirectory that only the database's user can use; it may exist already.
  absl::Status MakeSubdirectory(absl::string_view name) const;

 private:
  explicit EmbeddedDirectory(std::string path) : path_(std::move(path)) {}
  absl::Status Make();
  absl::Status ChooseUser();
  absl::Status Lock();
  absl::Status StopOrphan();
  absl::Status TakeBack() const;
  absl::Status MakeLog() const;
  void RemoveShortDirectory(const std::string& directory) const;
  absl::Status ChooseSocket();

  const std::string path_;
  bool is_new_ = false;  // true if there is no database in the directory yet
  uid_t uid_ = 0;
  gid_t gid_ = 0;
  std::string socket_;
  std::string short_directory_;  // holds the socket if path_ is too long for the path of a socket
  int lock_ = -1;
  int database_lock_ = -1;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EMBEDDED_EMBEDDED_DIRECTORY_H_
