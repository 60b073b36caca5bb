// Transactions as closures over a pool of connections.
#ifndef LMP_STORAGE_MYSQL_DATABASE_H_
#define LMP_STORAGE_MYSQL_DATABASE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/mysql/connection.h"
#include "storage/mysql/connection_pool.h"
#include "storage/mysql/statement_stats.h"

namespace lmp::storage {

// Injected, so that tests neither wait nor depend on chance.
struct RerunPolicy {
  int max_attempts = 8;
  // Doubles with each run; the wait is random, from 0 to this (full jitter).
  absl::Duration first_backoff = absl::Milliseconds(2);
  absl::Duration max_backoff = absl::Milliseconds(200);
  std::function<void(absl::Duration)> sleep = absl::SleepFor;
};

// How long a caller waits. An absl::Time converts to it.
struct Until {
  Until(absl::Time at) : deadline(at) {}  // NOLINT: a deadline is the usual case
  Until(absl::Time at, const std::function<bool()>& nobody_waits)
      : deadline(at), gone(nobody_waits ? &nobody_waits : nullptr) {}

  absl::Time deadline;
  const std::function<bool()>* gone = nullptr;  // asked before each statement; must outlive the call
  DatabaseWork* work = nullptr;                 // if set, what is done is added to it; must outlive the call

  // The same, with the work noted.
  Until NotedIn(DatabaseWork& noted) const {
    Until until = *this;
    until.work = &noted;
    return until;
  }
};

// What became of transactions since the start. All only grow.
struct DatabaseCounters {
  std::atomic<int64_t> deadlocks = 0;         // transactions that the database ended as the victim of one
  std::atomic<int64_t> lock_timeouts = 0;     // waits for a row's lock that were given up
  std::atomic<int64_t> reruns = 0;            // runs of a transaction after its first
  std::atomic<int64_t> unknown_outcomes = 0;  // COMMITs that got no answer
  std::atomic<int64_t> connections_lost = 0;  // that were found broken
  StatementStats statements;
};

// What a snapshot has of a Galera cluster, whose nodes apply what another has committed a moment later: what this node
// has, or, after a wait, all that was committed before on any node. Elsewhere they are the same.
enum class Reach { kNode, kCluster };

class Database {
 public:
  explicit Database(DatabaseOptions options, int max_connections, RerunPolicy policy = {});

  // Runs `body` in one READ COMMITTED transaction: COMMIT if it returns OK, ROLLBACK otherwise. On a deadlock or lock
  // timeout (1213, 1205; also when COMMIT reports it, as Galera does) the whole body runs again, with backoff and
  // jitter, within the deadline and the policy's attempts. So the body must keep no state from one run to the next. An
  // error that rolled back the transaction counts even if the body returns OK or another error. Every statement is
  // limited to the time that is left (30 s if the deadline is infinite), rounded as LimitStatements does; none is sent
  // after the deadline (DEADLINE_EXCEEDED) or for a caller that is gone (CANCELLED). Errors: those of `body`; ABORTED
  // (still in conflict after the last attempt), UNAVAILABLE (no database, or the connection was lost before COMMIT was
  // sent: nothing is stored), DEADLINE_EXCEEDED. If the connection is lost while COMMIT is under way, the outcome is
  // unknown: UNAVAILABLE for which IsOutcomeUnknown() (errors.h) is true.
  absl::Status Transact(Until until, absl::FunctionRef<absl::Status(Connection&)> body);

  // Runs `body` with a connection outside of a transaction, so that each statement is one of its own. If the first use
  // shows that the connection died while it lay idle, the connection is replaced and the body runs again: so the body
  // may only read.
  absl::Status Read(Until until, absl::FunctionRef<absl::Status(Connection&)> body);

  // Runs `body` in one read-only snapshot (START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY), which costs three
  // more round trips. As in Read, a connection that died while it lay idle is replaced. Errors: also UNAVAILABLE if the
  // node does not get as far as `reach`.
  absl::Status Snapshot(Until until, absl::FunctionRef<absl::Status(Connection&)> body, Reach reach = Reach::kNode);

  ConnectionPool& pool() { return pool_; }
  const DatabaseCounters& counters() const { return counters_; }

 private:
  ConnectionPool pool_;
  RerunPolicy policy_;
  DatabaseCounters counters_;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_DATABASE_H_
