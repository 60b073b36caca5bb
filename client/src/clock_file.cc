// Implements ClockFile of license_token.h.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "lmp/license_token.h"

namespace lmp::client {
namespace {

constexpr absl::Duration kPrecision = absl::Minutes(1);  // so that not every check of a license writes the file

absl::Status Fail(absl::string_view what, const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat("the clock memory ", path, " ", what, ": ", strerror(errno)));
}

}  // namespace

absl::StatusOr<absl::Time> ClockFile::Read() const {
  struct stat info {};
  if (stat(path_.c_str(), &info) != 0) {
    if (errno == ENOENT) return absl::InfinitePast();
    return Fail("can't be read", path_);
  }
  std::ifstream file(path_);
  std::string line;
  absl::Time time;
  if (!std::getline(file, line) || !absl::ParseTime(absl::RFC3339_full, line, &time, nullptr)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the clock memory ", path_, " does not hold a time: if it was not you who changed it, remove it"));
  }
  return time;
}

absl::Status ClockFile::Advance(absl::Time seen) const {
  const absl::StatusOr<absl::Time> known = Read();
  if (!known.ok()) return known.status();
  if (seen < *known + kPrecision) return absl::OkStatus();
  // A new file is written and then renamed into its place, so that the file is always whole, even if the machine stops.
  // If two processes do so at once, the earlier time may win; the loss is no more than the difference of their times.
  std::string unfinished = path_ + ".XXXXXX";
  const int fd = mkstemp(unfinished.data());
  if (fd < 0) return Fail("can't be written", path_);
  const std::string line = absl::StrCat(absl::FormatTime(absl::RFC3339_sec, seen, absl::UTCTimeZone()), "\n");
  const bool written = write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (close(fd) != 0 || !written || rename(unfinished.c_str(), path_.c_str()) != 0) {
    const absl::Status status = Fail("can't be written", path_);
    unlink(unfinished.c_str());
    return status;
  }
  return absl::OkStatus();
}

}  // namespace lmp::client
