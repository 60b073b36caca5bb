#include "storage/mysql/database.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "storage/mysql/errors.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr absl::Duration kDefaultLimit = absl::Seconds(30);  // for a statement whose transaction has no deadline
// For a node of a cluster to catch up: whoever waits holds a connection, and the place of a list.
constexpr absl::Duration kMaxCatchUp = absl::Seconds(8);

using Body = absl::FunctionRef<absl::Status(Connection&)>;
using Lease = ConnectionPool::Lease;

int64_t RowsOf(const absl::Status&) { return 0; }
int64_t RowsOf(const absl::StatusOr<std::unique_ptr<ResultSet>>& rows) { return rows.ok() ? (*rows)->row_count() : 0; }
int64_t RowsOf(const absl::StatusOr<int64_t>& matched) { return matched.ok() ? *matched : 0; }

// Where statements are counted: for all, and for the work that they are part of, if that is noted.
struct Book {
  DatabaseCounters& counters;
  DatabaseWork* work;

  template <class Send>
  auto Count(absl::string_view sql, const Send& send) const {
    const absl::Time began = absl::Now();
    auto result = send();
    const absl::Duration took = absl::Now() - began;
    StatementStats::Counters& name = counters.statements.Of(sql);
    const int64_t rows = RowsOf(result);
    name.count.fetch_add(1, std::memory_order_relaxed);
    if (!result.ok()) name.failed.fetch_add(1, std::memory_order_relaxed);
    if (rows > 0) name.rows.fetch_add(rows, std::memory_order_relaxed);
    name.nanoseconds.fetch_add(absl::ToInt64Nanoseconds(took), std::memory_order_relaxed);
    if (work != nullptr) {
      work->Add(name, rows, took);
      work->database += took;
    }
    return result;
  }
};

void Add(std::atomic<int64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

// A connection for one body, which keeps to its caller's time.
class WithinTime final : public Connection {
 public:
  WithinTime(Connection& connection, const Until& until, const Book& book)
      : connection_(connection), until_(until), book_(book), limit_(StatementLimit(until.deadline - absl::Now())) {}

  absl::Status Execute(absl::string_view sql) override {
    RETURN_IF_ERROR(Continue());
    return book_.Count(sql, [&] { return connection_.Execute(sql); });
  }
  absl::StatusOr<std::unique_ptr<ResultSet>> Query(const std::string& sql, const std::vector<Value>& params) override {
    RETURN_IF_ERROR(Continue());
    return book_.Count(sql, [&] { return connection_.Query(sql, params); });
  }
  absl::StatusOr<int64_t> Update(const std::string& sql, const std::vector<Value>& params) override {
    RETURN_IF_ERROR(Continue());
    return book_.Count(sql, [&] { return connection_.Update(sql, params); });
  }
  absl::Status LimitStatements(absl::Duration limit) override { return connection_.LimitStatements(limit); }
  bool broken() const override { return connection_.broken(); }
  absl::Status TakeLostTransaction() override { return connection_.TakeLostTransaction(); }
  bool is_mariadb() const override { return connection_.is_mariadb(); }
  bool is_cluster_node() const override { return connection_.is_cluster_node(); }
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
  const Book book_;
  absl::Duration limit_;  // the limit of a statement that is set now
};

absl::Status Limit(Connection& connection, absl::Time deadline) {
  const absl::Time now = absl::Now();
  if (deadline <= now) return absl::DeadlineExceededError("no time left for the database");
  return connection.LimitStatements(deadline == absl::InfiniteFuture() ? kDefaultLimit : deadline - now);
}

// Of a cluster: waits until this node has what was committed on any. In a transaction it would not wait.
absl::Status CatchUp(Lease& lease, const Book& book, absl::Time deadline) {
  constexpr char kCatchUp[] = "SET STATEMENT wsrep_sync_wait=1 FOR SELECT 1";
  if (!lease->is_cluster_node()) return absl::OkStatus();
  RETURN_IF_ERROR(lease->LimitStatements(std::min(deadline - absl::Now(), kMaxCatchUp)));
  const absl::Status status = book.Count(kCatchUp, [&] { return lease->Query(kCatchUp, {}).status(); });
  // The driver's words would be of a lock, or of a deadline.
  if (absl::IsAborted(status) || absl::IsDeadlineExceeded(status))
    return absl::UnavailableError("this node of the database is far behind the others");
  return status;
}

// Sends the statements that begin a transaction (there may be none) on a connection from the pool. A connection that
// died while it lay idle is replaced, because nothing was done on it. The loop terminates: each round closes an old
// connection, and new ones are not tried twice.
absl::StatusOr<Lease> Begin(ConnectionPool& pool, absl::Time deadline, const Book& book, Reach reach,
                            std::initializer_list<absl::string_view> begin) {
  for (;;) {
    const absl::Time asked = absl::Now();
    absl::StatusOr<Lease> acquired = pool.Acquire(deadline);
    if (book.work != nullptr) book.work->connection += absl::Now() - asked;
    ASSIGN_OR_RETURN(Lease lease, std::move(acquired));
    absl::Status status = reach == Reach::kCluster ? CatchUp(lease, book, deadline) : absl::OkStatus();
    if (status.ok()) status = Limit(*lease, deadline);
    for (absl::string_view sql : begin) {
      if (status.ok()) status = book.Count(sql, [&] { return lease->Execute(sql); });
    }
    if (status.ok()) {
      lease->TakeLostTransaction().IgnoreError();
      return lease;
    }
    if (lease->broken()) Add(book.counters.connections_lost);
    const bool died_idle = lease->broken() && lease.reused();
    lease.Discard();
    if (!died_idle) return status;
  }
}

void Rollback(Lease& lease) {
  // Closing the connection rolls back, too.
  if (lease->broken() || !lease->Execute("ROLLBACK").ok()) lease.Discard();
}

absl::Status Commit(Lease& lease, const Book& book) {
  const absl::Time began = absl::Now();
  const auto commit = [&] { return lease->Execute("COMMIT"); };
  absl::Status status = Book{book.counters, nullptr}.Count("COMMIT", commit);
  if (book.work != nullptr) {
    ++book.work->statements;
    book.work->commit_began = began;
    book.work->commit += absl::Now() - began;
  }
  if (status.ok()) return status;
  if (IsCommitRefused(status)) {
    Rollback(lease);
    return status;
  }
  if (lease->broken()) Add(book.counters.connections_lost);
  lease.Discard();
  Add(book.counters.unknown_outcomes);
  return MarkOutcomeUnknown(status);
}

// Runs the body once, and ends its transaction.
absl::Status Attempt(Lease lease, const Until& until, const Book& book, Body body) {
  // If the body throws, the pool must not get a connection with an open transaction.
  absl::Cleanup discard = [&lease] { lease.Discard(); };
  WithinTime connection(*lease, until, book);
  absl::Status status = body(connection);
  std::move(discard).Cancel();
  if (absl::Status lost = lease->TakeLostTransaction(); !lost.ok() && !IsRerunnable(status)) status = std::move(lost);
  if (status.ok()) return Commit(lease, book);
  if (lease->broken()) Add(book.counters.connections_lost);
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

// Counts why a transaction is to run again; a conflict that another node of a cluster found is only a rerun.
void CountConflict(const absl::Status& status, DatabaseCounters& counters) {
  const std::optional<int> number = MysqlErrno(status);
  if (number.has_value()) Add(UndoesTransaction(*number) ? counters.deadlocks : counters.lock_timeouts);
}

// Notes when work on the database began and ended, all its runs together.
class Noted final {
 public:
  explicit Noted(DatabaseWork* work) : work_(work) {
    if (work_ != nullptr)
      if (work_->began == absl::InfinitePast()) work_->began = absl::Now();
  }
  ~Noted() {
    if (work_ != nullptr) work_->ended = absl::Now();
  }
  Noted(const Noted&) = delete;
  Noted& operator=(const Noted&) = delete;
  void Run() const {
    if (work_ != nullptr) ++work_->runs;
  }

 private:
  DatabaseWork* const work_;
};

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
  const Book book{counters_, until.work};
  const Noted noted(until.work);
  for (int attempt = 1;; ++attempt) {
    noted.Run();
    ASSIGN_OR_RETURN(Lease lease, Begin(pool_, until.deadline, book, Reach::kNode, {"BEGIN"}));
    absl::Status status = Attempt(std::move(lease), until, book, body);
    if (!IsRerunnable(status)) return status;
    CountConflict(status, counters_);
    if (attempt >= policy_.max_attempts) return status;
    const absl::Duration pause = Backoff(policy_, attempt);
    if (absl::Now() + pause >= until.deadline) return status;
    policy_.sleep(pause);
    Add(counters_.reruns);
  }
}

absl::Status Database::Read(Until until, Body body) {
  const Book book{counters_, until.work};
  const Noted noted(until.work);
  for (;;) {
    noted.Run();
    ASSIGN_OR_RETURN(Lease lease, Begin(pool_, until.deadline, book, Reach::kNode, {}));
    const int64_t before = lease->round_trips();
    WithinTime connection(*lease, until, book);
    absl::Status status = body(connection);
    if (lease->broken()) Add(counters_.connections_lost);
    const bool died_idle = !status.ok() && lease->broken() && lease.reused() && lease->round_trips() == before + 1;
    if (!died_idle) return status;
  }
}

absl::Status Database::Snapshot(Until until, Body body, Reach reach) {
  // With READ COMMITTED the snapshot would be ignored, with no more than a warning.
  const Book book{counters_, until.work};
  const Noted noted(until.work);
  noted.Run();
  ASSIGN_OR_RETURN(Lease lease, Begin(pool_, until.deadline, book, reach,
                                      {"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                                       "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"}));
  absl::Cleanup discard = [&lease] { lease.Discard(); };
  WithinTime connection(*lease, until, book);
  absl::Status status = body(connection);
  std::move(discard).Cancel();
  if (lease->broken()) Add(counters_.connections_lost);
  Rollback(lease);
  return status;
}

}  // namespace lmp::storage
