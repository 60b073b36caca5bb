// The end of the history, for all who watch it: one thread reads it from the database, and what it read lies in one
// buffer of bounded size, from which each watcher takes at its own pace. Nothing is kept for a watcher: who falls
// behind the buffer reads the history by itself (server/rpcs/watch.cc) until it has caught up. Without watchers nothing
// is read.
#ifndef LMP_SERVER_ENGINE_EVENT_FEED_H_
#define LMP_SERVER_ENGINE_EVENT_FEED_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/event_sequence.h"
#include "storage/model/event.h"
#include "storage/mysql/database.h"

namespace lmp::engine {

// What is to be sent of an event: the event itself, and what CheckLicense is to know of it; that may be empty.
struct RenderedEvent {
  std::string event;
  std::string fact;
};

// The events of one transaction, in order, with what is to be sent of each.
struct FedTransaction {
  std::vector<model::Event> events;     // without their images
  std::vector<RenderedEvent> rendered;  // of each
  bool snapshot = false;                // these are rows as they are, and have no place in the history
  int64_t first() const { return events.front().sequence; }
  int64_t last() const { return events.back().sequence; }
  const std::string& chain_hash() const { return events.back().chain_hash; }
};
using FedTransactions = std::vector<std::shared_ptr<const FedTransaction>>;

// What is sent of each of some events. Errors: those of the connection.
using RenderEvents = std::function<absl::StatusOr<std::vector<RenderedEvent>>(storage::Connection& connection,
                                                                              const std::vector<model::Event>& events)>;

// Events in order of their sequence as transactions. The last one may be cut off: then it is not among them, unless
// `all`.
absl::StatusOr<FedTransactions> ToTransactions(storage::Connection& connection, const RenderEvents& render,
                                               std::vector<model::Event> events, bool all);

class EventFeed final {
 public:
  // `clock` is that of the engines; null: the system's. `failed` is told why the history can't be read, once a minute
  // at most.
  EventFeed(storage::Database& database, RenderEvents render, std::function<absl::Time()> clock = nullptr,
            std::function<void(const absl::Status& why)> failed = nullptr)
      : database_(database), render_(std::move(render)), clock_(std::move(clock)), failed_(std::move(failed)) {}
  ~EventFeed() { Stop(); }

  void Start();
  // Ends all streams: `wake` of each is called, and then draining() is true.
  void Drain() ABSL_LOCKS_EXCLUDED(mutex_);
  bool draining() const ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  // The history goes up to here at least. Cheap, from any thread.
  void Moved(int64_t head) ABSL_LOCKS_EXCLUDED(mutex_);

  // `wake` is called when there is something new, and now and then; from the feed's thread, one after the other, and
  // maybe once more after Leave().
  int64_t Join(std::function<void()> wake) ABSL_LOCKS_EXCLUDED(mutex_);
  void Leave(int64_t watcher) ABSL_LOCKS_EXCLUDED(mutex_);
  size_t watchers() const ABSL_LOCKS_EXCLUDED(mutex_);

  enum class Place { kHere, kAtEnd, kBehind };
  struct Look {
    Place place = Place::kAtEnd;
    std::shared_ptr<const FedTransaction> next;        // if it is here
    absl::Time complete_until = absl::InfinitePast();  // at the end: all that was committed before this has been seen
  };
  // What follows a place in the history: the next transaction; or nothing that was read yet; or it is not in the buffer
  // any more, or the place is of another era.
  Look After(int64_t sequence, int64_t era) const ABSL_LOCKS_EXCLUDED(mutex_);

  // How often the feed has begun anew: at first, when the database was set back (it is another one that lagged, or was
  // restored from a backup), and when it could not read on for some seconds. A place that was found in the database
  // after an era began is of that era; one of before may be of a history that is no more, and is to be compared with
  // the database.
  int64_t era() const ABSL_LOCKS_EXCLUDED(mutex_);

  const RenderEvents& render() const { return render_; }
  absl::Time Now() const;

 private:
  void Run();
  // Whether to go on. Returns when there may be something new, or it is time to look.
  bool Wait(absl::Duration poll) ABSL_LOCKS_EXCLUDED(mutex_);
  // Reads what is new. True if there was something.
  absl::StatusOr<bool> Read();
  // How far was read. What was said of the history by now is what the next reading looks for.
  storage::HistoryHead TakeEnd() ABSL_LOCKS_EXCLUDED(mutex_);
  // Leaves out what can't be read. Errors: those of the database.
  absl::Status SkipToHead() ABSL_LOCKS_EXCLUDED(mutex_);
  // From the history's end on, as it is now.
  void BeginAnew(const storage::HistoryProgress& progress, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  // What goes up to `end`, of a history that goes up to `head`.
  void Add(FedTransactions transactions, const storage::HistoryHead& end, int64_t head, absl::Time complete_until)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // What was committed before the result has a number by now: `progress` was read after `now`.
  absl::Time CompleteUntil(const storage::HistoryProgress& progress, absl::Time now);
  void WakeAll() ABSL_LOCKS_EXCLUDED(mutex_);

  storage::Database& database_;
  const RenderEvents render_;
  const std::function<absl::Time()> clock_;
  const std::function<void(const absl::Status& why)> failed_;
  // Looks at the history, by the feed's thread alone: when, and the largest id that was visible then.
  std::deque<std::pair<absl::Time, int64_t>> looks_;
  absl::Time numbered_until_ = absl::InfinitePast();
  mutable absl::Mutex mutex_;
  std::map<int64_t, std::shared_ptr<const std::function<void()>>> watchers_ ABSL_GUARDED_BY(mutex_);
  int64_t last_watcher_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::shared_ptr<const FedTransaction>> buffer_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t begin_ ABSL_GUARDED_BY(mutex_) = -1;  // the buffer has all that follows this; -1: nothing was read
  storage::HistoryHead end_ ABSL_GUARDED_BY(mutex_) = {-1, ""};  // and goes up to this
  int64_t era_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time complete_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // of what goes up to end_
  int64_t head_ ABSL_GUARDED_BY(mutex_) = 0;                                  // as far as somebody said
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_EVENT_FEED_H_
