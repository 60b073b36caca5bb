// The order of the history: every committed event gets a `sequence`, from 1 and without a gap, some milliseconds after
// its transaction has committed (server/workers/event_sequencer.h).
//
// AUTO_INCREMENT can't be that order. An id is taken while a transaction runs, so that a smaller one may be committed
// after a larger one, and one that was rolled back is never there. So numbers are given to what is committed, in a
// transaction of its own:
//   1. It locks the one row of `history_head`. So one server at a time gives numbers, whichever.
//   2. It reads the events whose sequence is 0, in order of their ids, in one statement (READ COMMITTED: the snapshot
//   of that
//      statement): those are committed. One with a smaller id that commits later is found later, and gets a later
//      number: nothing is ever remembered as done, so nothing can be missed, however late it comes.
//   3. It gives numbers to whole transactions: the events of one have the same event_time, and a snapshot has all or
//   none of them.
//
// Of one row, and of one customer with all that is its, the order of sequences is the order of commits. Who writes to a
// customer holds the lock of its row from before ids are taken until after the COMMIT. So if B writes to it after A, A
// has committed before B takes an id: A's ids are smaller (one counter in one server of the database), and every
// snapshot that has B's events has A's. If both are found without a number, A comes first by its ids; if A is not found
// any more, it has a smaller number already. The same holds for pools, for the catalog (the lock of its version), and
// for everything else that is written under a lock. Events of transactions that ran side by side shared no lock, so any
// order of them is a true one.
//
// On a Galera cluster whose nodes all take writes a lock is of one node alone. There the customer's row is written by
// all who write to the customer (SaveChanges): so of two nodes that do it at once one is told by its COMMIT to begin
// again, and takes its ids when it has the other's.
#ifndef LMP_STORAGE_EVENT_SEQUENCE_H_
#define LMP_STORAGE_EVENT_SEQUENCE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/history_head.h"
#include "storage/model/event.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// Events of one table with all that is stored of them, also what their records are made of; `which` is the SQL behind
// `FROM table AS e`. Errors: those of the connection.
absl::StatusOr<std::vector<model::Event>> LoadStoredEvents(Connection& connection, absl::string_view table,
                                                           absl::string_view which, const std::vector<Value>& params);

// Events that are committed and have no number yet, in order of their ids, at most `limit`. Errors: those of the
// connection.
absl::StatusOr<std::vector<model::Event>> LoadWithoutSequence(Connection& connection, int limit);

// Whether an event has no number yet, or is not in the tree of hashes: cheap, and locks nothing. Errors: those of the
// connection.
absl::StatusOr<bool> AnyWithoutSequence(Connection& connection);

// Committed events as they were written, in the order in which they were, by the time that a transaction's events have.
// Whoever numbers what it wrote itself need not read that again.
using WrittenEvents = std::map<absl::Time, std::vector<model::Event>>;

struct Sequenced {
  HistoryHead head;
  int64_t events = 0;  // that got their number now
  bool more = false;   // there may be others
};

// Inside a transaction (READ COMMITTED): gives numbers to the transactions that begin within the first `limit` events
// without one, of the archive first (a database of before this). Whoever does the same at the same time waits for the
// commit. What is in `written` is taken from there, and is gone from there whatever the result; the rest is read.
// Errors: those of the connection; ABORTED if an event was moved to the archive meanwhile: try again.
absl::StatusOr<Sequenced> SequenceEvents(Connection& connection, int limit, WrittenEvents* written = nullptr);

struct SequenceRange {
  int64_t after = 0;            // of events with larger numbers than this,
  int64_t before = INT64_MAX;   // and smaller ones than this,
  std::string partner_id = {};  // and of this partner alone; empty: of all
  bool newest_first = false;
  int limit = 0;
};
// The first events of a range, in order; read along an index. With their chain_hash. Errors: those of the connection.
absl::StatusOr<std::vector<model::Event>> LoadBySequence(Connection& connection, const SequenceRange& range);

// The number before the first event that is still there; the head's if there is none. Errors: those of the connection.
absl::StatusOr<int64_t> BeforeEarliest(Connection& connection, const HistoryHead& head);

// By how much the times of events may be out of the order of their numbers: clocks that differ by a minute at most
// (server/readiness.h), and transactions of a minute at most, twice.
inline constexpr absl::Duration kDisorder = absl::Minutes(5);

// A number such that every event with that number or a smaller one is from before `time`, and every one with a number
// beyond the next is from `time` - 2 * kDisorder or later: a handful of look-ups. Errors: those of the connection.
absl::StatusOr<int64_t> SequenceBefore(Connection& connection, absl::Time time, const HistoryHead& head);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_EVENT_SEQUENCE_H_
