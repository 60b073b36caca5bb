#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/rpcs/history_head.h"
#include "server/rpcs/rpc.h"
#include "server/rpcs/stream.h"
#include "server/rpcs/watch_places.h"
#include "server/rpcs/watch_query.h"
#include "storage/history_chain.h"
#include "storage/status_macros.h"

namespace lmp::rpcs {
namespace {

using auth::Permission;
using engine::EventFeed;
using engine::FedTransaction;

constexpr absl::Duration kPatience = absl::Minutes(1);  // with a client that takes nothing
constexpr absl::Duration kReadTimeout = absl::Seconds(30);
// Events that who is behind reads at once: few at first, as many a client leaves soon, and then more and more.
constexpr int kFirstPage = 32;
constexpr int kLargestPage = 512;
// A message ends after the event that reaches this size, because clients accept 4 MiB unless told otherwise.
constexpr size_t kMaxItemBytes = 2 << 20;
constexpr int kMaxFailures = 60;  // readings in a row; one in a tick of the feed

// A stream under way. It does one thing at a time: reads a part of the history, or sends a message; in between it looks
// for what is next. Its mutex is never held while it calls others.
class Watch final : public Stream::Listener, public std::enable_shared_from_this<Watch> {
 public:
  Watch(const Backend& backend, WatchQuery query, std::shared_ptr<Stream> stream, std::shared_ptr<const void> own_place)
      : backend_(backend), query_(std::move(query)), stream_(std::move(stream)), own_place_(std::move(own_place)) {}

  void Open() ABSL_LOCKS_EXCLUDED(mutex_);
  void OnSent() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnGone() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Step {
    enum class Kind { kNothing, kAgain, kSend, kRead, kEnd, kAbort } kind = Kind::kNothing;
    std::string message;
    absl::Status status;
  };

  void Begin(const absl::Status& opened) ABSL_LOCKS_EXCLUDED(mutex_);
  void Pump() ABSL_LOCKS_EXCLUDED(mutex_);
  Step NextStep() ABSL_LOCKS_EXCLUDED(mutex_);
  Step Next(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Step Tell(std::shared_ptr<const FedTransaction> transaction, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Step TellOn(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Step Checkpoint(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Step Snapshot(v1::SnapshotPart part, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Step MessageWith(WatchEnvelope envelope, const std::string& items, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadOn() ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeOver(absl::StatusOr<Part> part, int64_t era) ABSL_LOCKS_EXCLUDED(mutex_);
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);
  // Reads in a snapshot, in the lane of streams; `done` is called once.
  void Submit(storage::Reach reach, std::function<absl::Status(const Reading&)> read,
              std::function<void(absl::Status)> done);

  const Backend& backend_;
  const WatchQuery query_;
  const std::shared_ptr<Stream> stream_;
  const std::shared_ptr<const void> own_place_;  // among all streams
  std::atomic<bool> gone_ = false;
  absl::Mutex mutex_;
  EventScope scope_ ABSL_GUARDED_BY(mutex_);
  Place place_ ABSL_GUARDED_BY(mutex_);
  int64_t era_ ABSL_GUARDED_BY(mutex_) = 0;  // of the feed, from before the database was last asked about the place
  std::shared_ptr<const FedTransaction> telling_ ABSL_GUARDED_BY(mutex_);  // too much for one message
  size_t told_ ABSL_GUARDED_BY(mutex_) = 0;                                // of its events
  std::deque<std::shared_ptr<const FedTransaction>> pending_
      ABSL_GUARDED_BY(mutex_);  // of what was read; then `after_` is the place
  std::optional<Place> after_ ABSL_GUARDED_BY(mutex_);
  std::optional<storage::SnapshotCursor> snapshot_ ABSL_GUARDED_BY(mutex_);  // what is next of it; none: it is complete
  bool began_snapshot_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time complete_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // of what was told (WatchEnvelope)
  enum class Busy { kNo, kReading, kSending } busy_ ABSL_GUARDED_BY(mutex_) = Busy::kReading;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool said_farewell_ ABSL_GUARDED_BY(mutex_) = false;
  bool wait_ ABSL_GUARDED_BY(mutex_) = false;  // for the next tick, after a failure
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  int page_ ABSL_GUARDED_BY(mutex_) = kFirstPage;
  absl::Time last_sent_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t watcher_ ABSL_GUARDED_BY(mutex_) = 0;
};

void Watch::Submit(storage::Reach reach, std::function<absl::Status(const Reading&)> read,
                   std::function<void(absl::Status)> done) {
  engine::Query query;
  query.reach = reach;
  query.caller = stream_->caller();
  query.deadline = absl::Now() + kReadTimeout;
  query.gone = [self = shared_from_this()] { return self->gone_.load(); };
  query.list = [self = shared_from_this(), read = std::move(read)](
                   storage::Connection& connection, const domain::Env& env) -> absl::StatusOr<std::string> {
    RETURN_IF_ERROR(read(Reading{connection, self->backend_.cache, self->backend_.tokens, env}));
    return std::string();
  };
  query.done = [done = std::move(done)](const absl::StatusOr<std::string>& result) { done(result.status()); };
  backend_.streams.Submit(std::move(query));
}

void Watch::Open() {
  if (backend_.feed.draining()) {
    return stream_->End(domain::Refuse(absl::StatusCode::kUnavailable, "the server is shutting down: try again",
                                       {.reason = domain::reason::kShuttingDown}));
  }
  stream_->Listen(shared_from_this());
  // A token may be of a server on another node.
  Submit(
      query_.place.has_value() ? storage::Reach::kCluster : storage::Reach::kNode,
      [this, era = backend_.feed.era()](const Reading& reading) -> absl::Status {
        EventScope scope = query_.scope;
        RETURN_IF_ERROR(CheckScope(reading, scope));
        ASSIGN_OR_RETURN(scope.visible, VisibleEvents::Load(reading.connection, reading.env.caller));
        ASSIGN_OR_RETURN(Place place, StartOf(reading.connection, query_));
        absl::MutexLock lock(&mutex_);
        scope_ = std::move(scope);
        place_ = std::move(place);
        era_ = era;
        if (query_.snapshot) snapshot_.emplace();
        return absl::OkStatus();
      },
      [self = shared_from_this()](const absl::Status& status) { self->Begin(status); });
}

void Watch::Begin(const absl::Status& opened) {
  if (!opened.ok()) {
    Close();
    return stream_->End(opened);
  }
  const int64_t watcher = backend_.feed.Join([self = shared_from_this()] {
    {
      absl::MutexLock lock(&self->mutex_);
      self->wait_ = false;
    }
    self->Pump();
  });
  {
    absl::MutexLock lock(&mutex_);
    watcher_ = watcher;
    busy_ = Busy::kNo;
  }
  if (gone_) return Close();
  Pump();
}

void Watch::OnSent() {
  {
    absl::MutexLock lock(&mutex_);
    if (busy_ == Busy::kSending) busy_ = Busy::kNo;
  }
  Pump();
}

void Watch::OnGone() {
  gone_ = true;
  Close();
}

// No circle of those who know each other is left: the feed forgets the watch, and the stream its listener.
void Watch::Close() {
  int64_t watcher = 0;
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
    watcher = std::exchange(watcher_, 0);
  }
  if (watcher != 0) backend_.feed.Leave(watcher);
}

void Watch::Pump() {
  for (;;) {
    Step step = NextStep();
    switch (step.kind) {
      case Step::Kind::kNothing:
        return;
      case Step::Kind::kAgain:
        continue;
      case Step::Kind::kSend:
        return stream_->Send(std::move(step.message));
      case Step::Kind::kRead:
        return ReadOn();
      case Step::Kind::kEnd:
        Close();
        return stream_->End(std::move(step.status));
      case Step::Kind::kAbort:
        Close();
        return stream_->Abort(std::move(step.status));
    }
  }
}

Watch::Step Watch::NextStep() {
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  if (ended_) return {};
  if (busy_ == Busy::kSending && now - last_sent_ > kPatience) {
    ended_ = true;
    return {Step::Kind::kAbort, "",
            domain::Refuse(absl::StatusCode::kUnavailable, "the client took nothing for a minute",
                           {.reason = domain::reason::kWatchEnded})};
  }
  if (busy_ != Busy::kNo) return {};
  Step step = Next(now);
  if (step.kind == Step::Kind::kSend) busy_ = Busy::kSending;
  if (step.kind == Step::Kind::kRead) busy_ = Busy::kReading;
  if (step.kind == Step::Kind::kEnd) ended_ = true;
  return step;
}

Watch::Step Watch::Next(absl::Time now) {
  if (backend_.feed.draining()) {
    if (!std::exchange(said_farewell_, true)) return Checkpoint(now);
    return {Step::Kind::kEnd, "",
            domain::Refuse(absl::StatusCode::kUnavailable, "the server is shutting down: watch at another one",
                           {.reason = domain::reason::kShuttingDown})};
  }
  if (snapshot_.has_value() && !std::exchange(began_snapshot_, true)) return Snapshot(v1::SNAPSHOT_BEGIN, now);
  if (now - last_sent_ >= query_.checkpoint) return Checkpoint(now);
  if (telling_ != nullptr) return TellOn(now);
  if (!pending_.empty()) {
    std::shared_ptr<const FedTransaction> transaction = std::move(pending_.front());
    pending_.pop_front();
    return Tell(std::move(transaction), now);
  }
  if (after_.has_value()) place_ = *std::exchange(after_, std::nullopt);
  const Step read{wait_ ? Step::Kind::kNothing : Step::Kind::kRead, "", absl::OkStatus()};
  if (snapshot_.has_value()) {
    if (snapshot_->kind != storage::SnapshotCursor::Kind::kDone) return read;
    snapshot_.reset();
    return Snapshot(v1::SNAPSHOT_COMPLETE, now);
  }
  const EventFeed::Look look = backend_.feed.After(place_.sequence, era_);
  switch (look.place) {
    case EventFeed::Place::kHere:
      return Tell(look.next, now);
    case EventFeed::Place::kBehind:
      return read;
    case EventFeed::Place::kAtEnd:
      const bool unknown = complete_until_ == absl::InfinitePast();
      complete_until_ = std::max(complete_until_, look.complete_until);
      if (query_.format == WatchFormat::kFacts && unknown && complete_until_ != absl::InfinitePast())
        return Checkpoint(now);  // nobody answers from facts before it is known how old they are
      break;
  }
  return {};
}

// Only what is behind the place: a token may be of the middle of a transaction, where another filter saw the last of
// its events.
Watch::Step Watch::Tell(std::shared_ptr<const FedTransaction> transaction, absl::Time now) {
  telling_ = std::move(transaction);
  told_ = 0;
  return TellOn(now);
}

Watch::Step Watch::TellOn(absl::Time now) {
  const bool of_facts = query_.format == WatchFormat::kFacts;
  const bool snapshot = telling_->snapshot;
  const std::vector<model::Event>& events = telling_->events;
  std::string items;
  for (; told_ < events.size() && items.size() < kMaxItemBytes; ++told_) {
    const model::Event& event = events[told_];
    if (!snapshot && event.sequence <= place_.sequence) continue;
    if (!snapshot) scope_.visible.Note(event);
    if (!(of_facts ? scope_.HasFact(event) : scope_.Has(event))) continue;
    const engine::RenderedEvent& rendered = telling_->rendered[told_];
    if (of_facts && rendered.fact.empty()) continue;
    AppendItem(of_facts ? rendered.fact : rendered.event, items);
  }
  if (!snapshot) place_ = {events[told_ - 1].sequence, events[told_ - 1].chain_hash};
  if (told_ == events.size()) telling_ = nullptr;
  if (items.empty()) return {Step::Kind::kAgain, "", absl::OkStatus()};
  return MessageWith({.snapshot = snapshot ? v1::SNAPSHOT_RESOURCES : v1::SNAPSHOT_PART_UNSPECIFIED}, items, now);
}

// Signed, but not right before the earliest event that is left: what the hash was there is not known.
Watch::Step Watch::Checkpoint(absl::Time now) {
  if (query_.format == WatchFormat::kFacts) {
    const EventFeed::Look look =
        backend_.feed.After(after_.has_value() || !pending_.empty() ? -1 : place_.sequence, era_);
    if (look.place == EventFeed::Place::kAtEnd && !snapshot_.has_value())
      complete_until_ = std::max(complete_until_, look.complete_until);
    return MessageWith({}, "", now);
  }
  const std::shared_ptr<const domain::TokenSigner> signer = backend_.context().signer();
  WatchEnvelope envelope;
  if (signer != nullptr && !snapshot_.has_value() && (place_.sequence == 0 || place_.hash != storage::EmptyChain())) {
    envelope.signed_head = SignHead(*signer, place_.sequence, place_.hash, "", now).value_or("");
  }
  return MessageWith(std::move(envelope), "", now);
}

Watch::Step Watch::Snapshot(v1::SnapshotPart part, absl::Time now) { return MessageWith({.snapshot = part}, "", now); }

Watch::Step Watch::MessageWith(WatchEnvelope envelope, const std::string& items, absl::Time now) {
  last_sent_ = now;
  envelope.read_time = complete_until_;
  // Who goes on from here must have all of a snapshot.
  if (!snapshot_.has_value()) envelope.resume_token = ResumeToken(place_.sequence, place_.hash);
  return {Step::Kind::kSend, absl::StrCat(Serialized(query_.format, envelope), items), absl::OkStatus()};
}

void Watch::ReadOn() {
  auto part = std::make_shared<Part>();
  Place from;
  EventScope scope;
  std::optional<storage::SnapshotCursor> snapshot;
  int page = 0;
  {
    absl::MutexLock lock(&mutex_);
    from = place_;
    snapshot = snapshot_;
    scope = scope_;
    page = std::exchange(page_, std::min(4 * page_, kLargestPage));
  }
  Submit(
      storage::Reach::kNode,
      [this, part, page, from = std::move(from), scope = std::move(scope),
       snapshot = std::move(snapshot)](const Reading& reading) -> absl::Status {
        const domain::Caller& caller = reading.env.caller;
        ASSIGN_OR_RETURN(*part, ReadPart(reading.connection, backend_.feed, caller, query_, scope, from, page));
        if (!snapshot.has_value() || !part->at_head) return absl::OkStatus();
        return AddSnapshot(reading.connection, backend_.feed, caller, query_, *snapshot, *part);
      },
      [self = shared_from_this(), part, era = backend_.feed.era()](const absl::Status& status) {
        self->TakeOver(status.ok() ? absl::StatusOr<Part>(std::move(*part)) : status, era);
      });
}

void Watch::TakeOver(absl::StatusOr<Part> part, int64_t era) {
  absl::Status failed;
  {
    absl::MutexLock lock(&mutex_);
    busy_ = Busy::kNo;
    wait_ = !part.ok();
    failures_ = part.ok() ? 0 : failures_ + 1;
    if (part.ok()) {
      pending_.assign(part->transactions.begin(), part->transactions.end());
      after_ = std::move(part->end);
      era_ = era;
      scope_.visible = std::move(part->visible);
      if (part->snapshot.has_value()) snapshot_ = std::move(part->snapshot);
    } else if (absl::IsOutOfRange(part.status()) || failures_ >= kMaxFailures) {
      failed = part.status();
    }
  }
  if (failed.ok()) return Pump();
  Close();
  stream_->End(failed);
}

void Serve(const Backend& backend, WatchPlaces& places, absl::StatusOr<WatchQuery> query,
           const std::shared_ptr<Stream>& stream) {
  if (!query.ok()) return stream->End(query.status());
  std::shared_ptr<const void> place = places.Take(stream->caller());
  if (place == nullptr) {
    return stream->End(domain::Refuse(absl::StatusCode::kResourceExhausted, "too many watch: try again later",
                                      {.reason = domain::reason::kOverloaded}));
  }
  std::make_shared<Watch>(backend, *std::move(query), stream, std::move(place))->Open();
}

template <class Request, class Response>
Rpc WatchRpc(const char* name, Permission needs, absl::StatusOr<WatchQuery> (*parse)(const Request& request),
             const std::shared_ptr<WatchPlaces>& places) {
  Rpc rpc = RpcOf<Request, Response>(name, needs);
  rpc.stream = [parse, places](const Backend& backend, const google::protobuf::Message& request,
                               std::shared_ptr<Stream> stream) {
    Serve(backend, *places, parse(static_cast<const Request&>(request)), stream);
  };
  return rpc;
}

}  // namespace

std::vector<Rpc> WatchRpcs() {
  const auto places = std::make_shared<WatchPlaces>();
  return {WatchRpc<v1::WatchEventsRequest, v1::WatchEventsResponse>("WatchEvents", Permission::kReadHistory, ParseWatch,
                                                                    places),
          WatchRpc<v1::WatchLicensesRequest, v1::WatchLicensesResponse>("WatchLicenses", Permission::kCheckLicenses,
                                                                        ParseWatchLicenses, places)};
}

}  // namespace lmp::rpcs
