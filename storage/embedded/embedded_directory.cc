#include "storage/embedded/embedded_directory.h"

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
constexpr char kSocketName[] = "mysqld.sock";
constexpr uid_t kNobody = 65534;
// After this time the database is killed, which loses nothing that was committed. MariaDB 10.11 hangs for ever if it is
// told to end at a certain moment of its start (in init_slave), which happens when its parent is killed then.
constexpr absl::Duration kOrphanTimeout = absl::Seconds(5);

absl::Status Refuse(absl::string_view directory, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("embedded database in ", directory, ": ", why));
}

absl::Status RefuseErrno(absl::string_view directory, absl::string_view what) {
  const int error = errno;
  return Refuse(directory, absl::StrCat(what, ": ", strerror(error)));
}

// Opens a lock file that only we can write, whatever was there before. It follows no link: in a directory of an earlier
// version, the database's user may have put one there.
absl::StatusOr<int> OpenLockFile(const EmbeddedDirectory& directory, absl::string_view name, int mode) {
  const std::string file = directory.Path(name);
  const int fd = open(file.c_str(), mode | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
  if (fd < 0) return RefuseErrno(directory.path(), absl::StrCat("cannot write the file ", name));
  struct stat info;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1 &&
      (info.st_uid == geteuid() || fchown(fd, geteuid(), getegid()) == 0) && fchmod(fd, 0644) == 0) {
    return fd;
  }
  close(fd);
  return Refuse(directory.path(), absl::StrCat(name, " is not a plain file of ours"));
}

// Returns false if another process holds the lock.
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
  RETURN_IF_ERROR(taken->MakeSubdirectory("run"));
  RETURN_IF_ERROR(taken->MakeSubdirectory("tmp"));
  RETURN_IF_ERROR(taken->MakeLog());
  return taken;
}

EmbeddedDirectory::~EmbeddedDirectory() {
  if (!short_directory_.empty()) RemoveShortDirectory(short_directory_);
  if (database_lock_ >= 0) close(database_lock_);
  if (lock_ >= 0) close(lock_);
}

absl::Status EmbeddedDirectory::Make() {
  std::error_code error;
  fs::create_directories(path_, error);
  std::error_code ignored;
  if (!fs::is_directory(path_, ignored)) {
    return Refuse(path_, fs::exists(path_, ignored) ? "it is not a directory" : error.message());
  }
  // We fill the directory and may change its owner, which must not be done to somebody's home because of a typing
  // mistake.
  bool known = true;
  bool ours = false;
  for (fs::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    ours = ours || name == "lock.database";
    known = known && (name == "lock" || name == "lost+found");
  }
  if (error) return Refuse(path_, error.message());
  if (!ours && !known) return Refuse(path_, "it holds files that are not an embedded database's; give a new directory");
  is_new_ = known;
  return absl::OkStatus();
}

absl::Status EmbeddedDirectory::ChooseUser() {
  uid_ = geteuid();
  gid_ = getegid();
  struct stat info;
  if (stat(path_.c_str(), &info) != 0) return RefuseErrno(path_, "cannot read it");
  if (uid_ != 0) return absl::OkStatus();
  const passwd* user = getpwnam("mysql");
  if (user == nullptr) user = getpwnam("nobody");
  if (user == nullptr) return Refuse(path_, "there is neither a user mysql nor nobody to run it as");
  uid_ = user->pw_uid;
  gid_ = user->pw_gid;
  struct stat data;
  if (lstat(Path("data").c_str(), &data) == 0 && data.st_uid != 0) {  // the user to whom the database already belongs
    uid_ = data.st_uid;
    gid_ = data.st_gid;
  }
  if (info.st_uid == 0) return TakeBack();
  if (is_new_ || info.st_uid == user->pw_uid || info.st_uid == kNobody) return TakeBack();
  return Refuse(path_,
                absl::StrCat("it is of user id ", info.st_uid, ", who could change under root's hands what is in it; ",
                             "start the server as that user, or give it to root (chown root ", path_, ")"));
}

// For root: afterwards only root can change what lies in the directory; the database's user may pass through it.
absl::Status EmbeddedDirectory::TakeBack() const {
  const int fd = open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat info;
  const bool done =
      fd >= 0 && fchown(fd, 0, 0) == 0 && fstat(fd, &info) == 0 && fchmod(fd, (info.st_mode & 0755) | 0711) == 0;
  const absl::Status status = done ? absl::OkStatus() : RefuseErrno(path_, "cannot change its owner and mode");
  if (fd >= 0) close(fd);
  return status;
}

absl::Status EmbeddedDirectory::Lock() {
  ASSIGN_OR_RETURN(lock_, OpenLockFile(*this, "lock", O_RDWR));
  ASSIGN_OR_RETURN(const bool locked, TryLock(lock_, path_));
  if (locked) return absl::OkStatus();
  const std::string pid = ReadLines(lock_).front();
  return Refuse(path_, absl::StrCat("in use by ", pid.empty() ? "another process" : "process " + pid,
                                    "; stop that or give another directory"));
}

absl::Status EmbeddedDirectory::StopOrphan() {
  ASSIGN_OR_RETURN(database_lock_, OpenLockFile(*this, "lock.database", O_RDONLY));
  // The pid can't be another program's by now: the held lock shows that a process of this group still lives. But in an
  // earlier version the database's user could write the file, so root does not believe it when it chooses whom to kill.
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
    if (now >= next && group != 0) {  // sent again and again, because a signal early in MariaDB's start is lost
      kill(-group, now - start > kOrphanTimeout ? SIGKILL : SIGTERM);
      next = now + absl::Milliseconds(500);
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
}

absl::Status EmbeddedDirectory::RecordDatabase(pid_t pid) const {
  ASSIGN_OR_RETURN(const int fd, OpenLockFile(*this, "lock.database", O_RDWR));
  const absl::Status written = Overwrite(fd, absl::StrCat(pid, "\n"), path_);
  close(fd);
  return written;
}

absl::Status EmbeddedDirectory::MakeSubdirectory(absl::string_view name) const {
  const std::string path = Path(name);
  if ((mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) || lchown(path.c_str(), uid_, gid_) != 0) {
    return RefuseErrno(path_, absl::StrCat("cannot make ", name));
  }
  return absl::OkStatus();
}

// Makes the log file, which the database's user can't make itself. The file is opened as that user (child_process.cc),
// so that a link leads nowhere that the user could not reach anyway.
absl::Status EmbeddedDirectory::MakeLog() const {
  const std::string path = Path("mysqld.log");
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0) return RefuseErrno(path_, "cannot make mysqld.log");
  close(fd);
  return lchown(path.c_str(), uid_, gid_) == 0 ? absl::OkStatus()
                                               : RefuseErrno(path_, "cannot change mysqld.log's owner");
}

// Works with the directory's own descriptor, because the database's user owns the directory and could put a link in its
// place.
void EmbeddedDirectory::RemoveShortDirectory(const std::string& directory) const {
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  struct stat info;
  if (fd >= 0 && fstat(fd, &info) == 0 && info.st_uid == uid_) unlinkat(fd, kSocketName, 0);
  if (fd >= 0) close(fd);
  rmdir(directory.c_str());
}

absl::Status EmbeddedDirectory::ChooseSocket() {
  // Removes the short directory that a killed process may have left.
  const std::vector<std::string> previous = ReadLines(lock_);
  if (previous.size() > 1 && absl::StartsWith(previous[1], kShortDirectory) &&
      std::count(previous[1].begin(), previous[1].end(), '/') == 3) {
    RemoveShortDirectory(fs::path(previous[1]).parent_path());
  }
  socket_ = Path(absl::StrCat("run/", kSocketName));
  if (socket_.size() >= sizeof(sockaddr_un::sun_path)) {
    std::string made = absl::StrCat(kShortDirectory, "XXXXXX");
    if (mkdtemp(made.data()) == nullptr) return RefuseErrno(path_, absl::StrCat("cannot make ", made));
    short_directory_ = made;
    socket_ = absl::StrCat(made, "/", kSocketName);
    if (lchown(made.c_str(), uid_, gid_) != 0) return RefuseErrno(path_, "cannot change the socket directory's owner");
  }
  return Overwrite(lock_, absl::StrCat(getpid(), "\n", socket_, "\n"), path_);
}

}  // namespace lmp::storage
