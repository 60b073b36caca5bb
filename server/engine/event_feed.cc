#include "server/engine/event_feed.h"

#include <algorithm>
#include <optional>

#include "absl/time/clock.h"
#include "server/engine/guarded.h"
#include "storage/model/partner.h"
#include "storage/status_macros.h"

namespace lmp::engine {
namespace {

constexpr size_t kMostLooks = 100;              // that are remembered while events wait for their numbers
constexpr int kAtOnce = 500;                    // events of one reading
constexpr size_t kMaxBytes = size_t{16} << 20;  // of the buffer
// For what other servers numbered: one row by its key. What this one numbered is known at once. Nobody waits for what
// comes after a quiet time as for the next of many.
constexpr absl::Duration kPoll = absl::Milliseconds(25), kQuietPoll = absl::Milliseconds(40);
constexpr absl::Duration kQuiet = absl::Seconds(1);
constexpr absl::Duration kTick = absl::Milliseconds(500);  // for checkpoints, and for whoever takes nothing
constexpr absl::Duration kTimeout = absl::Seconds(10);
constexpr absl::Duration kAfterFailure = absl::Milliseconds(250);
constexpr int kMostFailures = 20;  // in a row; then watchers read for themselves what the feed can't
constexpr absl::Duration kComplaintPeriod = absl::Minutes(1);

size_t BytesOf(const FedTransaction& transaction) {
  size_t bytes = sizeof(FedTransaction) + transaction.events.size() * sizeof(model::Event);
  for (const RenderedEvent& text : transaction.rendered) bytes += text.event.size() + text.fact.size();
  return bytes;
}

// What was read before a customer was erased may tell of it: whoever has not taken it yet reads the history anew.
bool Erases(const FedTransaction& transaction) {
  return std::any_of(transaction.events.begin(), transaction.events.end(),
                     [](const model::Event& event) { return event.kind == model::kCustomerErased; });
}

// What follows a place up to the head, or the first part of it. None if the history that the database has now does not
// go through that place.
absl::StatusOr<std::optional<FedTransactions>> ReadOn(storage::Connection& connection, const RenderEvents& render,
                                                      const storage::HistoryHead& from, int64_t head) {
  for (int limit = kAtOnce;; limit *= 4) {
    ASSIGN_OR_RETURN(
        std::vector<model::Event> events,
        storage::LoadBySequence(connection, {.after = from.sequence - 1, .before = head + 1, .limit = limit}));
    const bool all = std::ssize(events) < limit;
    if (from.sequence > 0) {
      const bool through =
          !events.empty() && events.front().sequence == from.sequence && events.front().chain_hash == from.chain_hash;
      if (!through) return std::nullopt;
      events.erase(events.begin());
    }
    if (events.empty()) return absl::DataLossError("the history has a gap before its head");
    ASSIGN_OR_RETURN(FedTransactions transactions, ToTransactions(connection, render, std::move(events), all));
    if (!transactions.empty()) return transactions;
  }
}

}  // namespace

absl::StatusOr<FedTransactions> ToTransactions(storage::Connection& connection, const RenderEvents& render,
                                               std::vector<model::Event> events, bool all) {
  FedTransactions transactions;
  if (!all && !events.empty() && events.back().sequence != events.back().transaction_end) {
    const int64_t cut = events.back().transaction_end;
    std::erase_if(events, [cut](const model::Event& event) { return event.transaction_end == cut; });
  }
  ASSIGN_OR_RETURN(std::vector<RenderedEvent> rendered, render(connection, events));
  std::shared_ptr<FedTransaction> current;
  for (size_t i = 0; i < events.size(); ++i) {
    if (current == nullptr || current->events.back().transaction_end != events[i].transaction_end) {
      current = std::make_shared<FedTransaction>();
      transactions.push_back(current);
    }
    if (events[i].row_table != model::Partner::kTable) events[i].after.clear();
    events[i].before.reset();
    current->events.push_back(std::move(events[i]));
    current->rendered.push_back(std::move(rendered[i]));
  }
  return transactions;
}

void EventFeed::Start() {
  thread_ = std::thread([this] { Run(); });
}

void EventFeed::Drain() {
  {
    absl::MutexLock lock(&mutex_);
    draining_ = true;
  }
  WakeAll();
}

bool EventFeed::draining() const {
  absl::MutexLock lock(&mutex_);
  return draining_;
}

void EventFeed::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void EventFeed::Moved(int64_t head) {
  absl::MutexLock lock(&mutex_);
  head_ = std::max(head_, head);
}

int64_t EventFeed::Join(std::function<void()> wake) {
  absl::MutexLock lock(&mutex_);
  watchers_.emplace(++last_watcher_, std::make_shared<const std::function<void()>>(std::move(wake)));
  return last_watcher_;
}

void EventFeed::Leave(int64_t watcher) {
  absl::MutexLock lock(&mutex_);
  watchers_.erase(watcher);
}

size_t EventFeed::watchers() const {
  absl::MutexLock lock(&mutex_);
  return watchers_.size();
}

int64_t EventFeed::era() const {
  absl::MutexLock lock(&mutex_);
  return era_;
}

EventFeed::Look EventFeed::After(int64_t sequence, int64_t era) const {
  absl::MutexLock lock(&mutex_);
  if (end_.sequence >= 0 && era != era_) return {.place = Place::kBehind};
  if (sequence >= end_.sequence) return {.place = Place::kAtEnd, .complete_until = complete_until_};
  if (sequence < begin_) return {.place = Place::kBehind};
  const auto next =
      std::upper_bound(buffer_.begin(), buffer_.end(), sequence,
                       [](int64_t place, const auto& transaction) { return place < transaction->last(); });
  if (next == buffer_.end()) return {.place = Place::kBehind};
  return {.place = Place::kHere, .next = *next};
}

bool EventFeed::Wait(absl::Duration poll) {
  absl::MutexLock lock(&mutex_);
  const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || (!watchers_.empty() && head_ > end_.sequence);
  };
  const auto anybody = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !watchers_.empty(); };
  if (watchers_.empty()) {
    // What lies in the buffer may be far behind when the next one comes.
    buffer_.clear();
    bytes_ = 0;
    begin_ = -1;
    end_ = {-1, ""};
    complete_until_ = absl::InfinitePast();
    mutex_.Await(absl::Condition(&anybody));
  } else {
    mutex_.AwaitWithTimeout(absl::Condition(&something), poll);
  }
  return !stopping_;
}

void EventFeed::Run() {
  absl::Time last_wake = absl::InfinitePast(), last_news = absl::InfinitePast(), last_complaint = absl::InfinitePast();
  int failures = 0;
  while (Wait(absl::Now() - last_news < kQuiet ? kPoll : kQuietPoll)) {
    const absl::StatusOr<bool> news = Guarded("the feed of events", [this] { return Read(); });
    failures = news.ok() ? 0 : failures + 1;
    if (!news.ok()) {
      if (failed_ && absl::Now() - last_complaint > kComplaintPeriod) {
        last_complaint = absl::Now();
        failed_(news.status());
      }
      absl::SleepFor(kAfterFailure);
      // Nobody would miss events unseen: each watcher is told what is wrong by its own reading, or gets over it.
      if (failures % kMostFailures == 0) SkipToHead().IgnoreError();  // the database is away: readiness says so
    }
    if (news.ok() && *news) last_news = absl::Now();
    if ((news.ok() && *news) || absl::Now() - last_wake >= kTick) {
      last_wake = absl::Now();
      WakeAll();
    }
  }
}

absl::Time EventFeed::Now() const { return clock_ ? clock_() : absl::Now(); }

// An event that was visible at an earlier look has an id up to the largest one then. If it had no number yet, it would
// be seen now without one. So if all events without a number have larger ids, what was committed by that look has its
// number.
absl::Time EventFeed::CompleteUntil(const storage::HistoryProgress& progress, absl::Time now) {
  if (looks_.size() < kMostLooks) looks_.emplace_back(now, progress.last_event);
  while (!looks_.empty() && looks_.front().second < progress.first_without) {
    numbered_until_ = looks_.front().first;
    looks_.pop_front();
  }
  return numbered_until_;
}

storage::HistoryHead EventFeed::TakeEnd() {
  absl::MutexLock lock(&mutex_);
  head_ = std::min(head_, end_.sequence);
  return end_;
}

absl::StatusOr<bool> EventFeed::Read() {
  const storage::HistoryHead from = TakeEnd();
  const absl::Time now = Now();
  storage::HistoryProgress progress;
  int64_t latest = 0;
  RETURN_IF_ERROR(database_.Read(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(progress, storage::LoadHistoryProgress(connection));
    latest = progress.head.sequence;
    if (latest >= from.sequence) return absl::OkStatus();
    ASSIGN_OR_RETURN(latest, storage::LatestSequence(connection));
    return absl::OkStatus();
  }));
  const storage::HistoryHead& head = progress.head;
  const bool behind = head.sequence < from.sequence;
  if (behind && latest >= from.sequence) return false;  // a node of a cluster that has yet to come so far
  std::optional<FedTransactions> transactions;
  if (head.sequence == from.sequence && head.chain_hash == from.chain_hash) {
    Add({}, from, head.sequence, CompleteUntil(progress, now));
    return false;
  }
  if (from.sequence >= 0 && head.sequence > from.sequence) {
    RETURN_IF_ERROR(database_.Snapshot(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(transactions, ReadOn(connection, render_, from, head.sequence));
      return absl::OkStatus();
    }));
  }
  if (!transactions.has_value()) {  // the first look; or the database was set back, and may have gone on elsewhere
    BeginAnew(progress, now);
    return true;
  }
  const absl::Time complete_until = CompleteUntil(progress, now);
  const storage::HistoryHead end{transactions->back()->last(), transactions->back()->chain_hash()};
  Add(*std::move(transactions), end, head.sequence,
      end.sequence == head.sequence ? complete_until : absl::InfinitePast());
  return true;
}

absl::Status EventFeed::SkipToHead() {
  const absl::Time now = Now();
  storage::HistoryProgress progress;
  RETURN_IF_ERROR(database_.Read(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(progress, storage::LoadHistoryProgress(connection));
    return absl::OkStatus();
  }));
  BeginAnew(progress, now);
  return absl::OkStatus();
}

void EventFeed::BeginAnew(const storage::HistoryProgress& progress, absl::Time now) {
  looks_.clear();
  numbered_until_ = absl::InfinitePast();
  const absl::Time complete_until = CompleteUntil(progress, now);
  absl::MutexLock lock(&mutex_);
  buffer_.clear();
  bytes_ = 0;
  begin_ = progress.head.sequence;
  end_ = progress.head;
  complete_until_ = complete_until;
  ++era_;
}

void EventFeed::Add(FedTransactions transactions, const storage::HistoryHead& end, int64_t head,
                    absl::Time complete_until) {
  absl::MutexLock lock(&mutex_);
  complete_until_ = std::max(complete_until_, complete_until);
  for (auto& transaction : transactions) {
    if (Erases(*transaction)) {
      buffer_.clear();
      bytes_ = 0;
      begin_ = transaction->first() - 1;
    }
    bytes_ += BytesOf(*transaction);
    buffer_.push_back(std::move(transaction));
  }
  end_ = end;
  head_ = std::max(head_, head);
  while (bytes_ > kMaxBytes && buffer_.size() > 1) {
    bytes_ -= BytesOf(*buffer_.front());
    begin_ = buffer_.front()->last();
    buffer_.pop_front();
  }
}

void EventFeed::WakeAll() {
  std::vector<std::shared_ptr<const std::function<void()>>> wakes;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, wake] : watchers_) wakes.push_back(wake);
  }
  for (const auto& wake : wakes) (*wake)();
}

}  // namespace lmp::engine
