// A thread that does something again and again until it is stopped, and logs what came of it.
#ifndef LMP_SERVER_WORKERS_PERIODIC_TASK_H_
#define LMP_SERVER_WORKERS_PERIODIC_TASK_H_

#include <cstdint>
#include <functional>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace lmp::server {

// For the log, about a pass.
struct PassMessages {
  const char* done;    // if it did something
  const char* failed;  // a warning
  const char* rows;    // what it counts, as the name of a log's field
};

class PeriodicTask final {
 public:
  ~PeriodicTask() { Stop(); }

  // Runs `pass` at once and then every `period`, but for when `may_run` says no; it returns how much it did. Once at
  // most.
  void Start(absl::Duration period, const PassMessages& texts, std::function<bool()> may_run,
             std::function<absl::StatusOr<int64_t>()> pass);
  // No pass begins any more, and one under way should end soon. Idempotent, as all here; by one thread.
  void AskToStop();
  // And waits for it.
  void Stop();
  bool stopping() const { return stopping_.HasBeenNotified(); }

 private:
  absl::Notification stopping_;
  std::thread thread_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_PERIODIC_TASK_H_
