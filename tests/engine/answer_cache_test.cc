#include "server/engine/answer_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace lmp::engine {
namespace {

using ::testing::Eq;
using ::testing::Optional;

absl::Time At(int hour, int minute, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(2026, 3, 31, hour, minute, second), absl::UTCTimeZone());
}

TEST(AnswerCacheTest, GivesAnAnswerAgainWhileItIsYoungEnough) {
  AnswerCache cache;
  cache.Put("a", At(12, 0), "answer");
  EXPECT_THAT(cache.Find("a", At(12, 0, 5), absl::Seconds(5)), Optional(Eq("answer")));
  EXPECT_THAT(cache.Find("a", At(12, 0, 6), absl::Seconds(5)), Eq(std::nullopt));
  EXPECT_THAT(cache.Find("a", At(12, 0, 6), absl::Seconds(6)), Optional(Eq("answer"))) << "others may wait longer";
  EXPECT_THAT(cache.Find("b", At(12, 0), absl::Hours(1)), Eq(std::nullopt));
}

TEST(AnswerCacheTest, NotOnTheNextDay) {
  AnswerCache cache;
  cache.Put("a", At(23, 59, 59), "answer");
  EXPECT_THAT(cache.Find("a", At(23, 59, 59) + absl::Milliseconds(999), absl::Hours(1)), Optional(Eq("answer")));
  EXPECT_THAT(cache.Find("a", At(24, 0), absl::Hours(1)), Eq(std::nullopt));
}

TEST(AnswerCacheTest, NotIfTheClockWentBack) {
  AnswerCache cache;
  cache.Put("a", At(12, 0), "answer");
  EXPECT_THAT(cache.Find("a", At(11, 59), absl::Hours(1)), Eq(std::nullopt));
}

TEST(AnswerCacheTest, ANewerAnswerStays) {
  AnswerCache cache;
  cache.Put("a", At(12, 1), "newer");
  cache.Put("a", At(12, 0), "older");  // read before the other one, but put later
  EXPECT_THAT(cache.Find("a", At(12, 1), absl::Hours(1)), Optional(Eq("newer")));
}

TEST(AnswerCacheTest, KeepsTheLastOnesAndNoMoreThanTwiceAsMany) {
  constexpr int kEntries = 1600;
  AnswerCache cache(kEntries);
  for (int i = 0; i < 20 * kEntries; ++i) cache.Put(absl::StrCat(i), At(12, 0), "answer");
  int kept = 0;
  for (int i = 0; i < 20 * kEntries; ++i)
    kept += cache.Find(absl::StrCat(i), At(12, 0), absl::Hours(1)).has_value() ? 1 : 0;
  EXPECT_LE(kept, 2 * kEntries + 2 * 16);
  for (int i = 20 * kEntries - kEntries / 2; i < 20 * kEntries; ++i) {
    EXPECT_TRUE(cache.Find(absl::StrCat(i), At(12, 0), absl::Hours(1)).has_value()) << i;
  }
}

TEST(AnswerCacheTest, ManyThreads) {
  AnswerCache cache(64);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache] {
      for (int i = 0; i < 20'000; ++i) {
        const std::string key = absl::StrCat(i % 200);
        const auto found = cache.Find(key, At(12, 0), absl::Hours(1));
        EXPECT_EQ(found.value_or(key), key);
        cache.Put(key, At(12, 0), key);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace lmp::engine
