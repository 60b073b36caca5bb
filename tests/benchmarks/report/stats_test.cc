#include "tests/benchmarks/report/stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

namespace lmp::bench {
namespace {

constexpr double kFractions[] = {0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1};

// By the definition: sorted, the ceil(fraction × n)-th.
double Exact(std::vector<int64_t> values, double fraction) {
  std::sort(values.begin(), values.end());
  const double rank = std::max(1.0, std::ceil(fraction * static_cast<double>(values.size())));
  return static_cast<double>(values[static_cast<size_t>(rank) - 1]);
}

Histogram Of(const std::vector<int64_t>& values) {
  Histogram histogram;
  for (const int64_t value : values) histogram.Record(value);
  return histogram;
}

std::vector<int64_t> LogNormal(unsigned seed, size_t count) {
  std::mt19937 random(seed);
  std::lognormal_distribution<double> distribution(6.5, 2.5);  // median 665 us, the longest beyond 10 s
  std::vector<int64_t> values;
  while (values.size() < count) values.push_back(std::min<int64_t>(100'000'000, std::lround(distribution(random))));
  return values;
}

TEST(HistogramTest, PercentilesAreWithinAThousandthOfTheExactOnes) {
  for (const size_t count : {1, 2, 7, 1000, 200'000}) {
    const std::vector<int64_t> values = LogNormal(static_cast<unsigned>(count), count);
    const Histogram histogram = Of(values);
    EXPECT_EQ(histogram.count(), static_cast<int64_t>(count));
    for (const double fraction : kFractions) {
      const double exact = Exact(values, fraction);
      EXPECT_GE(histogram.Percentile(fraction), exact) << fraction << " of " << count;
      EXPECT_LE(histogram.Percentile(fraction), exact * 1.001) << fraction << " of " << count;
    }
  }
}

TEST(HistogramTest, IsExactBelowTwoMilliseconds) {
  for (int64_t value = 0; value < 2048; ++value) EXPECT_EQ(Of({value}).Percentile(0.5), static_cast<double>(value));
}

TEST(HistogramTest, TakesWhatIsOutOfRangeAsTheNearestEnd) {
  EXPECT_EQ(Of({-5}).Percentile(1), 0);
  EXPECT_NEAR(Of({INT64_MAX}).Percentile(1), 1e8, 1e5);
}

TEST(HistogramTest, NothingRecordedIsZero) {
  EXPECT_EQ(Histogram().Percentile(0.99), 0);
  EXPECT_EQ(Histogram().count(), 0);
}

TEST(HistogramTest, SumOfTwoIsThatOfAllValues) {
  std::vector<int64_t> all = LogNormal(1, 5000);
  Histogram sum = Of(all);
  const std::vector<int64_t> others = LogNormal(2, 3000);
  sum.Add(Of(others));
  all.insert(all.end(), others.begin(), others.end());
  const Histogram expected = Of(all);
  for (const double fraction : kFractions) EXPECT_EQ(sum.Percentile(fraction), expected.Percentile(fraction));
}

TEST(HistogramTest, LosesNothingWhenThreadsRecordAtOnce) {
  Histogram histogram;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < 1'000'000; ++call) histogram.Record(call % 3);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(histogram.count(), 4'000'000);
}

TEST(StatsTest, RatiosAreTakenWithinARound) {
  EXPECT_THAT(Ratios({10, 20, 30}, {5, 40}), testing::ElementsAre(2, 0.5));
  EXPECT_THAT(Ratios({10}, {0}), testing::ElementsAre(0));
}

TEST(StatsTest, SpreadOfAnEvenNumberHasTheMeanOfTheMiddleTwoAsMedian) {
  const Spread spread = SpreadOf({4, 1, 3, 2});
  EXPECT_EQ(spread.median, 2.5);
  EXPECT_EQ(spread.least, 1);
  EXPECT_EQ(spread.most, 4);
}

}  // namespace
}  // namespace lmp::bench
