#include "server/workers/event_sequencer.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "server/observe/log.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr int kAtOnce = 1000;
constexpr size_t kMostWritten = 10'000;  // events that are kept until the next pass, some kB each; others are read
constexpr absl::Duration kTimeout = absl::Seconds(30);
// Between two transactions: under load each numbers what was committed meanwhile, so that there are 50 of them a second
// at most, however many commits there are, and writers do not notice. (A pause of up to 50 ms by the number of events
// was tried: writers gained nothing that could be measured.)
constexpr absl::Duration kPause = absl::Milliseconds(20);
constexpr absl::Duration kQuiet = absl::Seconds(1);  // for what others left
constexpr absl::Duration kAfterFailure = absl::Milliseconds(500);
constexpr absl::Duration kComplaintPeriod = absl::Minutes(1);

}  // namespace

void EventSequencer::Start() {
  thread_ = std::thread([this] { Run(); });
}

void EventSequencer::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

void EventSequencer::Committed(std::vector<model::Event> events) {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
  if (events.empty() || written_count_ + events.size() > kMostWritten) return;
  written_count_ += events.size();
  written_.emplace(events.front().event_time, std::move(events));
}

void EventSequencer::TakeWritten(storage::WrittenEvents& written) {
  // Behind a long history that is numbered first, its turn comes late: then it is read.
  size_t kept = 0;
  for (const auto& [time, events] : written) kept += events.size();
  if (kept > kMostWritten) written.clear();
  absl::MutexLock lock(&mutex_);
  written.merge(written_);
  written_.clear();
  written_count_ = 0;
}

void EventSequencer::AskToStop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

void EventSequencer::Stop() {
  AskToStop();
  if (thread_.joinable()) thread_.join();
}

bool EventSequencer::stopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

bool EventSequencer::Wait(absl::Duration longest) {
  absl::MutexLock lock(&mutex_);
  const auto now = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return woken_ || stopping_; };
  mutex_.AwaitWithTimeout(absl::Condition(&now), longest);
  return !stopping_;
}

void EventSequencer::Run() {
  absl::Time last_complaint = absl::InfinitePast();
  do {
    bool woken = false;
    {
      absl::MutexLock lock(&mutex_);
      std::swap(woken, woken_);
    }
    const absl::StatusOr<int64_t> done = woken ? RunOnce() : LookAround();
    if (!done.ok() && absl::Now() - last_complaint > kComplaintPeriod) {
      last_complaint = absl::Now();
      Log(Severity::kWarning, "events could not get their place in the history: it will be tried again",
          {{"error", done.status().message()}});
    }
    if (!done.ok()) {
      absl::SleepFor(kAfterFailure);
      if (woken) Wake();
    } else if (woken) {
      absl::SleepFor(kPause);
    }
  } while (Wait(kQuiet));
}

// Mostly there is nothing: then nothing is locked, and nothing is written.
absl::StatusOr<int64_t> EventSequencer::LookAround() {
  bool any = false;
  RETURN_IF_ERROR(database_.Read(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(any, storage::AnyWithoutSequence(connection));
    return absl::OkStatus();
  }));
  return any ? RunOnce() : 0;
}

// What this server numbered itself must be there. If not, the database is one of before: restored, or a replica that
// was behind when it took over. (Of a cluster, a node that is only behind could not commit new numbers.)
void EventSequencer::NoteHead(const storage::Sequenced& result) {
  if (result.events == 0) return;
  const int64_t began_at = result.head.sequence - result.events;
  if (began_at < numbered_until_) {
    Log(Severity::kError,
        "the database was set back: what was committed last is lost, and watchers are told so; see the runbook, "
        "Restore",
        {{"history_ended_at", began_at}, {"was_known_until", numbered_until_}});
  }
  numbered_until_ = result.head.sequence;
}

absl::StatusOr<int64_t> EventSequencer::RunOnce() {
  int64_t total = 0;
  storage::WrittenEvents written;
  while (!stopping()) {
    const absl::Time start = absl::Now();
    TakeWritten(written);
    storage::Sequenced result;
    RETURN_IF_ERROR(database_.Transact(start + kTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(result, storage::SequenceEvents(connection, kAtOnce, &written));
      return absl::OkStatus();
    }));
    total += result.events;
    NoteHead(result);
    if (result.events > 0 && moved_) moved_(result.head.sequence);
    if (!result.more) break;
    absl::SleepFor(std::max(kPause, absl::Now() - start));  // a history of before: half of the time is left to others
  }
  return total;
}

}  // namespace lmp::server
