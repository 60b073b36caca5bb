#include "server/engine/event_feed.h"

#include <algorithm>

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

EventFeed::Look EventFeed::After(int64_t sequence) const {
  absl::MutexLock lock(&mutex_);
  if (end_ < 0 || sequence >= end_) return {.place = Place::kAtEnd, .complete_until = complete_until_};
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
    return stopping_ || (!watchers_.empty() && head_ > end_);
  };
  const auto anybody = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !watchers_.empty(); };
  if (watchers_.empty()) {
    // What lies in the buffer may be far behind when the next one comes.
    buffer_.clear();
    bytes_ = 0;
    begin_ = end_ = -1;
    complete_until_ = absl::InfinitePast();
    mutex_.Await(absl::Condition(&anybody));
  } else {
    mutex_.AwaitWithTimeout(absl::Condition(&something), poll);
  }
  return !stopping_;
}

void EventFeed::Run() {
  absl::Time last_wake = absl::InfinitePast(), last_news = absl::InfinitePast();
  while (Wait(absl::Now() - last_news < kQuiet ? kPoll : kQuietPoll)) {
    const absl::StatusOr<bool> news = Guarded("the feed of events", [this] { return Read(); });
    if (!news.ok()) absl::SleepFor(kAfterFailure);  // the database is away: readiness says so
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

absl::StatusOr<bool> EventFeed::Read() {
  int64_t from = 0;
  {
    absl::MutexLock lock(&mutex_);
    from = end_;
  }
  if (from < 0) {
    looks_.clear();
    numbered_until_ = absl::InfinitePast();
  }
  const absl::Time now = Now();
  storage::HistoryProgress progress;
  RETURN_IF_ERROR(database_.Read(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(progress, storage::LoadHistoryProgress(connection));
    return absl::OkStatus();
  }));
  const storage::HistoryHead& head = progress.head;
  const absl::Time complete_until = CompleteUntil(progress, now);
  if (from < 0 || head.sequence <= from) {  // the first look; or nothing is new; or the database was set back
    const bool news = head.sequence != from;
    Add({}, head.sequence, complete_until);
    return news;
  }
  FedTransactions transactions;
  RETURN_IF_ERROR(database_.Snapshot(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
    for (int limit = kAtOnce; transactions.empty(); limit *= 4) {
      ASSIGN_OR_RETURN(
          std::vector<model::Event> events,
          storage::LoadBySequence(connection, {.after = from, .before = head.sequence + 1, .limit = limit}));
      const bool all = static_cast<int>(events.size()) < limit;
      if (events.empty()) return absl::DataLossError("the history has a gap before its head");
      ASSIGN_OR_RETURN(transactions, ToTransactions(connection, render_, std::move(events), all));
    }
    return absl::OkStatus();
  }));
  const int64_t end = transactions.back()->last();
  Add(std::move(transactions), end, end == head.sequence ? complete_until : absl::InfinitePast());
  return true;
}

void EventFeed::Add(FedTransactions transactions, int64_t end, absl::Time complete_until) {
  absl::MutexLock lock(&mutex_);
  complete_until_ = std::max(end < end_ ? absl::InfinitePast() : complete_until_, complete_until);
  if (transactions.empty() && end != end_) {
    buffer_.clear();
    bytes_ = 0;
    begin_ = end;
  }
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
  head_ = std::max(head_, end);
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
