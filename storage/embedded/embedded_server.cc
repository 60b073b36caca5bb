#include "storage/embedded/embedded_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "storage/embedded/child_process.h"
#include "storage/embedded/embedded_directory.h"
#include "storage/embedded/embedded_programs.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

namespace fs = std::filesystem;

constexpr char kLog[] = "mysqld.log";
// Where the database sees its directory if its user can't reach the real path (a clone below /root, for example). Any
// directory that always exists will do, because nobody else sees the mount.
constexpr char kMountPoint[] = "/mnt";
constexpr absl::Duration kStopTimeout = absl::Minutes(2);
constexpr absl::Duration kUpgradeTimeout = absl::Minutes(10);

// The version of the server that greets at the socket ("10.11.6-MariaDB"); "" if none does. A greeting is a packet (3
// bytes of length, 1 byte of number) with the protocol version 10, followed by the server's version, which ends with a
// NUL.
std::string GreetingOf(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return "";
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const timeval second = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
  char greeting[64];
  const ssize_t got = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
                          ? recv(fd, greeting, sizeof greeting, MSG_WAITALL)
                          : -1;
  close(fd);
  constexpr size_t kHeader = 5;
  if (got < static_cast<ssize_t>(kHeader) || greeting[kHeader - 1] != 10) return "";
  absl::string_view version(greeting + kHeader, static_cast<size_t>(got) - kHeader);
  version = version.substr(0, version.find('\0'));
  absl::ConsumePrefix(&version, "5.5.5-");  // MariaDB adds this prefix for old clients
  return std::string(version);
}

// Reads a plain file from byte `from` on, at most a megabyte. Returns "" for anything else that the database's user may
// have put there.
std::string ReadFile(const std::string& path, off_t from = 0) {
  std::string text;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat info;
  if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > from) {
    text.resize(static_cast<size_t>(std::min<off_t>(info.st_size - from, 1 << 20)));
    text.resize(static_cast<size_t>(std::max<ssize_t>(0, pread(fd, text.data(), text.size(), from))));
  }
  if (fd >= 0) close(fd);
  return text;
}

// Returns "10.11" for "10.11.6-MariaDB".
std::string SeriesOf(absl::string_view version) {
  const std::vector<absl::string_view> parts = absl::StrSplit(version, '.');
  return parts.size() < 2 ? "" : absl::StrCat(parts[0], ".", parts[1]);
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

  absl::Status Initialize();
  absl::Status Upgrade() ABSL_EXCLUSIVE_LOCKS_REQUIRED(operation_);
  absl::Status Launch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(operation_);
  absl::Status StopProcess() ABSL_EXCLUSIVE_LOCKS_REQUIRED(operation_);
  // `argv` is called again if the database's user turns out not to reach the paths that it returned. A child that works
  // on the files holds the directory's lock of the database.
  enum class Child { kOnFiles, kClient };
  absl::StatusOr<std::unique_ptr<ChildProcess>> Run(Child kind, Arguments argv);
  std::vector<std::string> InitializeCommand() const;
  std::vector<std::string> ServeCommand() const;
  // The path of a file as the database sees it.
  std::string Inner(absl::string_view name) const {
    return absl::StrCat(mount_at_.empty() ? directory_->path() : mount_at_, "/", name);
  }
  std::string SocketInside() const {
    return mount_at_.empty() || !absl::StartsWith(socket(), directory_->path()) ? socket() : Inner("run/mysqld.sock");
  }
  absl::Status WithLog(absl::StatusCode code, absl::string_view what) const {
    const std::string cause = CauseIn(ReadFile(directory_->Path(kLog), log_start_));
    return absl::Status(code, absl::StrCat("embedded database in ", directory_->path(), ": ", what,
                                           cause.empty() ? "; it said nothing in " : "; what it said (all of it is in ",
                                           directory_->Path(kLog), cause.empty() ? "" : "):\n  ", cause));
  }

  const EmbeddedServerOptions options_;
  DatabasePrograms programs_;
  std::string version_;  // version of the server that greeted
  std::string mount_at_;
  off_t log_start_ = 0;  // where the output of the latest child begins
  std::unique_ptr<EmbeddedDirectory> directory_;

  absl::Mutex operation_;  // only one operation runs at a time
  mutable absl::Mutex mutex_ ABSL_ACQUIRED_AFTER(operation_);
  // It is destroyed before the directory is released. It is written with both mutexes held, and read with either.
  std::unique_ptr<ChildProcess> process_;
};

absl::Status EmbeddedServer::Impl::Start() {
  absl::MutexLock lock(&operation_);
  // This comes first, so that a machine on which something is missing stays as it is.
  std::error_code ignored;
  const bool is_new = !fs::exists(absl::StrCat(options_.directory, "/data"), ignored);
  if (is_new && !options_.make) {
    return absl::FailedPreconditionError(
        absl::StrCat("embedded database: there is none in ", options_.directory, "; `serve` or `migrate` makes one"));
  }
  ASSIGN_OR_RETURN(programs_, FindDatabasePrograms(options_.program, is_new));
  ASSIGN_OR_RETURN(directory_, EmbeddedDirectory::Take(options_.directory));
  RETURN_IF_ERROR(Initialize());
  RETURN_IF_ERROR(Launch());
  return Upgrade();
}

std::vector<std::string> EmbeddedServer::Impl::InitializeCommand() const {
  const std::string data = absl::StrCat("--datadir=", Inner("data.tmp"));
  if (!programs_.mariadb) return {programs_.server, "--no-defaults", "--initialize-insecure", data};
  // --force is for places where not even "localhost" resolves, such as a bare chroot; we use no host names.
  return {programs_.installer,
          "--no-defaults",
          data,
          "--auth-root-authentication-method=normal",
          "--skip-test-db",
          "--force",
          "--innodb-log-file-size=64M"};
}

std::vector<std::string> EmbeddedServer::Impl::ServeCommand() const {
  std::vector<std::string> argv = {
      programs_.server, "--no-defaults", absl::StrCat("--datadir=", Inner("data")),
      absl::StrCat("--tmpdir=", Inner("tmp")),
      // By SQL, the database's user may read and write files only there.
      absl::StrCat("--secure-file-priv=", Inner("tmp")), absl::StrCat("--pid-file=", Inner("run/mysqld.pid")),
      absl::StrCat("--socket=", SocketInside()), "--skip-networking", "--skip-name-resolve", "--skip-log-bin",
      "--performance-schema=OFF", "--max-connections=200", "--character-set-server=utf8mb4",
      "--collation-server=utf8mb4_bin", "--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=128M",
      // "loose": options that only MariaDB or only MySQL knows, or that may go away.
      "--loose-innodb-log-file-size=64M", "--loose-mysqlx=OFF"};
  argv.insert(argv.end(), options_.extra_args.begin(), options_.extra_args.end());
  return argv;
}

absl::StatusOr<std::unique_ptr<ChildProcess>> EmbeddedServer::Impl::Run(Child kind, Arguments argv) {
  const char* path = std::getenv("PATH");
  std::error_code error;
  const auto log_size = fs::file_size(directory_->Path(kLog), error);
  log_start_ = error ? 0 : static_cast<off_t>(log_size);
  while (true) {
    ChildSpec spec;
    spec.argv = argv();
    // TMPDIR is needed because mariadb-install-db does not pass on an argument that has a space in it.
    spec.environment = {absl::StrCat("HOME=", Inner("tmp")), absl::StrCat("TMPDIR=", Inner("tmp")), "LC_ALL=C",
                        absl::StrCat("PATH=", path == nullptr ? "" : path, ":/usr/sbin:/usr/bin:/sbin:/bin")};
    spec.directory = directory_->path();
    spec.log = kLog;
    spec.mount_at = mount_at_;
    spec.uid = directory_->uid();
    spec.gid = directory_->gid();
    spec.keep_fd = kind == Child::kOnFiles ? directory_->database_lock() : -1;
    auto child = ChildProcess::Start(spec);
    if (child.ok()) {
      if (kind == Child::kOnFiles) RETURN_IF_ERROR(directory_->RecordDatabase((*child)->pid()));
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

absl::Status EmbeddedServer::Impl::Initialize() {
  std::error_code error;
  if (fs::exists(directory_->Path("data"), error)) return absl::OkStatus();
  // It is made beside data/ and then renamed, so that data/ is never half a database.
  fs::remove_all(directory_->Path("data.tmp"), error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("embedded database: cannot remove ", directory_->Path("data.tmp"), ": ", error.message()));
  }
  RETURN_IF_ERROR(directory_->MakeSubdirectory("data.tmp"));
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> child, Run(Child::kOnFiles, [this] { return InitializeCommand(); }));
  if (!child->WaitFor(options_.start_timeout)) {
    return WithLog(absl::StatusCode::kDeadlineExceeded,
                   absl::StrCat("not initialized in ", absl::FormatDuration(options_.start_timeout)));
  }
  if (child->exit_code() != 0) {
    return WithLog(absl::StatusCode::kInternal, absl::StrCat("initializing it failed: it ", child->ending()));
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
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> child, Run(Child::kOnFiles, [this] { return ServeCommand(); }));
  while ((version_ = GreetingOf(socket())).empty()) {
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

// Upgrades MariaDB's own tables after its series changed (10.11 to 11.4). The installer and mariadb-upgrade note the
// series of the tables. Oracle's server upgrades them itself.
absl::Status EmbeddedServer::Impl::Upgrade() {
  if (!programs_.mariadb) return absl::OkStatus();
  std::string series;
  // The latter name is from before 11.0.
  for (absl::string_view name : {"data/mariadb_upgrade_info", "data/mysql_upgrade_info"}) {
    if (series.empty()) series = SeriesOf(ReadFile(directory_->Path(name)));
  }
  if (series == SeriesOf(version_)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string upgrader, FindUpgrader());
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> child, Run(Child::kClient, [&]() -> std::vector<std::string> {
                     return {upgrader, "--no-defaults", absl::StrCat("--socket=", SocketInside()), "--user=root"};
                   }));
  if (!child->WaitFor(kUpgradeTimeout)) {
    return WithLog(absl::StatusCode::kDeadlineExceeded,
                   absl::StrCat(upgrader, " has not ended in ", absl::FormatDuration(kUpgradeTimeout)));
  }
  if (child->exit_code() != 0) {
    return WithLog(absl::StatusCode::kInternal, absl::StrCat("upgrading its tables from ", series, " to ", version_,
                                                             " failed: ", upgrader, " ", child->ending()));
  }
  RETURN_IF_ERROR(StopProcess());  // the manual of mariadb-upgrade asks for it
  return Launch();
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
  // Whether it ended or was killed, the server is gone, and nothing else matters here.
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
