// Writes lines to a file descriptor in a thread of its own, so that nobody who logs waits for the reader of the log. A
// line goes out at once if it is the first for a while; lines that follow within milliseconds go out together, so that
// a busy server pays one write for dozens of calls. Lines that find no room, because the reader stalls, are dropped and
// counted, and the next line that gets through says how many. A killed process (SIGKILL, a crash) loses the lines of
// its last milliseconds.
#ifndef LMP_SERVER_OBSERVE_LOG_WRITER_H_
#define LMP_SERVER_OBSERVE_LOG_WRITER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace lmp::server {

// Thread-safe.
class LogWriter final {
 public:
  // `dropped` makes the line that says how many lines were dropped.
  LogWriter(int fd, std::function<std::string(int64_t)> dropped);
  ~LogWriter();  // flushes, as Flush() does
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // `line` ends with "\n". If it is urgent, then on return it and all lines before it have been handed to the system,
  // unless the reader stalls.
  void Write(absl::string_view line, bool urgent) ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits until everything is written, but no longer than `kLastWait` for a reader that stalls.
  void Flush() ABSL_LOCKS_EXCLUDED(mutex_);

  // Lines that were dropped since the start.
  int64_t dropped_total() const { return dropped_total_.load(std::memory_order_relaxed); }

  static constexpr absl::Duration kLastWait = absl::Seconds(1);

 private:
  void Work();
  void WriteOut(absl::string_view text);
  void CountDropped(absl::string_view text) ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopped_ || !waiting_.empty(); }
  bool IsUrgent() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopped_ || urgent_; }

  const int fd_;
  const bool in_pieces_;  // true if `fd_` is not a file: its reader may stall
  const std::function<std::string(int64_t)> dropped_line_;
  absl::Mutex mutex_;
  std::string waiting_ ABSL_GUARDED_BY(mutex_);
  int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;  // lines that were dropped and not yet reported
  std::atomic<int64_t> dropped_total_ = 0;
  int64_t taken_ ABSL_GUARDED_BY(mutex_) = 0;    // bytes that Write accepted
  int64_t written_ ABSL_GUARDED_BY(mutex_) = 0;  // of these, the bytes that were written or given up
  bool urgent_ ABSL_GUARDED_BY(mutex_) = false;
  bool stalled_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time give_up_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  std::thread thread_;
};

// Writes the text, but waits no longer than `limit` for its reader. It is for the last words of a process.
void WriteBriefly(int fd, absl::string_view text, absl::Duration limit);

}  // namespace lmp::server

#endif  // LMP_SERVER_OBSERVE_LOG_WRITER_H_
