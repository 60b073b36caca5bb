#include "server/observe/log_writer.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "absl/time/clock.h"

namespace lmp::server {
namespace {

constexpr absl::Duration kTogether = absl::Milliseconds(5);
// How often a writer that waits for a stalled reader checks whether it must end.
constexpr absl::Duration kLook = absl::Milliseconds(50);
constexpr size_t kMostWaiting = 1 << 20;

bool IsFile(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

// True if a write of PIPE_BUF bytes would not block now; looks for at most `limit`. A descriptor that is gone counts as
// ready too, because the write will report it.
bool IsReady(int fd, absl::Duration limit) {
  pollfd poll_fd = {fd, POLLOUT, 0};
  return poll(&poll_fd, 1, static_cast<int>(absl::ToInt64Milliseconds(limit))) > 0;
}

// Returns as many whole lines as a pipe takes at once, so that lines of several processes on one pipe don't mix; of a
// longer line, a piece.
absl::string_view NextPiece(absl::string_view text) {
  if (text.size() <= PIPE_BUF) return text;
  const size_t end = text.substr(0, PIPE_BUF).rfind('\n');
  return text.substr(0, end == absl::string_view::npos ? PIPE_BUF : end + 1);
}

}  // namespace

LogWriter::LogWriter(int fd, std::function<std::string(int64_t)> dropped)
    : fd_(fd), in_pieces_(!IsFile(fd)), dropped_line_(std::move(dropped)), thread_([this] { Work(); }) {}

LogWriter::~LogWriter() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    give_up_ = absl::Now() + kLastWait;
  }
  thread_.join();
}

void LogWriter::Write(absl::string_view line, bool urgent) {
  absl::MutexLock lock(&mutex_);
  if (waiting_.size() + line.size() > kMostWaiting) {
    ++dropped_;
    ++dropped_total_;
    return;
  }
  const size_t before = waiting_.size();
  if (dropped_ > 0) waiting_ += dropped_line_(std::exchange(dropped_, 0));
  waiting_.append(line.data(), line.size());
  taken_ += static_cast<int64_t>(waiting_.size() - before);
  if (!urgent) return;
  urgent_ = true;
  const int64_t goal = taken_;
  const auto settled = [this, goal]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stalled_ || written_ >= goal; };
  mutex_.AwaitWithTimeout(absl::Condition(&settled), kLastWait);
}

void LogWriter::Flush() {
  absl::MutexLock lock(&mutex_);
  if (dropped_ > 0 && waiting_.size() < kMostWaiting) {
    const std::string line = dropped_line_(std::exchange(dropped_, 0));
    waiting_ += line;
    taken_ += static_cast<int64_t>(line.size());
  }
  urgent_ = true;
  const int64_t goal = taken_;
  const auto written = [this, goal]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return written_ >= goal; };
  mutex_.AwaitWithTimeout(absl::Condition(&written), kLastWait);
}

void LogWriter::CountDropped(absl::string_view text) {
  absl::MutexLock lock(&mutex_);
  const int64_t lines = std::max<int64_t>(1, std::count(text.begin(), text.end(), '\n'));
  dropped_ += lines;
  dropped_total_ += lines;
}

void LogWriter::WriteOut(absl::string_view text) {
  while (!text.empty()) {
    const absl::string_view piece = in_pieces_ ? NextPiece(text) : text;
    if (in_pieces_ && !IsReady(fd_, kLook)) {
      absl::MutexLock lock(&mutex_);
      stalled_ = true;
      if (absl::Now() >= give_up_) return;
      continue;
    }
    const ssize_t written = ::write(fd_, piece.data(), piece.size());
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    // A full disk, or a pipe that nobody will read any more, must not stop the service.
    if (written <= 0) return CountDropped(text);
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void LogWriter::Work() {
  for (;;) {
    std::string text;
    {
      absl::MutexLock lock(&mutex_, absl::Condition(this, &LogWriter::HasWork));
      if (waiting_.empty()) return;  // it is stopped, and nothing is left
      text.swap(waiting_);
      urgent_ = false;
    }
    WriteOut(text);
    absl::MutexLock lock(&mutex_);
    written_ += static_cast<int64_t>(text.size());
    stalled_ = false;
    // Lines that arrive until then go out together.
    mutex_.AwaitWithTimeout(absl::Condition(this, &LogWriter::IsUrgent), kTogether);
  }
}

void WriteBriefly(int fd, absl::string_view text, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!text.empty() && IsReady(fd, std::max(absl::ZeroDuration(), deadline - absl::Now()))) {
    const ssize_t written = ::write(fd, text.data(), NextPiece(text).size());
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace lmp::server
