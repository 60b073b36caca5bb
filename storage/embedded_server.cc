#include "storage/embedded_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "storage/child_process.h"
#include "storage/embedded_directory.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

namespace fs = std::filesystem;

constexpr char kLog[] = "mysqld.log";
// Where the database sees its directory if the way to the real one is closed to its user (a clone below /root, say).
// Any directory that always exists will do: nobody else sees the mount.
constexpr char kMountPoint[] = "/mnt";
constexpr absl::Duration kStopTimeout = absl::Minutes(2);

// Like a shell, and then where Debian has servers even if an ordinary user's PATH does not lead there.
std::string FindProgram(absl::string_view name) {
  const char* path = std::getenv("PATH");
  const std::string directories = absl::StrCat(path == nullptr ? "" : path, ":/usr/sbin:/usr/bin");
  for (absl::string_view directory : absl::StrSplit(directories, ':')) {
    std::string candidate = absl::StrCat(directory, "/", name);
    if (candidate[0] == '/' && access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

// True once a server greets: a packet (3 bytes length, 1 byte number) whose first byte is protocol version 10.
bool Greets(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const timeval second = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
  char greeting[5];
  const bool greets = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                      recv(fd, greeting, sizeof greeting, MSG_WAITALL) == sizeof greeting && greeting[4] == 10;
  close(fd);
  return greets;
}

std::string LogTail(const std::string& path, std::streamoff from) {
  constexpr size_t kLines = 12;
  std::ifstream log(path);
  log.seekg(from);
  std::vector<std::string> lines;
  for (std::string line; std::getline(log, line);) lines.push_back(line);
  if (lines.empty()) return absl::StrCat("; nothing in ", path);
  std::string tail = absl::StrCat("; the end of ", path, ":");
  for (size_t i = lines.size() > kLines ? lines.size() - kLines : 0; i < lines.size(); ++i) {
    absl::StrAppend(&tail, "\n  ", lines[i]);
  }
  return tail;
}

}  // namespace

class EmbeddedServer::Impl {
 public:
  explicit Impl(const EmbeddedServerOptions& options) : options_(options) {}

  absl::Status Start() ABSL_LOCKS_EXCLUDED(operation_);
  absl::Status Stop() ABSL_LOCKS_EXCLUDED(operation_);
  void Kill() ABSL_LOCKS_EXCLUDED(operation_);
  absl::Status Restart() ABSL_LOCKS_EXCLUDED(operation_);
  const std::string& socket() const { return directory_->socket(); }
  pid_t pid() const {
    absl::MutexLock lock(&mutex_);
    return process_ == nullptr ? 0 : process_->pid();
  }

 private:
  using Arguments = absl::FunctionRef<std::vector<std::string>()>;

  absl::Status FindPrograms();
  absl::Status Initialise();
  absl::Status Launch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(operation_);
  absl::Status StopProcess() ABSL_EXCLUSIVE_LOCKS_REQUIRED(operation_);
  // `argv` is asked again if the paths it holds turn out to be closed to the database's user.
  absl::StatusOr<std::unique_ptr<ChildProcess>> Run(Arguments argv);
  std::vector<std::string> InitialiseCommand() const;
  std::vector<std::string> ServeCommand() const;
  // Files as the database sees them.
  std::string Inner(absl::string_view name) const {
    return absl::StrCat(mount_at_.empty() ? directory_->path() : mount_at_, "/", name);
  }
  absl::Status WithLog(absl::StatusCode code, absl::string_view what) const {
    return absl::Status(code, absl::StrCat("embedded database in ", directory_->path(), ": ", what,
                                           LogTail(directory_->Path(kLog), log_start_)));
  }

  const EmbeddedServerOptions options_;
  std::string program_;
  std::string installer_;  // empty: the server initialises itself, as Oracle's does
  std::string mount_at_;
  std::streamoff log_start_ = 0;  // where the output of the latest child begins
  std::unique_ptr<EmbeddedDirectory> directory_;

  absl::Mutex operation_;  // one operation at a time
  mutable absl::Mutex mutex_ ABSL_ACQUIRED_AFTER(operation_);
  // Destroyed before the directory is released. Written with both mutexes held, read with either.
  std::unique_ptr<ChildProcess> process_;
};

absl::Status EmbeddedServer::Impl::Start() {
  absl::MutexLock lock(&operation_);
  RETURN_IF_ERROR(FindPrograms());
  ASSIGN_OR_RETURN(directory_, EmbeddedDirectory::Take(options_.directory));
  RETURN_IF_ERROR(Initialise());
  return Launch();
}

absl::Status EmbeddedServer::Impl::FindPrograms() {
  program_ = options_.program;
  if (program_.empty()) program_ = FindProgram("mariadbd");
  if (program_.empty()) program_ = FindProgram("mysqld");
  std::error_code error;
  const std::string real = fs::canonical(program_, error).filename();
  if (error) {
    return absl::FailedPreconditionError(absl::StrCat(
        "embedded database: ", options_.program.empty() ? "mariadbd or mysqld" : options_.program,
        " not found; install one (apt-get install mariadb-server-core) or use a database of your own (--mysql-url)"));
  }
  if (!absl::StrContains(real, "maria")) return absl::OkStatus();  // on Debian mysqld is a link to mariadbd
  installer_ = FindProgram("mariadb-install-db");
  if (!installer_.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("embedded database: there is ", program_, ", but mariadb-install-db is not found"));
}

std::vector<std::string> EmbeddedServer::Impl::InitialiseCommand() const {
  const std::string data = absl::StrCat("--datadir=", Inner("data.tmp"));
  if (installer_.empty()) return {program_, "--no-defaults", "--initialize-insecure", data};
  // --force: also where not even "localhost" resolves, as in a bare chroot; we use no host names.
  return {installer_, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db",
          "--force", "--innodb-log-file-size=64M"};
}

std::vector<std::string> EmbeddedServer::Impl::ServeCommand() const {
  std::vector<std::string> argv = {
      program_, "--no-defaults", absl::StrCat("--datadir=", Inner("data")), absl::StrCat("--tmpdir=", Inner("tmp")),
      // The database's user may read and write files by SQL only there.
      absl::StrCat("--secure-file-priv=", Inner("tmp")), absl::StrCat("--pid-file=", Inner("run/mysqld.pid")),
      absl::StrCat("--socket=", mount_at_.empty() || !absl::StartsWith(socket(), directory_->path())
                                    ? socket()
                                    : Inner("run/mysqld.sock")),
      "--skip-networking", "--skip-name-resolve", "--skip-log-bin", "--performance-schema=OFF",
      "--max-connections=200", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin",
      "--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=128M",
      // "loose": known to one of MariaDB and MySQL only, or not for ever.
      "--loose-innodb-log-file-size=64M", "--loose-mysqlx=OFF"};
  argv.insert(argv.end(), options_.extra_args.begin(), options_.extra_args.end());
  return argv;
}

absl::StatusOr<std::unique_ptr<ChildProcess>> EmbeddedServer::Impl::Run(Arguments argv) {
  const char* path = std::getenv("PATH");
  std::error_code error;
  const auto log_size = fs::file_size(directory_->Path(kLog), error);
  log_start_ = error ? 0 : static_cast<std::streamoff>(log_size);
  while (true) {
    ChildSpec spec;
    spec.argv = argv();
    // TMPDIR, because mariadb-install-db hands no argument on that has a space in it.
    spec.environment = {absl::StrCat("HOME=", Inner("tmp")), absl::StrCat("TMPDIR=", Inner("tmp")), "LC_ALL=C",
                        absl::StrCat("PATH=", path == nullptr ? "" : path, ":/usr/sbin:/usr/bin:/sbin:/bin")};
    spec.directory = directory_->path();
    spec.log = kLog;
    spec.mount_at = mount_at_;
    spec.uid = directory_->uid();
    spec.gid = directory_->gid();
    spec.keep_fd = directory_->database_lock();
    auto child = ChildProcess::Start(spec);
    if (child.ok()) {
      RETURN_IF_ERROR(directory_->RecordDatabase((*child)->pid()));
      return child;
    }
    if (!absl::IsPermissionDenied(child.status()) || !mount_at_.empty() || geteuid() != 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("embedded database in ", directory_->path(), ": ", child.status().message(),
                       mount_at_.empty() ? "" : "; a directory above is closed to the database's user, give another"));
    }
    mount_at_ = kMountPoint;
  }
}

absl::Status EmbeddedServer::Impl::Initialise() {
  std::error_code error;
  if (fs::exists(directory_->Path("data"), error)) return absl::OkStatus();
  // Made beside and renamed, so that data/ is never half a database.
  fs::remove_all(directory_->Path("data.tmp"), error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("embedded database: cannot remove ", directory_->Path("data.tmp"), ": ", error.message()));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> child, Run([this] { return InitialiseCommand(); }));
  if (!child->WaitFor(options_.start_timeout)) {
    return WithLog(absl::StatusCode::kDeadlineExceeded,
                   absl::StrCat("not initialised in ", absl::FormatDuration(options_.start_timeout)));
  }
  if (child->exit_code() != 0) {
    return WithLog(absl::StatusCode::kInternal, absl::StrCat("initialising it failed: it ", child->ending()));
  }
  fs::rename(directory_->Path("data.tmp"), directory_->Path("data"), error);
  const int fd = open(directory_->path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
  return error ? WithLog(absl::StatusCode::kInternal, error.message()) : absl::OkStatus();
}

absl::Status EmbeddedServer::Impl::Launch() {
  const absl::Time deadline = absl::Now() + options_.start_timeout;
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> child, Run([this] { return ServeCommand(); }));
  while (!Greets(socket())) {
    if (child->WaitFor(absl::Milliseconds(10))) {
      return WithLog(absl::StatusCode::kInternal, absl::StrCat("the database did not start: it ", child->ending()));
    }
    if (absl::Now() > deadline) {
      return WithLog(absl::StatusCode::kDeadlineExceeded,
                     absl::StrCat("the database is not ready after ", absl::FormatDuration(options_.start_timeout)));
    }
  }
  absl::MutexLock lock(&mutex_);
  process_ = std::move(child);
  return absl::OkStatus();
}

absl::Status EmbeddedServer::Impl::StopProcess() {
  if (process_ == nullptr) return absl::OkStatus();
  process_->Signal(SIGTERM);
  if (process_->WaitFor(kStopTimeout)) return absl::OkStatus();
  process_->Signal(SIGKILL);
  process_->WaitFor(absl::InfiniteDuration());
  return WithLog(absl::StatusCode::kDeadlineExceeded, "the database did not end when asked to and was killed");
}

absl::Status EmbeddedServer::Impl::Stop() {
  absl::MutexLock lock(&operation_);
  return StopProcess();
}

void EmbeddedServer::Impl::Kill() {
  absl::MutexLock lock(&operation_);
  if (process_ == nullptr) return;
  process_->Signal(SIGKILL);
  process_->WaitFor(absl::InfiniteDuration());
}

absl::Status EmbeddedServer::Impl::Restart() {
  absl::MutexLock lock(&operation_);
  // Killed in the end or not, it is gone, which is all that matters here.
  StopProcess().IgnoreError();
  return Launch();
}

absl::StatusOr<std::unique_ptr<EmbeddedServer>> EmbeddedServer::Start(const EmbeddedServerOptions& options) {
  auto impl = std::make_unique<Impl>(options);
  RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<EmbeddedServer>(new EmbeddedServer(std::move(impl)));
}

EmbeddedServer::EmbeddedServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EmbeddedServer::~EmbeddedServer() { Stop().IgnoreError(); }
absl::Status EmbeddedServer::Stop() { return impl_->Stop(); }
void EmbeddedServer::Kill() { impl_->Kill(); }
absl::Status EmbeddedServer::Restart() { return impl_->Restart(); }
const std::string& EmbeddedServer::socket() const { return impl_->socket(); }
pid_t EmbeddedServer::pid() const { return impl_->pid(); }
bool EmbeddedServer::running() const { return pid() != 0; }

}  // namespace lmp::storage
