#include "storage/embedded/child_process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"

namespace lmp::storage {
namespace {

// The step at which the child failed before it reached exec; the child reports it.
enum class Step : int { kMount, kBecomeUser, kEnterDirectory, kOpenLog, kExec };
struct Failure {
  Step step;
  int error;
};

// Everything that the child needs is prepared before the fork, because after it only async-signal-safe calls are
// allowed.
struct Prepared {
  explicit Prepared(const ChildSpec& s) : spec(s) {
    for (const std::string& arg : s.argv) argv.push_back(const_cast<char*>(arg.c_str()));
    for (const std::string& entry : s.environment) environment.push_back(const_cast<char*>(entry.c_str()));
    argv.push_back(nullptr);
    environment.push_back(nullptr);
  }
  const ChildSpec& spec;
  std::vector<char*> argv;
  std::vector<char*> environment;
  const pid_t parent = getpid();
  const bool root = geteuid() == 0;
  int report = -1;
};

[[noreturn]] void Fail(const Prepared& p, Step step) {
  const Failure failure{step, errno};
  // If this fails, there is nobody left to tell.
  [[maybe_unused]] const ssize_t written = write(p.report, &failure, sizeof failure);
  _exit(127);
}

void MountPrivately(const Prepared& p) {
  // The mounts become private first: otherwise the bind mount would be visible on the whole machine.
  if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount(p.spec.directory.c_str(), p.spec.mount_at.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    Fail(p, Step::kMount);
  }
}

void BecomeUser(const Prepared& p) {
  // These are plain system calls, because glibc's wrappers would synchronize threads that do not exist in the child.
  const gid_t gid = p.spec.gid;
  const uid_t uid = p.spec.uid;
  if (syscall(SYS_setgroups, 0, nullptr) != 0 || syscall(SYS_setresgid, gid, gid, gid) != 0 ||
      syscall(SYS_setresuid, uid, uid, uid) != 0) {
    Fail(p, Step::kBecomeUser);
  }
}

void ResetSignals() {
  struct sigaction dfl = {};
  dfl.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &dfl, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void CloseOnExec() {
  if (syscall(SYS_close_range, 3U, UINT_MAX, 4U /* CLOSE_RANGE_CLOEXEC, Linux 5.11 */) == 0) return;
  for (int fd = 3; fd < 65536; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

[[noreturn]] void RunChild(const Prepared& p) {
  ResetSignals();
  setsid();
  umask(077);
  if (!p.spec.mount_at.empty()) MountPrivately(p);
  if (p.root) BecomeUser(p);
  // Set after the change of user, which would clear it. If the parent has ended by now, nothing would ever send the
  // signal.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != p.parent) _exit(127);
  if (chdir(p.spec.mount_at.empty() ? p.spec.directory.c_str() : p.spec.mount_at.c_str()) != 0) {
    Fail(p, Step::kEnterDirectory);
  }
  // Opened as the new user, so that root does not follow a link which that user may have put there.
  const int null = open("/dev/null", O_RDONLY);
  const int log = open(p.spec.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
  if (null < 0 || log < 0) Fail(p, Step::kOpenLog);
  dup2(null, 0);
  dup2(log, 1);
  dup2(log, 2);
  CloseOnExec();
  if (p.spec.keep_fd >= 0) fcntl(p.spec.keep_fd, F_SETFD, 0);
  execve(p.argv[0], p.argv.data(), p.environment.data());
  Fail(p, Step::kExec);
}

absl::Status Explain(const ChildSpec& spec, const Failure& failure) {
  const char* why = strerror(failure.error);
  switch (failure.step) {
    case Step::kMount:
      return absl::InternalError(
          absl::StrCat("cannot mount ", spec.directory, " privately at ", spec.mount_at, ": ", why));
    case Step::kBecomeUser:
      return absl::InternalError(absl::StrCat("cannot become user id ", spec.uid, ": ", why));
    case Step::kEnterDirectory:
      return absl::PermissionDeniedError(
          absl::StrCat("user id ", spec.uid, " cannot enter ", spec.directory, ": ", why));
    case Step::kOpenLog:
      return absl::InternalError(absl::StrCat("cannot open ", spec.directory, "/", spec.log, ": ", why));
    case Step::kExec:
      return absl::InternalError(absl::StrCat("cannot run ", spec.argv[0], ": ", why));
  }
  return absl::InternalError(why);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const ChildSpec& spec) {
  std::unique_ptr<ChildProcess> child(new ChildProcess);
  absl::Status started;
  absl::Notification done;
  child->keeper_ = std::thread([&started, &done, &spec, self = child.get()] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);  // blocks all signals: they are for the program's own threads
    started = self->Spawn(spec);
    const bool runs = started.ok();
    done.Notify();
    if (runs) self->Reap();
  });
  done.WaitForNotification();
  if (!started.ok()) return started;
  return child;
}

absl::Status ChildProcess::Spawn(const ChildSpec& spec) {
  Prepared prepared(spec);
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return absl::InternalError(absl::StrCat("pipe: ", strerror(errno)));
  prepared.report = report[1];
  const pid_t pid = _Fork();  // not fork(), so that fork handlers of libraries (gRPC has some) do not run
  if (pid == 0) RunChild(prepared);
  const int fork_error = errno;
  close(report[1]);
  if (pid < 0) {
    close(report[0]);
    return absl::InternalError(absl::StrCat("fork: ", strerror(fork_error)));
  }
  Failure failure;
  ssize_t got = 0;
  do {
    got = read(report[0], &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  close(report[0]);
  if (got == sizeof failure) {
    waitpid(pid, nullptr, 0);
    return Explain(spec, failure);
  }
  absl::MutexLock lock(&mutex_);
  pid_ = pid;
  return absl::OkStatus();
}

void ChildProcess::Reap() {
  const pid_t child = pid();
  siginfo_t info;
  // Waits without reaping: the pid stays the child's until the lock is held, so that Signal() can't hit another
  // process.
  while (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  absl::MutexLock lock(&mutex_);
  waitpid(child, &wait_status_, 0);
  pid_ = 0;
}

ChildProcess::~ChildProcess() {
  Signal(SIGKILL);
  keeper_.join();
}

pid_t ChildProcess::pid() const {
  absl::ReaderMutexLock lock(&mutex_);
  return pid_;
}

void ChildProcess::Signal(int signal) {
  absl::ReaderMutexLock lock(&mutex_);
  if (pid_ != 0) kill(-pid_, signal);
}

bool ChildProcess::WaitFor(absl::Duration limit) const {
  absl::ReaderMutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(this, &ChildProcess::ended), limit);
}

int ChildProcess::exit_code() const {
  absl::ReaderMutexLock lock(&mutex_);
  return WIFEXITED(wait_status_) ? WEXITSTATUS(wait_status_) : -1;
}

std::string ChildProcess::ending() const {
  absl::ReaderMutexLock lock(&mutex_);
  if (WIFEXITED(wait_status_)) return absl::StrCat("ended with exit code ", WEXITSTATUS(wait_status_));
  return absl::StrCat("was ended by signal ", WTERMSIG(wait_status_), " (", strsignal(WTERMSIG(wait_status_)), ")");
}

}  // namespace lmp::storage
