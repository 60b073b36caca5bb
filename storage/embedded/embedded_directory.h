// The directory of an embedded database: who holds it, which user the database runs as, where its socket is.
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

// Layout: lock (held by the process that owns the directory; its pid, the socket's path), lock.database (held by the
// database itself; its pid), mysqld.log, data/, run/ (socket), tmp/. The directory and the lock files are the server's
// own, root's if it is root: the database's user can change nothing in it but the log and what is in the
// subdirectories, which are closed to all others, as the database has no password. So no path and no number that we act
// on is that user's to choose.
class EmbeddedDirectory final {
 public:
  // Makes the directory if it is missing and takes it; a database that a killed process left running there is stopped.
  // One of a version before, which gave the directory to the database's user, is taken back. Errors:
  // FAILED_PRECONDITION (also for root if it is another user's).
  static absl::StatusOr<std::unique_ptr<EmbeddedDirectory>> Take(const std::string& directory);

  // Releases it. The database must have ended.
  ~EmbeddedDirectory();
  EmbeddedDirectory(const EmbeddedDirectory&) = delete;
  EmbeddedDirectory& operator=(const EmbeddedDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string Path(absl::string_view name) const { return absl::StrCat(path_, "/", name); }
  const std::string& socket() const { return socket_; }
  // Whom the database runs as: ourselves, or if we are root an unprivileged user.
  uid_t uid() const { return uid_; }
  gid_t gid() const { return gid_; }

  // A descriptor the database must keep open: while it is open anywhere, Take() knows that a database runs here. Read
  // only.
  int database_lock() const { return database_lock_; }
  // Names the database to a later Take().
  absl::Status RecordDatabase(pid_t pid) const;
  // Of the database's user alone; it may be there.
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
  bool is_new_ = false;  // there is no database in it yet
  uid_t uid_ = 0;
  gid_t gid_ = 0;
  std::string socket_;
  std::string short_directory_;  // holds the socket if path_ is too long for one
  int lock_ = -1;
  int database_lock_ = -1;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EMBEDDED_EMBEDDED_DIRECTORY_H_
