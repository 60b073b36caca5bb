// Calls that wait for a row that another session has locked: a lane of their own, so that nobody else waits with them.
// Each waits within its own deadline. They hold nothing meanwhile, neither a lock nor a connection.
#ifndef LMP_SERVER_ENGINE_LOCKED_OUT_H_
#define LMP_SERVER_ENGINE_LOCKED_OUT_H_

#include <functional>
#include <list>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/engine/write_engine.h"
#include "storage/mysql/database.h"
#include "storage/world_store.h"

namespace lmp::engine {

// Thread-safe.
class LockedOut final {
 public:
  // Does what a batch's worker does; what it finds locked again comes back by Add().
  using Run = std::function<void(std::vector<Mutation> mutations)>;

  // As many calls may wait here, and run together, as `options` has it.
  LockedOut(storage::Database& database, const BatcherOptions& options, Run run);
  ~LockedOut() { Stop(); }
  LockedOut(const LockedOut&) = delete;
  LockedOut& operator=(const LockedOut&) = delete;

  // Takes the call, which is run again once none of `rows` is locked by another any more. It is done with
  // DEADLINE_EXCEEDED if its deadline passes before that, CANCELLED if it is gone, RESOURCE_EXHAUSTED if too many wait,
  // UNAVAILABLE once stopped.
  void Add(Mutation mutation, storage::LockedRows rows) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends all that waits. Idempotent; by one thread.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    Mutation mutation;
    storage::LockedRows rows;
    absl::Time not_before;
  };

  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopped_ || !waiting_.empty(); }
  void Work() ABSL_LOCKS_EXCLUDED(mutex_);
  // One look: ends those that need not wait any longer, and runs those that can. Whether it ran any.
  bool RunFree() ABSL_LOCKS_EXCLUDED(mutex_);
  void EndDead() ABSL_LOCKS_EXCLUDED(mutex_);
  storage::LockedRows Wanted() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Takes out those for whom none of these rows is locked, as many as one run takes.
  std::vector<Mutation> TakeFree(const storage::LockedRows& locked) ABSL_LOCKS_EXCLUDED(mutex_);
  std::list<Waiting>::iterator Remove(std::list<Waiting>::iterator it) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  storage::Database& database_;
  const BatcherOptions options_;
  const Run run_;
  mutable absl::Mutex mutex_;
  std::list<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);  // the longest first
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;            // of their requests
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_LOCKED_OUT_H_
