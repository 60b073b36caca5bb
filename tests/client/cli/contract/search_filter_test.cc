#include "client/cli/contract/search_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lmp::cli {
namespace {

using testing::HasSubstr;

TEST(CustomersLike, LooksForEverySpellingInEveryField) {
  const std::string filter = CustomersLike("bonn");
  for (const char* part : {"display_name:\"bonn\"", "display_name:\"Bonn\"", "display_name:\"BONN\"", "city:\"Bonn\"",
                           "external_id:\"bonn\"", "contact.email:\"bonn\"", "name = \"customers/bonn*\""}) {
    EXPECT_THAT(filter, HasSubstr(part));
  }
  EXPECT_THAT(CustomersLike("a\"b\\c*"), HasSubstr(R"(city:"a\"b\\c\*")"));
}

TEST(ExpiresIn, CountsDaysWeeksAndMonthsFromToday) {
  const auto last = [](const std::string& span, absl::CivilDay today) {
    const auto filter = ExpiresIn(span, today);
    return filter.ok() ? *filter : std::string(filter.status().message());
  };
  EXPECT_EQ(last("30d", absl::CivilDay(2026, 12, 15)),
            "expiration_date >= 2026-12-15 AND expiration_date <= 2027-01-14 AND state != DISABLED");
  EXPECT_THAT(last("2w", absl::CivilDay(2026, 12, 15)), HasSubstr("<= 2026-12-29"));
  EXPECT_THAT(last("1m", absl::CivilDay(2027, 1, 31)), HasSubstr("<= 2027-02-28"));
  EXPECT_THAT(last("1m", absl::CivilDay(2027, 1, 15)), HasSubstr("<= 2027-02-15"));
  for (const char* wrong : {"", "d", "30", "+3d", "-1d", "next month", "3y", "99999d"}) {
    EXPECT_THAT(last(wrong, absl::CivilDay(2027, 1, 1)), HasSubstr("write it as 30d, 4w or 3m")) << wrong;
  }
}

TEST(BothFilters, KeepsEachAsAWhole) {
  EXPECT_EQ(BothFilters("", ""), "");
  EXPECT_EQ(BothFilters("a = 1", ""), "a = 1");
  EXPECT_EQ(BothFilters("a = 1 OR b = 2", "c = 3"), "(a = 1 OR b = 2) AND (c = 3)");
}

}  // namespace
}  // namespace lmp::cli
