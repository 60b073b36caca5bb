#include "tests/benchmarks/fill/bulk_load.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "storage/status_macros.h"

namespace lmp::bench {
namespace {

constexpr size_t kSendAt = 256 << 10;
constexpr int kPipeBytes = 1 << 20;

// As LOAD DATA reads it unless told otherwise: tabs between, a line each, \N for NULL.  In UTF-8, which it is
// told to take byte by byte: to look for characters costs it a quarter of its time.
void AppendField(const storage::Value& value, std::string& out) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    absl::StrAppend(&out, *number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    const bool plain = std::none_of(text->begin(), text->end(),
                                    [](char c) { return c == '\\' || c == '\t' || c == '\n' || c == '\0'; });
    if (plain) {
      out += *text;
      return;
    }
    for (const char c : *text) {
      if (c == '\\' || c == '\t' || c == '\n') out.push_back('\\');
      c == '\0' ? out += "\\0" : out += c;
    }
  } else {
    out += "\\N";
  }
}

absl::StatusOr<std::string> DirectoryOf(storage::Connection& connection) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT COALESCE(@@secure_file_priv, '')", {}));
  std::string directory = rows->Next() ? rows->String(0) : "";
  RETURN_IF_ERROR(rows->status());
  if (directory.empty() || access(directory.c_str(), W_OK) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("can't write where the database reads: '", directory,
                                                      "' (a TMPDIR that is open to its user helps)"));
  }
  return directory;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TableLoad>> TableLoad::Start(std::unique_ptr<storage::Connection> connection,
                                                            const std::string& table,
                                                            const std::vector<std::string>& columns) {
  signal(SIGPIPE, SIG_IGN);  // the reader may fail: write() says so too
  ASSIGN_OR_RETURN(const std::string directory, DirectoryOf(*connection));
  RETURN_IF_ERROR(connection->Execute("SET SESSION foreign_key_checks = 0"));
  auto load = std::unique_ptr<TableLoad>(new TableLoad(std::move(connection)));
  load->pipe_ = absl::StrCat(directory, "/load-", table, "-", getpid());
  unlink(load->pipe_.c_str());
  if (mkfifo(load->pipe_.c_str(), 0600) != 0 || chmod(load->pipe_.c_str(), 0666) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("can't make ", load->pipe_));
  }
  const std::string sql = absl::StrCat("LOAD DATA INFILE '", load->pipe_, "' INTO TABLE ", table,
                                       " CHARACTER SET binary (", absl::StrJoin(columns, ", "), ")");
  load->thread_ = std::thread([self = load.get(), sql] {
    self->status_ = self->connection_->Execute(sql);
    self->ended_ = true;
  });
  return load;
}

TableLoad::~TableLoad() {
  if (thread_.joinable()) Finish().IgnoreError();
}

// The database may refuse the statement and never open the pipe: so no open() that waits for it.
bool TableLoad::Open() {
  while (fd_ < 0 && !ended_) {
    fd_ = open(pipe_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd_ < 0) absl::SleepFor(absl::Milliseconds(1));
  }
  if (fd_ < 0) return false;
  fcntl(fd_, F_SETFL, 0);
  fcntl(fd_, F_SETPIPE_SZ, kPipeBytes);
  return true;
}

void TableLoad::Add(const std::vector<storage::Value>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) buffer_.push_back('\t');
    AppendField(values[i], buffer_);
  }
  buffer_.push_back('\n');
  ++rows_;
  if (buffer_.size() >= kSendAt) Send();
}

void TableLoad::Send() {
  if (fd_ < 0 && !Open()) return;
  for (size_t from = 0; from < buffer_.size();) {
    const ssize_t sent = write(fd_, buffer_.data() + from, buffer_.size() - from);
    if (sent < 0 && errno != EINTR) break;  // Finish() says why
    if (sent > 0) from += static_cast<size_t>(sent);
  }
  buffer_.clear();
}

absl::Status TableLoad::Finish() {
  Send();
  if (fd_ >= 0) close(fd_);
  thread_.join();
  unlink(pipe_.c_str());
  return status_;
}

}  // namespace lmp::bench
