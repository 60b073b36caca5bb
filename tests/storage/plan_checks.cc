#include "tests/storage/plan_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "tests/support/status_matchers.h"

namespace lmp::storage {

int64_t WantedLicenses() {
  const char* rows = std::getenv("LMP_LIST_ROWS");
  return rows == nullptr ? 20'000 : std::atoll(rows);
}

int64_t RowsTouched(Connection& connection) {
  const auto rows = connection.Query("SHOW SESSION STATUS LIKE 'Handler_read%'", {});
  EXPECT_THAT(rows, testing::IsOk());
  int64_t sum = 0, value = 0;
  while ((*rows)->Next()) {
    EXPECT_TRUE(absl::SimpleAtoi((*rows)->String(1), &value));
    sum += value;
  }
  return sum;
}

std::string ReadPlans(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

namespace {

// Whether the optimizer looks for one key or reads a range from there depends on how many rows it expects, and so on
// the size. The index is what counts, and the number of rows that are touched, which the tests limit.
std::string ForAnySize(const std::string& plans) {
  return absl::StrReplaceAll(plans, {{" by ref on ", " by range on "}});
}

}  // namespace

void ExpectPlans(Connection& connection, const std::string& text, const std::string& path) {
  if (std::getenv("LMP_WRITE_PLANS") != nullptr) std::ofstream(path) << text;
  const auto version = connection.Query("SELECT VERSION()", {});
  ASSERT_THAT(version, testing::IsOk());
  ASSERT_TRUE((*version)->Next());
  if (!absl::StartsWith((*version)->String(0), "10.11.")) return;
  EXPECT_EQ(ForAnySize(text), ForAnySize(ReadPlans(path)));
}

}  // namespace lmp::storage
