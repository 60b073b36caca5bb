// Calls that wait for a row that another session has locked. They have a lane of their own, so that nobody else waits
// with them. Each waits within its own deadline; meanwhile it holds neither a lock nor a connection.
#ifndef LMP_SERVER_ENGINE_LOCKED_OUT_H_
#define LMP_SERVER_ENGINE_LOCKED_OUT_H_

#include <functional>
#include <list>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/engine/write_engine.h"
#include "storage/locked_rows.h"
#include "storage/mysql/database.h"

namespace lmp::engine {

// Thread-safe.
class LockedOut final {
 public:
  // Does what a batch's worker does. A mutation that it finds locked again comes back through Add().
  using Run = std::function<void(std::vector<Mutation> mutations)>;

  // The limits of `options` apply to the calls that wait here and that run together.
  LockedOut(storage::Database& database, const BatcherOptions& options, Run run);
  ~LockedOut() { Stop(); }
  LockedOut(const LockedOut&) = delete;
  LockedOut& operator=(const LockedOut&) = delete;

  // Takes the call, and runs it again when none of `rows` is locked by another session any more. The call is done with
  // DEADLINE_EXCEEDED if its deadline passes before that, CANCELLED if its caller is gone, RESOURCE_EXHAUSTED if too
  // many wait, UNAVAILABLE once this is stopped.
  void Add(Mutation mutation, storage::LockedRows rows) ABSL_LOCKS_EXCLUDED(mutex_);

  // The rows of the catalog and the pools that calls wait for and that were locked when this looked last. A batch need
  // not wait for them again.
  storage::LockedRows Stuck() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Those of the rows that another session has locked now. Errors: those of the database.
  absl::StatusOr<storage::LockedRows> Look(const storage::LockedRows& wanted) const;

  // Ends all calls that wait. Idempotent; only one thread may call it.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    Mutation mutation;
    storage::LockedRows rows;
    absl::Time not_before;
  };

  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopped_ || !waiting_.empty(); }
  void Work() ABSL_LOCKS_EXCLUDED(mutex_);
  // Looks once: ends the calls that need not wait any longer, and runs those that can run. Returns whether any ran.
  bool RunFree() ABSL_LOCKS_EXCLUDED(mutex_);
  void EndDead() ABSL_LOCKS_EXCLUDED(mutex_);
  storage::LockedRows Wanted() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Takes out the calls of whose rows, all `wanted` when this looked, none is locked, at most as many as one run takes.
  // A call that waited in vain for a lock elsewhere may do so again: it is taken alone, and only if no other is free.
  std::vector<Mutation> TakeFree(const storage::LockedRows& wanted, const storage::LockedRows& locked)
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::list<Waiting>::iterator Remove(std::list<Waiting>::iterator it) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  storage::Database& database_;
  const BatcherOptions options_;
  const Run run_;
  mutable absl::Mutex mutex_;
  std::list<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);  // the one that has waited longest is first
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;            // size of the waiting requests
  storage::LockedRows stuck_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_elsewhere_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_LOCKED_OUT_H_
