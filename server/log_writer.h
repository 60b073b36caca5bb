// Lines to a file descriptor. A line goes out at once if it is the first for a while; those that follow within milliseconds go
// out together, so that a busy server pays a write for dozens of calls and not for each. A killed process (SIGKILL, a crash)
// loses the lines of its last milliseconds.
#ifndef LMP_SERVER_LOG_WRITER_H_
#define LMP_SERVER_LOG_WRITER_H_

#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace lmp::server {

// Thread-safe.
class LogWriter final {
 public:
  explicit LogWriter(int fd);
  ~LogWriter();  // writes what waits
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // `line` ends with "\n". At once: it and all before it are with the system when this returns.
  void Write(absl::string_view line, bool at_once) ABSL_LOCKS_EXCLUDED(mutex_);
  void Flush() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void WriteWaiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Work();
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopped_ || !waiting_.empty(); }

  const int fd_;
  absl::Mutex mutex_;
  std::string waiting_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_write_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_LOG_WRITER_H_
