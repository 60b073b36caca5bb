// A file is on the disk before it takes the other's place, and so is its name before anybody relies on it.
#include "client/cli/durable_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace {

std::vector<std::string>& Done() {
  static std::vector<std::string>& done = *new std::vector<std::string>;
  return done;
}

}  // namespace

// In place of libc's: note that they were called, and do it.
extern "C" int fsync(int fd) {
  Done().push_back(absl::StrCat("fsync ", std::filesystem::read_symlink(absl::StrCat("/proc/self/fd/", fd)).string()));
  return static_cast<int>(syscall(SYS_fsync, fd));
}
extern "C" int rename(const char* from, const char* to) noexcept {
  Done().push_back(absl::StrCat("rename ", from, " ", to));
  return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

namespace lmp::cli {
namespace {

using ::testing::ElementsAre;

class DurableFileTest : public ::testing::Test {
 protected:
  DurableFileTest() {
    std::string name = ::testing::TempDir() + "/lmp-durable-XXXXXX";
    directory_ = std::filesystem::canonical(mkdtemp(name.data())).string();
    Done().clear();
  }
  ~DurableFileTest() override { std::filesystem::remove_all(directory_); }

  static std::string TextOf(const std::string& file) {
    std::ifstream in(file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  std::string directory_;
};

TEST_F(DurableFileTest, IsOnTheDiskBeforeItTakesItsPlaceAndSoIsItsName) {
  const std::string file = directory_ + "/seen", fresh = file + ".new";
  for (const std::string text : {"a long text\n", "b\n"}) {
    Done().clear();
    EXPECT_TRUE(ReplaceDurably(file, text).ok());
    EXPECT_EQ(TextOf(file), text);
    EXPECT_THAT(Done(), ElementsAre("fsync " + fresh, "rename " + fresh + " " + file, "fsync " + directory_));
  }
}

TEST_F(DurableFileTest, SaysWhyItCanNotBeWritten) {
  const absl::Status status = ReplaceDurably(directory_ + "/none/seen", "a\n");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("No such file or directory"));
}

}  // namespace
}  // namespace lmp::cli
