// A child program that ends when this process ends: the database of embedded_server.h, and the tools that initialize
// it.
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
  std::vector<std::string> environment;  // NAME=value; nothing is inherited, so that the child gets none of our secrets
  std::string directory;                 // the child's working directory
  std::string log;                       // a file in `directory` to which the child's output is appended
  std::string mount_at;  // if not empty, `directory` is mounted there, visible only to the child (works only for root)
  uid_t uid = 0;         // the user that the child runs as, if we are root
  gid_t gid = 0;
  int keep_fd = -1;  // this descriptor stays open in the child and its children; all others are closed
};

// Thread-safe.
class ChildProcess final {
 public:
  // Starts the program in a session of its own (so that a Ctrl-C at our terminal does not reach it) and returns once it
  // runs. The kernel sends it SIGTERM when this process ends, however that happens. Errors: PERMISSION_DENIED (the user
  // can't enter the directory), INTERNAL (with the step that failed).
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const ChildSpec& spec);

  // Kills the child and its process group if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Returns 0 once the child has ended.
  pid_t pid() const;
  // Sends a signal to the child's process group; does nothing if the child has ended.
  void Signal(int signal);
  // Waits until the child has ended; returns false if it still runs after `limit`.
  bool WaitFor(absl::Duration limit) const;
  // The exit code, or -1 if a signal ended the child; and, in words, how it ended. May be called only once it has
  // ended.
  int exit_code() const;
  std::string ending() const;

 private:
  ChildProcess() = default;
  absl::Status Spawn(const ChildSpec& spec);
  void Reap();
  bool ended() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return pid_ == 0; }

  // This thread forks the child and then waits for it. The kernel ties the signal at our death to the *thread* that
  // forked, so the thread must live as long as the child.
  std::thread keeper_;
  mutable absl::Mutex mutex_;
  pid_t pid_ ABSL_GUARDED_BY(mutex_) = 0;
  int wait_status_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EMBEDDED_CHILD_PROCESS_H_
