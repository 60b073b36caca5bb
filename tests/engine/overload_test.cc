// A burst is worked off; in an overload few wait, and the others are told at once.
#include "server/engine/overload.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/engine/batcher.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using testing::IsOk;
using testing::StatusIs;

// A queue whose workers take ten calls every ten milliseconds: a thousand a second.
class Simulation {
 public:
  explicit Simulation(size_t place = 4096) : place_(place) {}

  // So many calls come in every ten milliseconds of so long.
  void Run(size_t come, absl::Duration time) {
    for (absl::Duration passed; passed < time; passed += absl::Milliseconds(10)) {
      for (size_t i = 0; i < come; ++i) {
        gauge_.Arrived();
        if (waiting_ < std::min(place_, gauge_.limit())) {
          ++waiting_;
        } else {
          ++refused_;
        }
      }
      const size_t taken = std::min<size_t>(10, waiting_);
      waiting_ -= taken;
      now_ += absl::Milliseconds(10);
      if (taken == 0) continue;
      gauge_.Took(taken, waiting_, now_);
      refused_ += waiting_ > gauge_.limit() ? waiting_ - gauge_.limit() : 0;
      waiting_ = std::min(waiting_, gauge_.limit());
    }
  }
  const OverloadGauge& gauge() const { return gauge_; }
  size_t waiting() const { return waiting_; }
  size_t refused() const { return refused_; }

 private:
  const size_t place_;
  OverloadGauge gauge_;
  absl::Time now_ = absl::UnixEpoch();
  size_t waiting_ = 0, refused_ = 0;
};

TEST(Overload, ABurstIsWorkedOff) {
  Simulation queue;
  queue.Run(2000, absl::Milliseconds(10));
  queue.Run(0, absl::Seconds(3));
  EXPECT_EQ(queue.refused(), 0U);
  EXPECT_EQ(queue.waiting(), 0U);
}

// It does not come in one moment, and the workers begin while it comes.
TEST(Overload, ABurstThatTakesItsTimeIsWorkedOff) {
  Simulation queue;
  queue.Run(200, absl::Milliseconds(200));
  queue.Run(0, absl::Seconds(5));
  EXPECT_EQ(queue.refused(), 0U);
  EXPECT_EQ(queue.waiting(), 0U);
}

// A thousand callers, each of which calls again when it was answered: all wait for a second, and none is refused.
TEST(Overload, ManyCallersThatWaitForTheirAnswersAreNone) {
  Simulation queue;
  queue.Run(1000, absl::Milliseconds(10));
  queue.Run(10, absl::Seconds(20));
  EXPECT_EQ(queue.refused(), 0U);
  EXPECT_GT(queue.waiting(), 900U);
}

// Connections bring a limited number of calls at once: of a flood behind them as many come as are answered.
TEST(Overload, AFloodThatItsConnectionsHoldBackIsOne) {
  Simulation queue;
  queue.Run(4000, absl::Milliseconds(10));
  queue.Run(10, absl::Milliseconds(900));
  EXPECT_TRUE(queue.gauge().overloaded());
  EXPECT_LE(queue.waiting(), OverloadGauge::kFewest);
}

TEST(Overload, AFloodIsRefusedWithinHalfASecondAndWhatIsAdmittedIsAnsweredSoon) {
  Simulation queue;
  queue.Run(500, absl::Milliseconds(600));
  EXPECT_TRUE(queue.gauge().overloaded());
  const size_t before = queue.refused();
  queue.Run(500, absl::Seconds(1));
  EXPECT_EQ(queue.gauge().limit(), OverloadGauge::kFewest);
  EXPECT_LE(queue.waiting(), OverloadGauge::kFewest);
  EXPECT_EQ(queue.refused() - before, 500U * 100 - 1000);
}

TEST(Overload, ItIsOverWhenTheQueueIsEmpty) {
  Simulation queue;
  queue.Run(500, absl::Seconds(1));
  ASSERT_TRUE(queue.gauge().overloaded());
  queue.Run(5, absl::Milliseconds(500));
  EXPECT_FALSE(queue.gauge().overloaded());
  const size_t before = queue.refused();
  queue.Run(2000, absl::Milliseconds(10));
  EXPECT_EQ(queue.refused(), before);
}

// A little more than can be done, for long: that is one, too.
TEST(Overload, TwiceWhatCanBeDoneIsOne) {
  Simulation queue;
  queue.Run(25, absl::Seconds(2));
  EXPECT_TRUE(queue.gauge().overloaded());
}

// Nor are several, one after the other.
TEST(Overload, AStandstillOfTheDatabaseIsNone) {
  OverloadGauge gauge;
  absl::Time now = absl::UnixEpoch();
  gauge.Took(1, 0, now);
  for (size_t standstill = 1; standstill <= 3; ++standstill) {
    for (int i = 0; i < 3000; ++i) gauge.Arrived();
    gauge.Took(32, 2968 * standstill, now += absl::Seconds(5));
    EXPECT_FALSE(gauge.overloaded());
  }
}

struct Job {
  int number = 0;
  absl::Time deadline = absl::InfiniteFuture();
  size_t bytes = 1;
  std::function<bool()> gone;
  std::function<void(absl::Status)> done;
};

// What became of the jobs of a flood.
struct Fates {
  int run = 0, refused_later = 0, refused_at_once = 0, admitted = 0;
  int last_refused = -1;  // of those that had waited, the one that came last
  int overtaken = 0;      // run although one that came later was refused
};

void Flood(Batcher<Job>& batcher, absl::Mutex& mutex, Fates& fates) {
  const absl::Time end = absl::Now() + absl::Minutes(1);
  const auto few = static_cast<int64_t>(OverloadGauge::kFewest);
  while (absl::Now() < end && (fates.refused_at_once < 20'000 || batcher.stats().waiting > few)) {
    for (int i = 0; i < 200; ++i) {
      Job job{.number = fates.admitted};
      job.done = [&, number = job.number](const absl::Status& status) {
        EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
        absl::MutexLock lock(&mutex);
        ++fates.refused_later;
        fates.last_refused = std::max(fates.last_refused, number);
      };
      batcher.Submit(job).ok() ? ++fates.admitted : ++fates.refused_at_once;
    }
    absl::SleepFor(absl::Milliseconds(1));
  }
  EXPECT_LE(batcher.stats().waiting, few);
}

// The queue itself: what is refused is told so, what came last is still run, and all get an answer.
TEST(Overload, EveryCallOfAFloodIsAnswered) {
  absl::Mutex mutex;
  Fates fates;
  Batcher<Job> batcher({.workers = 1, .max_batch = 1}, [&](const std::vector<Job>& jobs) {
    absl::SleepFor(absl::Milliseconds(2));
    absl::MutexLock lock(&mutex);
    ++fates.run;
    if (jobs.front().number < fates.last_refused) ++fates.overtaken;
  });
  Flood(batcher, mutex, fates);
  batcher.Stop();  // what is counted as refused is told so a moment later
  EXPECT_EQ(batcher.stats().shed_total, fates.refused_at_once + fates.refused_later);
  EXPECT_EQ(fates.run + fates.refused_later, fates.admitted);
  EXPECT_GT(fates.refused_at_once, fates.admitted);
  EXPECT_GT(fates.refused_later, 0);
  EXPECT_LE(fates.overtaken, 1);  // the one that the worker had taken at that moment
}

}  // namespace
}  // namespace lmp::engine
