#include "client/cli/since.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/support/status_matchers.h"

namespace lmp::cli {
namespace {

absl::Time At(int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(2026, 11, day, hour, minute), absl::UTCTimeZone());
}

TEST(ParseSince, TakesWhatPeopleType) {
  const absl::Time now = At(24, 5, 16);
  for (const auto& [text, time] :
       {std::pair("yesterday", At(23, 0)), std::pair("today", At(24, 0)), std::pair("30m", At(24, 4, 46)),
        std::pair("2h", At(24, 3, 16)), std::pair("3d", At(21, 5, 16)), std::pair("1w", At(17, 5, 16)),
        std::pair("2026-11-20", At(20, 0)), std::pair("2026-11-20T07:30:00Z", At(20, 7, 30))}) {
    EXPECT_THAT(ParseSince(text, now), testing::IsOkAndHolds(time)) << text;
  }
}

TEST(ParseSince, RefusesTheRest) {
  for (const char* text : {"", "never", "2", "h", "-1h", "2026-13-01", "2y", "20x"}) {
    EXPECT_FALSE(ParseSince(text, At(24, 5)).ok()) << text;
  }
}

}  // namespace
}  // namespace lmp::cli
