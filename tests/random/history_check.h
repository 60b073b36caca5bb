// I3, from the events alone: every change of a row has exactly one event, revisions have no gap, each event's `before`
// is the `after` of the one before it, and the row is what its last event says, column by column.
#ifndef LMP_TESTS_RANDOM_HISTORY_CHECK_H_
#define LMP_TESTS_RANDOM_HISTORY_CHECK_H_

#include <map>
#include <string>
#include <vector>

#include "tests/random/system.h"

namespace lmp::random_test {

// What a mutation did to one row, all its events together.
struct RowChange {
  bool created = false;
  RawRow before, after;
  std::vector<std::string> events;  // in order: "SUBSCRIPTION_RENEWED 2026-02-28", or without a day
};

class HistoryCheck final {
 public:
  // Takes new events, in their order. Returns what is wrong with them.
  std::vector<std::string> Take(const std::vector<RawEvent>& events);
  // What the events last taken changed.
  const std::map<RowName, RowChange>& changes() const { return changes_; }
  // Of them, what came from the first event on that somebody's call made: what time did before is not the call's.
  const std::map<RowName, RowChange>& changes_of_call() const { return changes_of_call_; }
  // Rows as they are in the database now; `all` of them, or some.
  enum class Which { kAll, kSome };
  std::vector<std::string> Compare(const RawRows& rows, Which which);

  int64_t last_event() const { return last_event_; }
  int64_t events() const { return events_; }
  // Rows as the events have them.
  const RawRows& rows() const { return rows_; }

 private:
  int64_t last_event_ = 0, events_ = 0;
  std::map<RowName, std::string> images_;
  RawRows rows_;
  std::map<RowName, RowChange> changes_, changes_of_call_;
};

std::string Text(const RowName& name);

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_HISTORY_CHECK_H_
