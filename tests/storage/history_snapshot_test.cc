// What a stream shows first: rows as they are at the head of the history, and no later.
#include "storage/history_snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace lmp::storage {
namespace {

using ::testing::ElementsAre;

model::Event Row(const std::string& key, const std::string& after) {
  model::Event row;
  row.row_table = "licenses";
  row.key1 = "bakery";
  row.key2 = key;
  row.revision = 9;
  row.after = after;
  return row;
}

model::Event Change(const std::string& key, std::optional<std::string> before, const std::string& after) {
  model::Event event = Row(key, after);
  event.before = std::move(before);
  return event;
}

TEST(SetBackTest, RowsAreAsTheyWereBeforeTheirFirstEvent) {
  const auto rows = SetBack({Row("a", "a3"), Row("b", "b1"), Row("new", "n2")},
                            {Change("new", std::nullopt, "n1"), Change("a", "a1", "a2"), Change("a", "a2", "a3"),
                             Change("new", "n1", "n2"), Change("elsewhere", "x", "y")});
  std::vector<std::string> shown;
  for (const model::Event& row : rows) shown.push_back(absl::StrCat(row.key2, "=", row.after, " ", row.revision));
  EXPECT_THAT(shown, ElementsAre("a=a1 8", "b=b1 9"));
}

}  // namespace
}  // namespace lmp::storage
