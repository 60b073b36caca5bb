#include "storage/embedded/embedded_programs.h"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lmp::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// What deploy/lib.sh installs is what we look for.
TEST(EmbeddedPrograms, AreThoseThatTheScriptsInstall) {
  std::ifstream file(LMP_SOURCE_DIR "/deploy/lib.sh");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const size_t start = text.find("runtime_programs=(\n");
  ASSERT_NE(start, std::string::npos);
  const size_t list = text.find('\n', start) + 1;
  std::string expected;
  for (const EmbeddedProgram& program : EmbeddedPrograms()) {
    absl::StrAppend(&expected, "  \"", program.name, " ", program.package, " ", program.run_by, "\"\n");
  }
  EXPECT_EQ(text.substr(list, text.find(")\n", list) - list), expected);
}

TEST(EmbeddedPrograms, AreFound) {
  const auto found = FindDatabasePrograms("", /*initialize=*/true);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->server, StartsWith("/"));
  EXPECT_TRUE(!found->mariadb || !found->installer.empty());
  const auto missing = FindDatabasePrograms("/no/mysqld", true);
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(missing.status().message(), HasSubstr("/no/mysqld not found"));
  EXPECT_THAT(missing.status().message(), HasSubstr("--mysql-url"));
}

// mariadb-install-db without my_print_defaults: the reason is the first line of many.
TEST(CauseIn, IsTheLineThatSaysWhyAndNotTheEnd) {
  std::string output =
      "FATAL ERROR: Could not find my_print_defaults\n\nIf you compiled from source, you need to run\n";
  for (int i = 0; i < 40; ++i) absl::StrAppend(&output, "advice ", i, "\n");
  EXPECT_EQ(CauseIn(output), "FATAL ERROR: Could not find my_print_defaults");
}

TEST(CauseIn, LeavesOutWhatOnlyMentionsAnError) {
  const std::string output =
      "2026-11-30 11:00:00 0 [Note] InnoDB: error log is stderr\n"
      "2026-11-30 11:00:00 0 [Warning] Could not increase number of max_open_files\n"
      "2026-11-30 11:00:01 0 [ERROR] InnoDB: Unable to lock ./ibdata1\n"
      "2026-11-30 11:00:01 0 [Note] InnoDB: Starting shutdown...\n"
      "2026-11-30 11:00:02 0 [ERROR] Aborting\n";
  const std::vector<std::string> lines = absl::StrSplit(CauseIn(output), '\n');
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], HasSubstr("Unable to lock"));
  EXPECT_THAT(lines[1], HasSubstr("Aborting"));
}

TEST(CauseIn, IsTheEndWhereNothingSaysWhyAndIsNeverLong) {
  std::string output;
  for (int i = 0; i < 40; ++i) absl::StrAppend(&output, "line ", i, "\n");
  EXPECT_THAT(CauseIn(output), StartsWith("line 32\n"));
  EXPECT_THAT(CauseIn(output), HasSubstr("line 39"));
  EXPECT_THAT(CauseIn(output), Not(HasSubstr("line 31\n")));
  EXPECT_EQ(CauseIn(""), "");
  EXPECT_LE(CauseIn("error " + std::string(1 << 20, 'x')).size(), 400u);
}

}  // namespace
}  // namespace lmp::storage
