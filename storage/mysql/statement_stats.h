// What statements cost, by name. A statement's name is its verb and its first table ("SELECT licenses", "LOCK
// customers"), so that there are some tens of them, however many texts there are, and none has a value in it.
#ifndef LMP_STORAGE_MYSQL_STATEMENT_STATS_H_
#define LMP_STORAGE_MYSQL_STATEMENT_STATS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace lmp::storage {

// The verb and the first table of a statement; both point into `sql`, or to constants. A SELECT that locks its rows has
// the verb LOCK. The table is empty if there is none.
std::pair<absl::string_view, absl::string_view> StatementName(absl::string_view sql);

// Thread-safe. Nothing here takes a lock or asks for memory, except the first time that a name is seen.
class StatementStats final {
 public:
  struct Counters {
    std::string verb, table;
    std::atomic<int64_t> count = 0;
    std::atomic<int64_t> failed = 0;
    std::atomic<int64_t> rows = 0;
    std::atomic<int64_t> nanoseconds = 0;

    std::string name() const { return table.empty() ? verb : verb + " " + table; }
  };

  StatementStats() = default;
  ~StatementStats();
  StatementStats(const StatementStats&) = delete;
  StatementStats& operator=(const StatementStats&) = delete;

  // The counters of the statement's name; they live as long as this object. Beyond kMaxNames all further names share
  // the counters "OTHER".
  Counters& Of(absl::string_view sql);
  // All names that were seen, in no order.
  std::vector<const Counters*> All() const;

  static constexpr size_t kMaxNames = 128;

 private:
  static constexpr size_t kSlots = 4 * kMaxNames;  // so sparse that a search ends after a step or two

  Counters& Add(absl::string_view verb, absl::string_view table, size_t slot) ABSL_LOCKS_EXCLUDED(mutex_);

  std::array<std::atomic<Counters*>, kSlots> slots_ = {};
  Counters other_{.verb = "OTHER"};
  absl::Mutex mutex_;
  size_t names_ ABSL_GUARDED_BY(mutex_) = 0;
};

// What one piece of work asked of the database: all runs of its transaction. It is written by the thread that does the
// work.
struct DatabaseWork {
  struct Part {
    const StatementStats::Counters* name = nullptr;
    int count = 0;
    absl::Duration took;
  };

  int64_t statements = 0;
  int64_t rows = 0;           // that were read, or matched by an update
  int runs = 0;               // of the transaction; more than 1 after a deadlock or a lock timeout
  absl::Duration connection;  // waiting for a connection of the pool, and opening it
  absl::Duration database;    // in statements; COMMIT is apart
  absl::Duration commit;
  absl::Time began = absl::InfinitePast();         // when the first run asked for its connection
  absl::Time commit_began = absl::InfinitePast();  // the last one
  absl::Time ended = absl::InfinitePast();
  absl::InlinedVector<Part, 16> parts;  // by name, in the order in which they were first sent

  void Add(const StatementStats::Counters& name, int64_t rows_of_it, absl::Duration took);
  // The names and times of the statements that took longest: "LOCK customers 812 ms, INSERT events 3 × 40 ms".
  std::string Slowest(size_t count) const;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_STATEMENT_STATS_H_
