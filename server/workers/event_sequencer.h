// Gives every committed event its place in the history (storage/event_sequence.h). Each server of a database has one:
// it is woken by what this server commits, and looks now and then for what a server has left that was killed. Safe with
// any number of them.
#ifndef LMP_SERVER_WORKERS_EVENT_SEQUENCER_H_
#define LMP_SERVER_WORKERS_EVENT_SEQUENCER_H_

#include <cstdint>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/event_sequence.h"
#include "storage/model/event.h"
#include "storage/mysql/database.h"

namespace lmp::server {

class EventSequencer final {
 public:
  // `moved` is called after events got their numbers, with the head that they made, on the sequencer's thread.
  EventSequencer(storage::Database& database, std::function<void(int64_t head)> moved)
      : database_(database), moved_(std::move(moved)) {}
  ~EventSequencer() { Stop(); }

  void Start();
  // Events may have been committed, and these were, by one transaction and in this order. Cheap, from any thread.
  void Committed(std::vector<model::Event> events) ABSL_LOCKS_EXCLUDED(mutex_);
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
  void Wake() ABSL_LOCKS_EXCLUDED(mutex_);
  // Complains, once, if the head is before what was numbered here.
  void NoteHead(const storage::Sequenced& result);
  // Moves what was committed since the last time.
  void TakeWritten(storage::WrittenEvents& written) ABSL_LOCKS_EXCLUDED(mutex_);

  storage::Database& database_;
  const std::function<void(int64_t head)> moved_;
  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // A cache of what the next pass will number, so that it need not be read from the database.
  storage::WrittenEvents written_ ABSL_GUARDED_BY(mutex_);
  size_t written_count_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t numbered_until_ = 0;  // by this server: of the thread that runs
  std::thread thread_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_EVENT_SEQUENCER_H_
