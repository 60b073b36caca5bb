#include "server/log_writer.h"

#include <unistd.h>

#include "absl/time/clock.h"

namespace lmp::server {
namespace {

constexpr absl::Duration kTogether = absl::Milliseconds(5);
// Who makes more waits for the reader of the log, as without a buffer.
constexpr size_t kMostWaiting = 1 << 20;

}  // namespace

LogWriter::LogWriter(int fd) : fd_(fd), thread_([this] { Work(); }) {}

LogWriter::~LogWriter() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  thread_.join();
}

void LogWriter::Write(absl::string_view line, bool at_once) {
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  waiting_.append(line.data(), line.size());
  const bool quiet = now - last_write_ >= kTogether && waiting_.size() == line.size();
  if (at_once || quiet || stopped_ || waiting_.size() > kMostWaiting) WriteWaiting();
}

void LogWriter::Flush() {
  absl::MutexLock lock(&mutex_);
  WriteWaiting();
}

// In whole lines: those of several processes on one pipe don't mix while they are short. A full disk must not stop the service.
void LogWriter::WriteWaiting() {
  if (!waiting_.empty()) [[maybe_unused]] const ssize_t written = ::write(fd_, waiting_.data(), waiting_.size());
  waiting_.clear();
  last_write_ = absl::Now();
}

void LogWriter::Work() {
  for (;;) {
    {
      absl::MutexLock lock(&mutex_, absl::Condition(this, &LogWriter::HasWork));
      if (stopped_) return WriteWaiting();
    }
    absl::SleepFor(kTogether);
    Flush();
  }
}

}  // namespace lmp::server
