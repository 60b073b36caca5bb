#include "server/auth/file_text.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace lmp::auth {
namespace {

constexpr std::streamsize kMaxBytes = 1024 * 1024;
constexpr absl::Duration kSettleTime = absl::Seconds(1);

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& name) {
  errno = 0;
  std::ifstream file(name, std::ios::binary);
  std::string text(static_cast<size_t>(kMaxBytes) + 1, '\0');
  if (!file || (!file.read(text.data(), kMaxBytes + 1) && file.bad())) {
    return absl::InvalidArgumentError(absl::StrCat("can't read ", name, ": ", strerror(errno)));
  }
  if (file.gcount() > kMaxBytes) return absl::InvalidArgumentError(absl::StrCat(name, " is larger than 1 MiB"));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

std::string StateOfFile(const std::string& name) {
  struct stat info {};
  if (stat(name.c_str(), &info) != 0) return "none";
  return absl::StrCat(info.st_dev, " ", info.st_ino, " ", info.st_size, " ", info.st_mtim.tv_sec, ".",
                      info.st_mtim.tv_nsec, " ", info.st_ctim.tv_sec, ".", info.st_ctim.tv_nsec);
}

bool IsSettled(const std::string& name) {
  struct stat info {};
  if (stat(name.c_str(), &info) != 0) return true;
  const absl::Duration age = absl::Now() - absl::TimeFromTimespec(info.st_mtim);
  return age < absl::ZeroDuration() || age >= kSettleTime;
}

}  // namespace lmp::auth
