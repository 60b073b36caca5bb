#include "storage/embedded_directory.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

namespace fs = std::filesystem;

constexpr char kShortDirectory[] = "/tmp/lmp-mysql-";
// Then it is killed, which loses nothing that was committed. MariaDB 10.11 hangs for ever if it is told to end at one
// moment of its start (in init_slave), which happens when its parent is killed then.
constexpr absl::Duration kOrphanTimeout = absl::Seconds(5);

absl::Status Refuse(absl::string_view directory, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("embedded database in ", directory, ": ", why));
}

absl::Status RefuseErrno(absl::string_view directory, absl::string_view what) {
  const int error = errno;
  return Refuse(directory, absl::StrCat(what, ": ", strerror(error)));
}

absl::StatusOr<int> OpenLockFile(const EmbeddedDirectory& directory, absl::string_view name) {
  const std::string file = directory.Path(name);
  // The database's user owns the directory: follow nothing that it may have put there.
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return RefuseErrno(directory.path(), absl::StrCat("cannot write the file ", name));
  struct stat info;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1) return fd;
  close(fd);
  return Refuse(directory.path(), absl::StrCat(name, " is not a plain file"));
}

// False if another process holds it.
absl::StatusOr<bool> TryLock(int fd, absl::string_view directory) {
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) return RefuseErrno(directory, "cannot lock");
  }
  return true;
}

std::vector<std::string> ReadLines(int fd) {
  char buffer[512];
  const ssize_t got = pread(fd, buffer, sizeof buffer, 0);
  return absl::StrSplit(absl::string_view(buffer, got > 0 ? static_cast<size_t>(got) : 0), '\n');
}

absl::Status Overwrite(int fd, const std::string& text, absl::string_view directory) {
  if (ftruncate(fd, 0) == 0 && pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size())) {
    return absl::OkStatus();
  }
  return RefuseErrno(directory, "cannot write the lock file");
}

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedDirectory>> EmbeddedDirectory::Take(const std::string& directory) {
  if (directory.empty()) return absl::FailedPreconditionError("embedded database: no directory given");
  std::string path = fs::absolute(directory).lexically_normal();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  std::unique_ptr<EmbeddedDirectory> taken(new EmbeddedDirectory(std::move(path)));
  RETURN_IF_ERROR(taken->Make());
  RETURN_IF_ERROR(taken->ChooseUser());
  RETURN_IF_ERROR(taken->Lock());
  RETURN_IF_ERROR(taken->ChooseSocket());
  RETURN_IF_ERROR(taken->StopOrphan());
  RETURN_IF_ERROR(taken->MakeSubdirectories());
  return taken;
}

EmbeddedDirectory::~EmbeddedDirectory() {
  if (!short_directory_.empty()) {
    unlink(socket_.c_str());
    rmdir(short_directory_.c_str());
  }
  if (database_lock_ >= 0) close(database_lock_);
  if (lock_ >= 0) close(lock_);
}

absl::Status EmbeddedDirectory::Make() const {
  std::error_code error;
  fs::create_directories(path_, error);
  std::error_code ignored;
  if (!fs::is_directory(path_, ignored)) {
    return Refuse(path_, fs::exists(path_, ignored) ? "it is not a directory" : error.message());
  }
  // We give the directory to another user: not to be done to someone's home because of a typing error.
  bool known = true;
  bool ours = false;
  for (fs::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    ours = ours || name == "lock.database";
    known = known && (name == "lock" || name == "lost+found");
  }
  if (error) return Refuse(path_, error.message());
  if (!ours && !known) return Refuse(path_, "it holds files that are not an embedded database's; give a new directory");
  return absl::OkStatus();
}

absl::Status EmbeddedDirectory::ChooseUser() {
  uid_ = geteuid();
  gid_ = getegid();
  struct stat info;
  if (stat(path_.c_str(), &info) != 0) return RefuseErrno(path_, "cannot read it");
  if (uid_ != 0) return absl::OkStatus();
  if (info.st_uid != 0) {  // whose database it is already
    uid_ = info.st_uid;
    gid_ = info.st_gid;
    return absl::OkStatus();
  }
  const passwd* user = getpwnam("mysql");
  if (user == nullptr) user = getpwnam("nobody");
  if (user == nullptr) return Refuse(path_, "there is neither a user mysql nor nobody to run it as");
  uid_ = user->pw_uid;
  gid_ = user->pw_gid;
  if (chown(path_.c_str(), uid_, gid_) != 0) return RefuseErrno(path_, "cannot change its owner");
  return absl::OkStatus();
}

absl::Status EmbeddedDirectory::Lock() {
  ASSIGN_OR_RETURN(lock_, OpenLockFile(*this, "lock"));
  ASSIGN_OR_RETURN(const bool locked, TryLock(lock_, path_));
  if (locked) return absl::OkStatus();
  const std::string pid = ReadLines(lock_).front();
  return Refuse(path_, absl::StrCat("in use by ", pid.empty() ? "another process" : "process " + pid,
                                    "; stop that or give another directory"));
}

absl::Status EmbeddedDirectory::StopOrphan() {
  ASSIGN_OR_RETURN(database_lock_, OpenLockFile(*this, "lock.database"));
  // The number cannot be a stranger's by now: a held lock says that one of this process group still lives. But the
  // file is in a directory of the database's user, so root does not take its word for whom to kill.
  pid_t group = 0;
  struct stat leader;
  if (!absl::SimpleAtoi(ReadLines(database_lock_).front(), &group) || group <= 1 ||
      (stat(absl::StrCat("/proc/", group).c_str(), &leader) == 0 && leader.st_uid != uid_)) {
    group = 0;
  }
  const absl::Time start = absl::Now();
  for (absl::Time next = start;;) {
    ASSIGN_OR_RETURN(const bool locked, TryLock(database_lock_, path_));
    if (locked) return absl::OkStatus();
    const absl::Time now = absl::Now();
    if (now - start > 3 * kOrphanTimeout) {
      return Refuse(path_, absl::StrCat("a database left running by an earlier process (", group, ") does not end"));
    }
    if (now >= next && group != 0) {  // again and again: one that comes early in MariaDB's start is lost
      kill(-group, now - start > kOrphanTimeout ? SIGKILL : SIGTERM);
      next = now + absl::Milliseconds(500);
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
}

absl::Status EmbeddedDirectory::RecordDatabase(pid_t pid) const {
  return Overwrite(database_lock_, absl::StrCat(pid, "\n"), path_);
}

absl::Status EmbeddedDirectory::MakeSubdirectories() const {
  for (absl::string_view name : {"run", "tmp"}) {
    const std::string path = Path(name);
    if ((mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) || lchown(path.c_str(), uid_, gid_) != 0) {
      return RefuseErrno(path_, absl::StrCat("cannot make ", name));
    }
  }
  return absl::OkStatus();
}

absl::Status EmbeddedDirectory::ChooseSocket() {
  // A process that was killed may have left its short directory behind.
  const std::vector<std::string> previous = ReadLines(lock_);
  if (previous.size() > 1 && absl::StartsWith(previous[1], kShortDirectory) &&
      std::count(previous[1].begin(), previous[1].end(), '/') == 3) {
    unlink(previous[1].c_str());
    rmdir(fs::path(previous[1]).parent_path().c_str());
  }
  socket_ = Path("run/mysqld.sock");
  if (socket_.size() >= sizeof(sockaddr_un::sun_path)) {
    std::string made = absl::StrCat(kShortDirectory, "XXXXXX");
    if (mkdtemp(made.data()) == nullptr) return RefuseErrno(path_, absl::StrCat("cannot make ", made));
    short_directory_ = made;
    socket_ = absl::StrCat(made, "/mysqld.sock");
    if (lchown(made.c_str(), uid_, gid_) != 0) return RefuseErrno(path_, "cannot change the socket directory's owner");
  }
  return Overwrite(lock_, absl::StrCat(getpid(), "\n", socket_, "\n"), path_);
}

}  // namespace lmp::storage
