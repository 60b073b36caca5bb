#include "server/observe/line_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lmp::server {
namespace {

TEST(LineLimit, LeavesOutWhatIsTooMuchAndSaysHowMuch) {
  LineLimit limit(3);
  absl::Time now = absl::FromUnixSeconds(1'780'000'000);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.Take(now), 0);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(limit.Take(now), std::nullopt);
  now += absl::Milliseconds(999);
  EXPECT_EQ(limit.Take(now), std::nullopt);
  now += absl::Milliseconds(1);
  EXPECT_EQ(limit.Take(now), 6);
  EXPECT_EQ(limit.Take(now), 0);
  now -= absl::Hours(1);
  EXPECT_EQ(limit.Take(now), 0) << "a clock that was set back begins anew";
}

}  // namespace
}  // namespace lmp::server
