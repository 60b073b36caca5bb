// Gives every committed event its place in the history (storage/event_sequence.h). Each server of a database has one:
// it is woken by what this server commits, and looks now and then for what a server has left that was killed. Safe with
// any number of them.
#ifndef LMP_SERVER_WORKERS_EVENT_SEQUENCER_H_
#define LMP_SERVER_WORKERS_EVENT_SEQUENCER_H_

#include <cstdint>
#include <functional>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/mysql/database.h"

namespace lmp::server {

class EventSequencer final {
 public:
  // `moved` is called after events got their numbers, with the head that they made, on the sequencer's thread.
  EventSequencer(storage::Database& database, std::function<void(int64_t head)> moved)
      : database_(database), moved_(std::move(moved)) {}
  ~EventSequencer() { Stop(); }

  void Start();
  // Events may have been committed. Cheap, from any thread.
  void Wake() ABSL_LOCKS_EXCLUDED(mutex_);
  void AskToStop() ABSL_LOCKS_EXCLUDED(mutex_);
  // And waits for it. Events that have no number then get it from another server, or at the next start.
  void Stop();

  // Numbers until none is left, a bounded part in each transaction. Returns how many. Errors: those of the database.
  absl::StatusOr<int64_t> RunOnce();

 private:
  void Run();
  // Whether there is to be another pass: somebody woke it, or time is up. False at the end.
  bool Wait(absl::Duration longest) ABSL_LOCKS_EXCLUDED(mutex_);
  bool stopping() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<int64_t> LookAround();

  storage::Database& database_;
  const std::function<void(int64_t head)> moved_;
  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_EVENT_SEQUENCER_H_
