// Takes whatever waits: one job if there is one, up to a few dozen if there are many. No timer, so no added latency.
#ifndef LMP_SERVER_ENGINE_BATCHER_H_
#define LMP_SERVER_ENGINE_BATCHER_H_

#include <deque>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/domain/refusal.h"

namespace lmp::engine {

struct BatcherOptions {
  int workers = 2;          // two are best on two cores; one is 25 % slower, four 10 %
  size_t max_batch = 32;    // jobs one run takes
  size_t max_queue = 4096;  // jobs that may wait; beyond it Submit refuses
};

// Thread-safe. Job is movable.
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

  // RESOURCE_EXHAUSTED if the queue is full, UNAVAILABLE if stopped; the job is then still the caller's.
  absl::Status Submit(Job& job) {
    absl::MutexLock lock(&mutex_);
    if (stopped_) {
      return domain::Refuse(absl::StatusCode::kUnavailable, "the server is shutting down: try again", {.reason = "SHUTTING_DOWN"});
    }
    if (waiting_.size() >= options_.max_queue) return absl::ResourceExhaustedError("too many calls are waiting");
    waiting_.push_back(std::move(job));
    return absl::OkStatus();
  }

  // Runs what waits, then ends the workers. Idempotent.
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
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopped_ || !waiting_.empty(); }

  void Work() {
    for (;;) {
      std::vector<Job> jobs;
      {
        absl::MutexLock lock(&mutex_, absl::Condition(this, &Batcher::HasWork));
        if (waiting_.empty()) return;  // stopped, and nothing is left
        while (!waiting_.empty() && jobs.size() < options_.max_batch) {
          jobs.push_back(std::move(waiting_.front()));
          waiting_.pop_front();
        }
      }
      run_(std::move(jobs));
    }
  }

  const BatcherOptions options_;
  const Run run_;
  absl::Mutex mutex_;
  std::deque<Job> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_BATCHER_H_
