// A thread that does something again and again until it is stopped.
#ifndef LMP_SERVER_WORKERS_PERIODIC_H_
#define LMP_SERVER_WORKERS_PERIODIC_H_

#include <functional>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace lmp::server {

class Periodic final {
 public:
  ~Periodic() { Stop(); }

  // Runs `pass` at once and then every `period`. Once at most.
  void Start(absl::Duration period, std::function<void()> pass) {
    thread_ = std::thread([this, period, pass = std::move(pass)] {
      do pass();
      while (!stopping_.WaitForNotificationWithTimeout(period));
    });
  }
  // Waits for a pass under way, which should end soon when stopping(). Idempotent.
  void Stop() {
    if (!stopping_.HasBeenNotified()) stopping_.Notify();
    if (thread_.joinable()) thread_.join();
  }
  bool stopping() const { return stopping_.HasBeenNotified(); }

 private:
  absl::Notification stopping_;
  std::thread thread_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_PERIODIC_H_
