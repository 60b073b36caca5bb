// Runs the jobs that wait in batches: one job if only one waits, up to `max_batch` if many do. It has no timer, so it
// adds no latency.
#ifndef LMP_SERVER_ENGINE_BATCHER_H_
#define LMP_SERVER_ENGINE_BATCHER_H_

#include <algorithm>
#include <deque>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/engine/lane_stats.h"
#include "server/engine/overload.h"

namespace lmp::engine {

struct BatcherOptions {
  int workers = 2;                    // two are best on two cores; one is 25 % slower, four are 10 % slower
  size_t max_batch = 32;              // jobs that one run takes at most
  size_t max_queue = 4096;            // jobs that may wait; Submit refuses more
  size_t max_queue_bytes = 64 << 20;  // total size of their requests; Submit refuses more
};

// Thread-safe. A Job is movable and has these fields: `bytes`, the size of its request; `deadline`; `gone`, which
// returns true if nobody waits for its answer any more (may be empty); and `done`, which takes a Status. A job whose
// deadline has passed, or which is gone, is never run: it is done with DEADLINE_EXCEEDED or CANCELLED when its turn
// comes or when its place is needed. When an overload begins, those that have waited longest are done with
// RESOURCE_EXHAUSTED. A Job may have `times`, a pointer to CallTimes (call_times.h), or null.
template <class Job>
class Batcher final {
 public:
  using Run = std::function<void(std::vector<Job> jobs)>;

  Batcher(const BatcherOptions& options, Run run) : options_(options), run_(std::move(run)) {
    for (int i = 0; i < options_.workers; ++i) threads_.emplace_back([this] { Work(); });
  }
  ~Batcher() { Stop(); }
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  // RESOURCE_EXHAUSTED if the queue is full, or in an overload (overload.h), UNAVAILABLE if the batcher is stopped; in
  // both cases the job still belongs to the caller.
  absl::Status Submit(Job& job) {
    Dead dead;
    const absl::Status status = Add(job, dead);
    End(dead);
    return status;
  }

  LaneStats stats() const {
    absl::MutexLock lock(&mutex_);
    LaneStats stats = stats_;
    stats.waiting = static_cast<int64_t>(waiting_.size());
    stats.waiting_bytes = static_cast<int64_t>(bytes_);
    return stats;
  }

  // Runs the jobs that wait, then ends the workers. Idempotent.
  void Stop() {
    {
      absl::MutexLock lock(&mutex_);
      stopped_ = true;
    }
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  using Dead = std::vector<std::pair<Job, absl::Status>>;
  struct Waiting {
    Job job;
    absl::Time since;
  };

  // A full queue is searched for dead jobs only this often: under a flood of calls that are not dead, the search is in
  // vain.
  static constexpr absl::Duration kSearchPause = absl::Milliseconds(20);

  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopped_ || !waiting_.empty(); }

  // Why the job must not be run; OK if it can be.
  static absl::Status WhyNot(const Job& job, absl::Time now) {
    if (now >= job.deadline) return absl::DeadlineExceededError("the deadline passed before the call was run");
    if (job.gone && job.gone()) return absl::CancelledError("the caller gave up before the call was run");
    return absl::OkStatus();
  }

  static void End(Dead& dead) {
    for (auto& [job, why] : dead) job.done(why);
  }

  // For who wants to know how long the job waited (call_times.h).
  static void NoteWait(const Waiting& waiting, absl::Time now) {
    if constexpr (requires { waiting.job.times; }) {
      if (waiting.job.times == nullptr) return;
      waiting.job.times->submitted = waiting.since;
      waiting.job.times->queued = now - waiting.since;
    }
  }

  absl::Status Add(Job& job, Dead& dead) {
    absl::MutexLock lock(&mutex_);
    if (stopped_) {
      return domain::Refuse(absl::StatusCode::kUnavailable, "the server is shutting down: try again",
                            {.reason = domain::reason::kShuttingDown});
    }
    gauge_.Arrived();
    if (IsFull(job)) TakeDead(dead);
    if (IsFull(job)) {
      ++stats_.shed_total;
      return TooMany();
    }
    bytes_ += job.bytes;
    waiting_.push_back({std::move(job), absl::Now()});
    return absl::OkStatus();
  }

  static absl::Status TooMany() { return absl::ResourceExhaustedError("too many calls are waiting"); }

  // In an overload, those that have waited longest leave: nearly all of their time is gone already, and whoever came
  // after them can still be answered soon.
  void ShedBeyond(size_t limit, Dead& dead) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    while (waiting_.size() > limit) {
      bytes_ -= waiting_.front().job.bytes;
      ++stats_.shed_total;
      dead.emplace_back(std::move(waiting_.front().job), TooMany());
      waiting_.pop_front();
    }
  }

  bool IsFull(const Job& job) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return waiting_.size() >= std::min(options_.max_queue, gauge_.limit()) ||
           (!waiting_.empty() && bytes_ + job.bytes > options_.max_queue_bytes);
  }

  void TakeDead(Dead& dead) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const absl::Time now = absl::Now();
    if (now < searched_ + kSearchPause) return;
    searched_ = now;
    std::deque<Waiting> alive;
    for (Waiting& waiting : waiting_) {
      absl::Status why = WhyNot(waiting.job, now);
      if (why.ok()) {
        alive.push_back(std::move(waiting));
      } else {
        bytes_ -= waiting.job.bytes;
        ++stats_.left_total;
        dead.emplace_back(std::move(waiting.job), std::move(why));
      }
    }
    waiting_ = std::move(alive);
  }

  void Work() {
    for (;;) {
      std::vector<Job> jobs;
      Dead dead;
      {
        absl::MutexLock lock(&mutex_, absl::Condition(this, &Batcher::HasWork));
        if (waiting_.empty()) return;  // the batcher is stopped, and no job is left
        const absl::Time now = absl::Now();
        while (!waiting_.empty() && jobs.size() < options_.max_batch) {
          Waiting waiting = std::move(waiting_.front());
          waiting_.pop_front();
          bytes_ -= waiting.job.bytes;
          NoteWait(waiting, now);
          absl::Status why = WhyNot(waiting.job, now);
          if (why.ok()) {
            stats_.waited += now - waiting.since;
            jobs.push_back(std::move(waiting.job));
          } else {
            ++stats_.left_total;
            dead.emplace_back(std::move(waiting.job), std::move(why));
          }
        }
        gauge_.Took(jobs.size() + dead.size(), waiting_.size(), now);
        ShedBeyond(gauge_.limit(), dead);
        stats_.run_total += static_cast<int64_t>(jobs.size());
        stats_.batches_total += jobs.empty() ? 0 : 1;
        if (!jobs.empty()) ++stats_.batch_sizes[LaneStats::SizeClass(jobs.size())];
      }
      End(dead);
      if (!jobs.empty()) run_(std::move(jobs));
    }
  }

  const BatcherOptions options_;
  const Run run_;
  mutable absl::Mutex mutex_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // size of the requests that wait
  OverloadGauge gauge_ ABSL_GUARDED_BY(mutex_);
  LaneStats stats_ ABSL_GUARDED_BY(mutex_);  // but for what waits
  absl::Time searched_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_BATCHER_H_
