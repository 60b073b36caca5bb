// A thread that does something again and again until it is stopped, and logs the result.
#ifndef LMP_SERVER_WORKERS_PERIODIC_TASK_H_
#define LMP_SERVER_WORKERS_PERIODIC_TASK_H_

#include <cstdint>
#include <functional>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace lmp::server {

// The texts with which a pass is logged.
struct PassMessages {
  const char* done;    // message if the pass did something
  const char* failed;  // message of the warning if it failed
  const char* rows;    // what the pass counts, as the name of a log field
};

class PeriodicTask final {
 public:
  ~PeriodicTask() { Stop(); }

  // Runs `pass` at once and then every `period`, or after `sooner` if that is less and not empty, except when `may_run`
  // returns false. `pass` returns how much it did. May be called at most once.
  void Start(absl::Duration period, const PassMessages& texts, std::function<bool()> may_run,
             std::function<absl::StatusOr<int64_t>()> pass, std::function<absl::Duration()> sooner = {});
  // After this no pass begins, and a running one should end soon. All functions here are idempotent and must be called
  // by one thread.
  void AskToStop();
  // Asks the thread to stop and waits until it has.
  void Stop();
  bool stopping() const { return stopping_.HasBeenNotified(); }

  // For metrics; from any thread.
  struct Stats {
    bool started = false;
    absl::Duration period;
    int64_t passes = 0;  // that ended well
    int64_t failures = 0;
    int64_t done = 0;                             // what all passes did
    absl::Time last_pass = absl::InfinitePast();  // when the last one ended well; before that, when it was started
  };
  Stats stats() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Note(const absl::StatusOr<int64_t>& done) ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Notification stopping_;
  mutable absl::Mutex mutex_;
  Stats stats_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_PERIODIC_TASK_H_
