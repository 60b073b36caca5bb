#include "server/engine/locked_out.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/engine/guarded.h"
#include "storage/status_macros.h"

namespace lmp::engine {
namespace {

// Most locks belong to another batch and are gone within milliseconds; for others it is enough to look now and then.
constexpr absl::Duration kFirstPause = absl::Milliseconds(2);
constexpr absl::Duration kMaxPause = absl::Milliseconds(50);
// So much before its deadline a call is told why it waits in vain, so that its client still hears it: gRPC rounds
// deadlines of 10 s and more up by as much as 100 ms, and there is a pause before each look.
constexpr absl::Duration kTimeToAnswer = absl::Milliseconds(250);
constexpr absl::Duration kLookTimeout = absl::Seconds(5);
// Everybody waits behind the command that wants the catalog exclusively. So the others get this long to go on before
// the command tries again.
constexpr absl::Duration kCatalogPause = absl::Seconds(2);
// A call that waits elsewhere finds out whether it is free by waiting again, for a second, in which it holds what it
// has got. If it is not, nobody of those who wait so tries for this long.
constexpr absl::Duration kElsewherePause = absl::Seconds(3);

absl::Status StayedLocked() {
  return domain::Refuse(
      absl::StatusCode::kDeadlineExceeded,
      "another call held on to what this one needs until the deadline passed: nothing was changed, ask again",
      {.reason = domain::reason::kDeadlinePassed});
}

absl::Status Stopped() {
  return domain::Refuse(absl::StatusCode::kUnavailable, "the server is shutting down: try again",
                        {.reason = domain::reason::kShuttingDown});
}

// Why the call need not wait any longer; OK if it must. It ends a moment before its deadline, so that its caller still
// hears the reason.
absl::Status WhyNot(const Mutation& mutation, absl::Time now) {
  if (now + kTimeToAnswer >= mutation.deadline) return StayedLocked();
  if (mutation.gone && mutation.gone()) return absl::CancelledError("the caller gave up before the call was run");
  return absl::OkStatus();
}

bool Share(const std::set<model::RowKey>& one, const std::set<model::RowKey>& other) {
  return std::any_of(one.begin(), one.end(), [&](const model::RowKey& key) { return other.contains(key); });
}

bool Share(const storage::LockedRows& one, const storage::LockedRows& other) {
  return Share(one.rows, other.rows) || Share(one.pools, other.pools);
}

bool HasAll(const storage::LockedRows& all, const storage::LockedRows& some) {
  const auto among = [](const auto& set) { return [&](const auto& one) { return set.contains(one); }; };
  return std::all_of(some.rows.begin(), some.rows.end(), among(all.rows)) &&
         std::all_of(some.pools.begin(), some.pools.end(), among(all.pools));
}

// Adds what a batch finds locked only by waiting. Customers and keys it finds out by itself.
void NoteStuck(const storage::LockedRows& rows, storage::LockedRows& stuck) {
  stuck.pools.insert(rows.pools.begin(), rows.pools.end());
  stuck.rows.merge(storage::CatalogRowsAmong(rows.rows));
}

}  // namespace

LockedOut::LockedOut(storage::Database& database, const BatcherOptions& options, Run run)
    : database_(database), options_(options), run_(std::move(run)), thread_([this] { Work(); }) {}

void LockedOut::Add(Mutation mutation, storage::LockedRows rows) {
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) {
      refused = Stopped();
    } else if (waiting_.size() >= options_.max_queue || bytes_ + mutation.bytes > options_.max_queue_bytes) {
      refused = absl::ResourceExhaustedError("too many calls wait for what others have locked");
    } else {
      bytes_ += mutation.bytes;
      const absl::Time now = absl::Now();
      const absl::Time not_before = rows.catalog ? now + kCatalogPause : absl::InfinitePast();
      if (rows.elsewhere) next_elsewhere_ = now + kElsewherePause;
      NoteStuck(rows, stuck_);
      waiting_.push_back({std::move(mutation), std::move(rows), not_before});
      return;
    }
  }
  mutation.done(refused);
}

void LockedOut::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  if (thread_.joinable()) thread_.join();
  std::list<Waiting> left;
  {
    absl::MutexLock lock(&mutex_);
    left.swap(waiting_);
    stuck_ = {};
    bytes_ = 0;
  }
  for (Waiting& waiting : left) waiting.mutation.done(Stopped());
}

storage::LockedRows LockedOut::Stuck() const {
  absl::MutexLock lock(&mutex_);
  return stuck_;
}

void LockedOut::Work() {
  absl::Duration pause = kFirstPause;
  for (;;) {
    {
      absl::MutexLock lock(&mutex_, absl::Condition(this, &LockedOut::HasWork));
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopped_), pause)) return;
    }
    pause = RunFree() ? kFirstPause : std::min(2 * pause, kMaxPause);
  }
}

bool LockedOut::RunFree() {
  EndDead();
  const storage::LockedRows wanted = Wanted();
  const absl::StatusOr<storage::LockedRows> locked = wanted.empty() ? storage::LockedRows() : Look(wanted);
  if (!locked.ok()) return false;
  std::vector<Mutation> free = TakeFree(wanted, *locked);
  if (free.empty()) return false;
  run_(std::move(free));
  return true;
}

absl::StatusOr<storage::LockedRows> LockedOut::Look(const storage::LockedRows& wanted) const {
  storage::LockedRows locked;
  RETURN_IF_ERROR(Guarded("a look at locks", [&] {
    return database_.Read(absl::Now() + kLookTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(locked, StillLocked(connection, wanted));
      return absl::OkStatus();
    });
  }));
  return locked;
}

void LockedOut::EndDead() {
  std::vector<std::pair<Mutation, absl::Status>> dead;
  {
    absl::MutexLock lock(&mutex_);
    const absl::Time now = absl::Now();
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      absl::Status why = WhyNot(it->mutation, now);
      if (why.ok()) {
        ++it;
      } else {
        dead.emplace_back(std::move(it->mutation), std::move(why));
        it = Remove(it);
      }
    }
  }
  for (auto& [mutation, why] : dead) mutation.done(why);
}

storage::LockedRows LockedOut::Wanted() const {
  storage::LockedRows wanted;
  absl::MutexLock lock(&mutex_);
  for (const Waiting& waiting : waiting_) {
    wanted.rows.insert(waiting.rows.rows.begin(), waiting.rows.rows.end());
    wanted.pools.insert(waiting.rows.pools.begin(), waiting.rows.pools.end());
  }
  return wanted;
}

std::vector<Mutation> LockedOut::TakeFree(const storage::LockedRows& wanted, const storage::LockedRows& locked) {
  std::vector<Mutation> free;
  absl::MutexLock lock(&mutex_);
  stuck_ = {};
  NoteStuck(locked, stuck_);
  for (const Waiting& waiting : waiting_) {  // who came meanwhile has not been looked for
    if (!HasAll(wanted, waiting.rows)) NoteStuck(waiting.rows, stuck_);
  }
  const absl::Time now = absl::Now();
  const auto may_run = [&](const Waiting& waiting) {
    return now >= waiting.not_before && HasAll(wanted, waiting.rows) && !Share(waiting.rows, locked);
  };
  for (auto it = waiting_.begin(); it != waiting_.end() && free.size() < options_.max_batch;) {
    if (it->rows.elsewhere || !may_run(*it)) {
      ++it;
    } else {
      free.push_back(std::move(it->mutation));
      it = Remove(it);
    }
  }
  if (!free.empty()) return free;
  const auto elsewhere = std::find_if(waiting_.begin(), waiting_.end(), may_run);
  if (elsewhere == waiting_.end() || now < next_elsewhere_) return free;
  free.push_back(std::move(elsewhere->mutation));
  Remove(elsewhere);
  return free;
}

std::list<LockedOut::Waiting>::iterator LockedOut::Remove(std::list<Waiting>::iterator it) {
  bytes_ -= it->mutation.bytes;
  return waiting_.erase(it);
}

}  // namespace lmp::engine
