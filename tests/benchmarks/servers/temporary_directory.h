// A directory that is gone when this is.
#ifndef LMP_TESTS_BENCHMARKS_SERVERS_TEMPORARY_DIRECTORY_H_
#define LMP_TESTS_BENCHMARKS_SERVERS_TEMPORARY_DIRECTORY_H_

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace lmp::bench {

class TemporaryDirectory final {
 public:
  TemporaryDirectory() = default;
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  // Once. Readable for all: the database runs as another user if we are root.
  absl::Status Make() {
    std::string path = (std::filesystem::temp_directory_path() / "lmp-bench-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) return absl::InternalError(absl::StrCat("can't make ", path));
    path_ = path;
    chmod(path_.c_str(), 0755);
    return absl::OkStatus();
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SERVERS_TEMPORARY_DIRECTORY_H_
