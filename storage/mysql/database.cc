#include "storage/mysql/database.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "storage/mysql/errors.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr absl::Duration kDefaultLimit = absl::Seconds(30);  // for a statement whose transaction has no deadline

using Body = absl::FunctionRef<absl::Status(Connection&)>;
using Lease = ConnectionPool::Lease;

// A connection for one body, which keeps to its caller's time.
class WithinTime final : public Connection {
 public:
  WithinTime(Connection& connection, const Until& until)
      : connection_(connection), until_(until), limit_(StatementLimit(until.deadline - absl::Now())) {}

  absl::Status Execute(absl::string_view sql) override {
    RETURN_IF_ERROR(Continue());
    return connection_.Execute(sql);
  }
  absl::StatusOr<std::unique_ptr<ResultSet>> Query(const std::string& sql, const std::vector<Value>& params) override {
    RETURN_IF_ERROR(Continue());
    return connection_.Query(sql, params);
  }
  absl::StatusOr<int64_t> Update(const std::string& sql, const std::vector<Value>& params) override {
    RETURN_IF_ERROR(Continue());
    return connection_.Update(sql, params);
  }
  absl::Status LimitStatements(absl::Duration limit) override { return connection_.LimitStatements(limit); }
  bool broken() const override { return connection_.broken(); }
  absl::Status TakeLostTransaction() override { return connection_.TakeLostTransaction(); }
  bool is_mariadb() const override { return connection_.is_mariadb(); }
  int64_t round_trips() const override { return connection_.round_trips(); }

 private:
  // OK if another statement may be sent; the statement gets no more time than is left.
  absl::Status Continue() {
    const absl::Duration left = until_.deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return absl::DeadlineExceededError("no time left for the database");
    if (until_.gone != nullptr && (*until_.gone)()) return absl::CancelledError("the caller gave up");
    if (left == absl::InfiniteDuration() || left >= limit_) return absl::OkStatus();
    limit_ = StatementLimit(left);
    return connection_.LimitStatements(left);
  }

  Connection& connection_;
  const Until until_;
  absl::Duration limit_;  // the limit of a statement that is set now
};

absl::Status Limit(Connection& connection, absl::Time deadline) {
  const absl::Time now = absl::Now();
  if (deadline <= now) return absl::DeadlineExceededError("no time left for the database");
  return connection.LimitStatements(deadline == absl::InfiniteFuture() ? kDefaultLimit : deadline - now);
}

// Sends the statements that begin a transaction (there may be none) on a connection from the pool. A connection that
// died while it lay idle is replaced, because nothing was done on it. The loop terminates: each round closes an old
// connection, and new ones are not tried twice.
absl::StatusOr<Lease> Begin(ConnectionPool& pool, absl::Time deadline, std::initializer_list<absl::string_view> begin) {
  for (;;) {
    ASSIGN_OR_RETURN(Lease lease, pool.Acquire(deadline));
    absl::Status status = Limit(*lease, deadline);
    for (absl::string_view sql : begin) {
      if (status.ok()) status = lease->Execute(sql);
    }
    if (status.ok()) {
      lease->TakeLostTransaction().IgnoreError();
      return lease;
    }
    const bool died_idle = lease->broken() && lease.reused();
    lease.Discard();
    if (!died_idle) return status;
  }
}

void Rollback(Lease& lease) {
  // Closing the connection rolls back, too.
  if (lease->broken() || !lease->Execute("ROLLBACK").ok()) lease.Discard();
}

absl::Status Commit(Lease& lease) {
  absl::Status status = lease->Execute("COMMIT");
  if (status.ok()) return status;
  if (IsCommitRefused(status)) {
    Rollback(lease);
    return status;
  }
  lease.Discard();
  return MarkOutcomeUnknown(status);
}

// Runs the body once, and ends its transaction.
absl::Status Attempt(Lease lease, const Until& until, Body body) {
  // If the body throws, the pool must not get a connection with an open transaction.
  absl::Cleanup discard = [&lease] { lease.Discard(); };
  WithinTime connection(*lease, until);
  absl::Status status = body(connection);
  std::move(discard).Cancel();
  if (absl::Status lost = lease->TakeLostTransaction(); !lost.ok() && !IsRerunnable(status)) status = std::move(lost);
  if (status.ok()) return Commit(lease);
  Rollback(lease);
  return status;
}

absl::Duration Backoff(const RerunPolicy& policy, int attempt) {
  thread_local absl::BitGen random;
  absl::Duration ceiling = policy.first_backoff;
  for (int i = 1; i < attempt && ceiling < policy.max_backoff; ++i) ceiling *= 2;
  ceiling = std::min(ceiling, policy.max_backoff);
  return ceiling * absl::Uniform(random, 0.0, 1.0);  // full jitter, so that transactions in conflict do not meet again
}

}  // namespace

absl::Duration StatementLimit(absl::Duration limit) {
  constexpr int64_t kMin = 64;
  constexpr int64_t kMax = int64_t{1} << 30;  // twelve days, which also stands for an infinite limit
  const int64_t wanted = std::clamp(absl::ToInt64Milliseconds(limit), kMin, kMax);
  return absl::Milliseconds(static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(wanted))));
}

Database::Database(DatabaseOptions options, int max_connections, RerunPolicy policy)
    : pool_(std::move(options), max_connections), policy_(std::move(policy)) {}

absl::Status Database::Transact(Until until, Body body) {
  for (int attempt = 1;; ++attempt) {
    ASSIGN_OR_RETURN(Lease lease, Begin(pool_, until.deadline, {"BEGIN"}));
    absl::Status status = Attempt(std::move(lease), until, body);
    if (!IsRerunnable(status) || attempt >= policy_.max_attempts) return status;
    const absl::Duration pause = Backoff(policy_, attempt);
    if (absl::Now() + pause >= until.deadline) return status;
    policy_.sleep(pause);
  }
}

absl::Status Database::Read(Until until, Body body) {
  for (;;) {
    ASSIGN_OR_RETURN(Lease lease, Begin(pool_, until.deadline, {}));
    const int64_t before = lease->round_trips();
    WithinTime connection(*lease, until);
    absl::Status status = body(connection);
    const bool died_idle = !status.ok() && lease->broken() && lease.reused() && lease->round_trips() == before + 1;
    if (!died_idle) return status;
  }
}

absl::Status Database::Snapshot(Until until, Body body) {
  // With READ COMMITTED the snapshot would be ignored, with no more than a warning.
  ASSIGN_OR_RETURN(Lease lease, Begin(pool_, until.deadline,
                                      {"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                                       "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"}));
  absl::Cleanup discard = [&lease] { lease.Discard(); };
  WithinTime connection(*lease, until);
  absl::Status status = body(connection);
  std::move(discard).Cancel();
  Rollback(lease);
  return status;
}

}  // namespace lmp::storage
