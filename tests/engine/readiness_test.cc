// Slow is not away; refused is; and whoever has another time than the database is not ready.
#include "server/readiness.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::server {
namespace {

using State = Readiness::State;

const Probe kGood;
Probe Failed(absl::Duration took) { return {.status = absl::UnavailableError("no"), .took = took}; }
const Probe kSlow = Failed(absl::Seconds(2)), kRefused = Failed(absl::Milliseconds(1));

TEST(ReadinessTest, ADatabaseThatRefusesIsAwayAtOnce) {
  Readiness readiness(State::kReady);
  EXPECT_EQ(readiness.Take(kRefused), State::kDatabaseAway);
  EXPECT_EQ(readiness.Take(kGood), State::kReady);
}

TEST(ReadinessTest, ASlowOneIsAwayAfterSeveralMissesInARow) {
  Readiness readiness(State::kReady);
  for (int i = 1; i < kMissesUntilAway; ++i) EXPECT_EQ(readiness.Take(kSlow), State::kReady);
  EXPECT_EQ(readiness.Take(kGood), State::kReady);
  for (int i = 1; i < kMissesUntilAway; ++i)
    EXPECT_EQ(readiness.Take(kSlow), State::kReady) << "they were not in a row";
  EXPECT_EQ(readiness.Take(kSlow), State::kDatabaseAway);
  EXPECT_EQ(readiness.Take(kGood), State::kReady);
}

TEST(ReadinessTest, AWrongClockCountsAtOnce) {
  Readiness readiness(State::kReady);
  EXPECT_EQ(readiness.Take({.ahead = absl::Seconds(59)}), State::kReady);
  EXPECT_EQ(readiness.Take({.ahead = absl::Hours(192)}), State::kClockWrong);
  EXPECT_EQ(readiness.Take({.ahead = -absl::Seconds(61)}), State::kClockWrong);
  EXPECT_EQ(readiness.Take({.ahead = -absl::Seconds(59)}), State::kReady);
}

class ProbeTest : public engine::EngineTest {};

TEST_F(ProbeTest, ComparesTheClocks) {
  const Probe right = ProbeDatabase(database_, absl::Now() + absl::Seconds(10));
  EXPECT_OK(right.status);
  EXPECT_LT(absl::AbsDuration(right.ahead), absl::Seconds(5));
  const Probe wrong =
      ProbeDatabase(database_, absl::Now() + absl::Seconds(10), [] { return absl::Now() + absl::Hours(192); });
  EXPECT_LT(absl::AbsDuration(wrong.ahead - absl::Hours(192)), absl::Seconds(5));
}

}  // namespace
}  // namespace lmp::server
