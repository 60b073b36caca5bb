#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "server/auth/look.h"
#include "server/auth/rate_limit.h"
#include "server/auth/refused_callers.h"

namespace lmp::auth {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'780'000'000);

TEST(RateLimit, LetsInWhatItSaysAndABurst) {
  RateLimit limit({.calls_per_second = 10, .burst_seconds = 2});
  int let_in = 0;
  for (int i = 0; i < 100; ++i) let_in += limit.Take("a", kNow) == absl::ZeroDuration() ? 1 : 0;
  EXPECT_EQ(let_in, 20);
  EXPECT_EQ(limit.Take("b", kNow), absl::ZeroDuration()) << "each has its own";
  let_in = 0;
  for (int i = 1; i <= 1000; ++i)
    let_in += limit.Take("a", kNow + absl::Milliseconds(10 * i)) == absl::ZeroDuration() ? 1 : 0;
  EXPECT_NEAR(let_in, 100, 2) << "ten seconds later";
}

TEST(RateLimit, SaysWhenToComeBack) {
  RateLimit limit({.calls_per_second = 4, .burst_seconds = 0.25});
  EXPECT_EQ(limit.Take("a", kNow), absl::ZeroDuration());
  const absl::Duration wait = limit.Take("a", kNow);
  EXPECT_EQ(wait, absl::Milliseconds(250));
  EXPECT_EQ(limit.Take("a", kNow + wait), absl::ZeroDuration());
}

TEST(RateLimit, OfZeroIsNone) {
  RateLimit limit({});
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(limit.Take("a", kNow), absl::ZeroDuration());
}

TEST(RateLimit, AClockThatGoesBackGivesNothing) {
  RateLimit limit({.calls_per_second = 1, .burst_seconds = 1});
  EXPECT_EQ(limit.Take("a", kNow), absl::ZeroDuration());
  EXPECT_GT(limit.Take("a", kNow - absl::Hours(1)), absl::ZeroDuration());
}

TEST(RefusedCallers, OfOnePeerOneLineASecond) {
  RefusedCallers refused;
  EXPECT_TRUE(refused.Add("INVALID", "ipv4:10.0.0.1", kNow));
  EXPECT_FALSE(refused.Add("INVALID", "ipv4:10.0.0.1", kNow + absl::Milliseconds(999)));
  EXPECT_TRUE(refused.Add("INVALID", "ipv4:10.0.0.2", kNow));
  EXPECT_TRUE(refused.Add("EXPIRED", "ipv4:10.0.0.1", kNow + absl::Seconds(1)));
  EXPECT_THAT(refused.Totals(), UnorderedElementsAre(Pair("INVALID", 3), Pair("EXPIRED", 1)));
}

TEST(RefusedCallers, AMinuteIsOneLine) {
  RefusedCallers refused;
  EXPECT_THAT(refused.TakeSummary(kNow).counts, IsEmpty()) << "nothing happened";
  for (int i = 0; i < 59; ++i) refused.Add("INVALID", "a", kNow + absl::Seconds(i));
  EXPECT_THAT(refused.TakeSummary(kNow + absl::Seconds(59)).counts, IsEmpty()) << "not yet";
  const auto summary = refused.TakeSummary(kNow + absl::Seconds(60));
  EXPECT_THAT(summary.counts, UnorderedElementsAre(Pair("INVALID", 59)));
  EXPECT_EQ(summary.peers, 1);
  EXPECT_THAT(refused.TakeSummary(kNow + absl::Hours(1)).counts, IsEmpty()) << "nothing since";
}

TEST(RefusedCallers, ManyPeersNeedNoMoreThanTheirRoom) {
  RefusedCallers refused;
  int lines = 0;
  for (size_t i = 0; i < 2 * RefusedCallers::kMaxPeers; ++i)
    lines += refused.Add("INVALID", absl::StrCat(i), kNow) ? 1 : 0;
  EXPECT_EQ(lines, static_cast<int>(RefusedCallers::kMaxPeers));
  EXPECT_EQ(refused.Totals()["INVALID"], 2 * static_cast<int64_t>(RefusedCallers::kMaxPeers)) << "but all are counted";
}

TEST(HostOf, APeerIsAMachine) {
  EXPECT_EQ(HostOf("ipv4:10.0.0.1:4711"), "ipv4:10.0.0.1");
  EXPECT_EQ(HostOf("ipv6:[::1]:4711"), "ipv6:[::1]");
  EXPECT_EQ(HostOf("unix:/run/lmp"), "unix:/run/lmp");
}

TEST(MayStay, UnlessAVerdictSaysNoOrNobodyCouldBeAskedForMinutes) {
  const struct {
    absl::Status look;
    absl::Duration unanswered;
    bool stays;
  } examples[] = {
      {absl::UnavailableError("the database is away"), absl::Seconds(20), true},
      {absl::UnavailableError("the database is away"), absl::Minutes(5), true},
      {absl::UnavailableError("the database is away"), absl::Minutes(5) + absl::Seconds(1), false},
      {absl::ResourceExhaustedError("too many lookups"), absl::Minutes(4), true},
      {absl::ResourceExhaustedError("too many lookups"), absl::Minutes(6), false},
      {absl::UnauthenticatedError("the key was revoked"), absl::ZeroDuration(), false},
      {absl::PermissionDeniedError("it has no such role any more"), absl::ZeroDuration(), false},
  };
  for (const auto& example : examples)
    EXPECT_EQ(MayStay(example.look, example.unanswered), example.stays) << example.look << ", " << example.unanswered;
}

}  // namespace
}  // namespace lmp::auth
