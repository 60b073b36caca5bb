// A child program that dies with us: the database of embedded_server.h and the tools that initialize it.
#ifndef LMP_STORAGE_EMBEDDED_CHILD_PROCESS_H_
#define LMP_STORAGE_EMBEDDED_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace lmp::storage {

struct ChildSpec {
  std::vector<std::string> argv;         // argv[0] is the path of the program
  std::vector<std::string> environment;  // NAME=value; nothing is inherited, so that no secret of ours is either
  std::string directory;                 // its working directory
  std::string log;                       // file in `directory` that its output is appended to
  std::string mount_at;                  // not empty: `directory` appears there, seen by the child alone (root only)
  uid_t uid = 0;                         // whom to become, if we are root
  gid_t gid = 0;
  int keep_fd = -1;  // stays open in the child and its children; all other descriptors are closed
};

// Thread-safe.
class ChildProcess final {
 public:
  // Starts the program in a session of its own (a Ctrl-C at our terminal does not reach it) and returns once it runs.
  // The kernel sends it SIGTERM when this process ends, in whatever way. Errors: PERMISSION_DENIED (the user cannot
  // enter the directory), INTERNAL (with the step that failed).
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const ChildSpec& spec);

  // Kills it and its process group if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // 0 once it has ended.
  pid_t pid() const;
  // Sends a signal to its process group; nothing happens if it has ended.
  void Signal(int signal);
  // Waits until it has ended; false if it still runs after `limit`.
  bool WaitFor(absl::Duration limit) const;
  // Its exit code, -1 if a signal ended it; and how it ended in words. Only once it has ended.
  int exit_code() const;
  std::string ending() const;

 private:
  ChildProcess() = default;
  absl::Status Spawn(const ChildSpec& spec);
  void Reap();
  bool ended() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return pid_ == 0; }

  // Forks and then waits for the child. The signal at our death is tied by the kernel to the *thread* that forked, so
  // that thread has to live as long as the child.
  std::thread keeper_;
  mutable absl::Mutex mutex_;
  pid_t pid_ ABSL_GUARDED_BY(mutex_) = 0;
  int wait_status_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EMBEDDED_CHILD_PROCESS_H_
