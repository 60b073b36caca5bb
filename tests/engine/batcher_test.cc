// What waits is counted in calls and bytes, and what nobody waits for any more is never run.
#include "server/engine/batcher.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::lmp::testing::IsOk;
using ::lmp::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What became of jobs, by name.
struct Outcomes {
  absl::Mutex mutex;
  std::vector<std::string> run ABSL_GUARDED_BY(mutex);
  std::vector<std::string> canceled ABSL_GUARDED_BY(mutex), late ABSL_GUARDED_BY(mutex);
};

struct Job {
  std::string name;
  absl::Time deadline = absl::InfiniteFuture();
  size_t bytes = 1;
  std::function<bool()> gone;
  std::function<void(absl::Status)> done;
};

class BatcherTest : public ::testing::Test {
 protected:
  // One worker, held by its first job until Release().
  void Start(BatcherOptions options) {
    options.workers = 1;
    batcher_ = std::make_unique<Batcher<Job>>(options, [this](std::vector<Job> jobs) {
      for (Job& job : jobs) {
        if (job.name == "hold") {
          holds_.Notify();
          release_.WaitForNotification();
          continue;
        }
        absl::MutexLock lock(&outcomes_.mutex);
        outcomes_.run.push_back(job.name);
      }
    });
    Job hold{.name = "hold"};
    ASSERT_THAT(batcher_->Submit(hold), IsOk());
    holds_.WaitForNotification();
  }
  absl::Status Submit(Job job) {
    job.done = [this, name = job.name](const absl::Status& status) {
      absl::MutexLock lock(&outcomes_.mutex);
      (absl::IsCancelled(status) ? outcomes_.canceled : outcomes_.late).push_back(name);
    };
    return batcher_->Submit(job);
  }
  Outcomes& Finish() {
    release_.Notify();
    batcher_->Stop();
    return outcomes_;
  }

  Outcomes outcomes_;
  absl::Notification holds_, release_;
  std::unique_ptr<Batcher<Job>> batcher_;
};

TEST_F(BatcherTest, NoMoreBytesWaitThanMay) {
  Start({.max_queue_bytes = 1000});
  EXPECT_THAT(Submit({.name = "a", .bytes = 600}), IsOk());
  EXPECT_THAT(Submit({.name = "b", .bytes = 400}), IsOk());
  EXPECT_THAT(Submit({.name = "c", .bytes = 1}), StatusIs(absl::StatusCode::kResourceExhausted));
  Outcomes& outcomes = Finish();
  absl::MutexLock lock(&outcomes.mutex);
  EXPECT_THAT(outcomes.run, ElementsAre("a", "b"));
}

TEST_F(BatcherTest, ALargeOneIsTakenWhereNothingWaits) {
  Start({.max_queue_bytes = 1000});
  EXPECT_THAT(Submit({.name = "large", .bytes = 5000}), IsOk());
  EXPECT_THAT(Submit({.name = "small"}), StatusIs(absl::StatusCode::kResourceExhausted));
  Finish();
}

TEST_F(BatcherTest, WhoIsGoneOrLateIsNotRun) {
  Start({});
  std::atomic<bool> gone = false;
  EXPECT_THAT(Submit({.name = "gone", .gone = [&] { return gone.load(); }}), IsOk());
  EXPECT_THAT(Submit({.name = "stays", .gone = [] { return false; }}), IsOk());
  EXPECT_THAT(Submit({.name = "late", .deadline = absl::Now() - absl::Seconds(1)}), IsOk());
  gone = true;
  Outcomes& outcomes = Finish();
  absl::MutexLock lock(&outcomes.mutex);
  EXPECT_THAT(outcomes.run, ElementsAre("stays"));
  EXPECT_THAT(outcomes.canceled, ElementsAre("gone"));
  EXPECT_THAT(outcomes.late, ElementsAre("late"));
}

// Calls that are opened and canceled, fast, must not keep others out.
TEST_F(BatcherTest, TheDeadMakePlaceInAFullQueue) {
  Start({.max_queue = 100, .max_queue_bytes = 1000});
  std::atomic<bool> gone = false;
  for (int i = 0; i < 99; ++i) {
    EXPECT_THAT(Submit({.name = "dead", .bytes = 10, .gone = [&] { return gone.load(); }}), IsOk());
  }
  EXPECT_THAT(Submit({.name = "first"}), IsOk());
  EXPECT_THAT(Submit({.name = "refused"}), StatusIs(absl::StatusCode::kResourceExhausted));
  gone = true;
  absl::SleepFor(absl::Milliseconds(30));  // it is not searched all the time
  EXPECT_THAT(Submit({.name = "second", .bytes = 900}), IsOk());
  {
    absl::MutexLock lock(&outcomes_.mutex);
    EXPECT_EQ(outcomes_.canceled.size(), 99U);
    EXPECT_THAT(outcomes_.late, IsEmpty());
  }
  Outcomes& outcomes = Finish();
  absl::MutexLock lock(&outcomes.mutex);
  EXPECT_THAT(outcomes.run, ElementsAre("first", "second"));
}

}  // namespace
}  // namespace lmp::engine
