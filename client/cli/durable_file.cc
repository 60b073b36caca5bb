#include "client/cli/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "client/cli/status_macros.h"

namespace lmp::cli {
namespace {

absl::Status CanNotWrite(const std::string& path, int error) {
  return absl::FailedPreconditionError(absl::StrCat("can't write ", path, ": ", std::strerror(error)));
}

// Done with a descriptor: what was written is on the disk, or it is said why not.
absl::Status SyncAndClose(int fd, bool written, const std::string& path) {
  const int error = written && fsync(fd) == 0 ? 0 : errno;
  if (close(fd) != 0 || error != 0) return CanNotWrite(path, error != 0 ? error : errno);
  return absl::OkStatus();
}

}  // namespace

absl::Status ReplaceDurably(const std::string& file, absl::string_view text) {
  const std::string fresh = absl::StrCat(file, ".new");
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return CanNotWrite(fresh, errno);
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  RETURN_IF_ERROR(SyncAndClose(fd, written, fresh));
  if (std::rename(fresh.c_str(), file.c_str()) != 0) return CanNotWrite(file, errno);
  // The new name is the directory's, and on the disk once that is.
  const std::string parent = std::filesystem::path(file).parent_path().string();
  const std::string directory = parent.empty() ? "." : parent;
  const int above = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (above < 0) return CanNotWrite(directory, errno);
  return SyncAndClose(above, true, directory);
}

}  // namespace lmp::cli
