#include "storage/event_sequence.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "storage/event_archive.h"
#include "storage/events.h"
#include "storage/history_chain.h"
#include "storage/history_tree.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

// Of rows without a number, far more than any batch of commands writes; twice as many are read, and more if need be.
constexpr size_t kMostRead = 1 << 17;
constexpr size_t kMaxRowsPerUpdate = 128;

constexpr char kWithout[] = "FORCE INDEX (events_by_sequence) WHERE e.sequence = 0 ORDER BY e.event_id LIMIT ?";
constexpr char kOfAll[] =
    "FORCE INDEX (events_by_sequence) WHERE e.sequence > ? AND e.sequence < ? ORDER BY e.sequence";
constexpr char kOfPartner[] =
    "FORCE INDEX (events_by_partner) WHERE e.partner_id = ? AND e.sequence > ? AND e.sequence < ? ORDER BY e.sequence";

constexpr char kHead[] = "SELECT sequence, chain_hash FROM history_head WHERE id = 1";
constexpr char kProgress[] =
    "SELECT sequence, chain_hash, COALESCE((SELECT MAX(event_id) FROM events), 0), COALESCE((SELECT e.event_id FROM "
    "events AS e FORCE INDEX (events_by_sequence) WHERE e.sequence = 0 ORDER BY e.event_id LIMIT 1), "
    "9223372036854775807) FROM history_head WHERE id = 1";
constexpr char kLockHead[] = "SELECT sequence, chain_hash FROM history_head WHERE id = 1 FOR UPDATE";
constexpr char kMoveHead[] = "UPDATE history_head SET sequence = ?, chain_hash = ? WHERE id = 1";
constexpr char kAnyWithout[] =
    "SELECT EXISTS (SELECT 1 FROM events WHERE sequence = 0) OR EXISTS (SELECT 1 FROM events_archive WHERE sequence = "
    "0) OR (SELECT tree_size < sequence FROM history_head WHERE id = 1)";
constexpr char kEarliest[] =
    "SELECT LEAST(COALESCE((SELECT MIN(sequence) FROM events WHERE sequence > 0), ?), "
    "COALESCE((SELECT MIN(sequence) FROM events_archive WHERE sequence > 0), ?))";

// Whose an event of before is. A product's is nobody's.
constexpr char kSetPartner[] =
    "UPDATE $t AS e SET e.partner_id = CASE WHEN e.row_table IN ('partners', 'license_pools') THEN e.key1 "
    "WHEN e.row_table = 'products' THEN '' "
    "WHEN e.row_table = 'service_plans' THEN (SELECT p.partner_id FROM service_plans p WHERE p.service_plan_id = "
    "e.key1) "
    "WHEN e.row_table = 'registration_keys' THEN (SELECT k.partner_id FROM registration_keys k WHERE k.key_id = "
    "e.key1) "
    "ELSE (SELECT c.partner_id FROM customers c WHERE c.customer_id = e.key1) END WHERE e.partner_id IS NULL AND "
    "e.event_id IN ";

std::string In(absl::string_view table, absl::string_view sql) { return absl::StrReplaceAll(sql, {{"$t", table}}); }

// DATETIME and BINARY come as text; a hash as its bytes.
absl::StatusOr<std::vector<model::Event>> LoadFrom(Connection& connection, absl::string_view table,
                                                   absl::string_view which, const std::vector<Value>& params) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query(In(table, absl::StrCat("SELECT ", kEventColumns,
                                                           ", e.transaction_end, e.chain_hash FROM $t AS e ", which)),
                                    params));
  std::vector<model::Event> events;
  while (rows->Next()) {
    model::Event& event = events.emplace_back();
    ReadEvent(*rows, event);
    event.transaction_end = rows->Int64(kEventColumnCount);
    event.chain_hash = rows->String(kEventColumnCount + 1);
  }
  RETURN_IF_ERROR(rows->status());
  return events;
}

absl::StatusOr<HistoryHead> ReadHead(Connection& connection, const char* sql) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, {}));
  if (!rows->Next()) {
    RETURN_IF_ERROR(rows->status());
    return absl::DataLossError("the head of the history is gone");
  }
  HistoryHead head{rows->Int64(0), rows->String(1)};
  RETURN_IF_ERROR(rows->status());
  return head;
}

// Those of whole transactions, together and in order: of each that begins among the first `first` events. Empty: one of
// them may go on behind the last of `events`, and so there must be more.
std::vector<model::Event> WholeTransactions(const std::vector<model::Event>& events, size_t first, bool all) {
  std::map<absl::Time, size_t> place;  // of a transaction, by the time that its events have
  std::vector<std::vector<const model::Event*>> transactions;
  for (size_t i = 0; i < events.size(); ++i) {
    const auto [it, added] = place.emplace(events[i].event_time, transactions.size());
    if (added && i >= first) {
      place.erase(it);
      continue;
    }
    if (added) transactions.emplace_back();
    if (!all && i + 1 == events.size()) return {};
    transactions[it->second].push_back(&events[i]);
  }
  std::vector<model::Event> whole;
  for (const auto& transaction : transactions) {
    for (const model::Event* event : transaction) whole.push_back(*event);
  }
  return whole;
}

// The next events to be numbered, and whether there are others.
absl::StatusOr<std::pair<std::vector<model::Event>, bool>> LoadNext(Connection& connection, absl::string_view table,
                                                                    size_t limit) {
  for (size_t read = 2 * limit;; read *= 2) {
    ASSIGN_OR_RETURN(const std::vector<model::Event> events,
                     LoadFrom(connection, table, kWithout, {static_cast<int64_t>(read)}));
    const bool all = events.size() < read;
    std::vector<model::Event> whole = WholeTransactions(events, limit, all || read >= kMostRead);
    if (whole.empty() && !events.empty()) continue;
    const bool more = !all || whole.size() < events.size();
    return std::pair(std::move(whole), more);
  }
}

absl::Status FillPartners(Connection& connection, absl::string_view table, const std::vector<model::Event>& events) {
  for (size_t from = 0; from < events.size(); from += kMaxRowsPerUpdate) {
    std::vector<Value> params;
    for (size_t i = from; i < std::min(events.size(), from + kMaxRowsPerUpdate); ++i)
      params.emplace_back(events[i].event_id);
    params.resize(PaddedSize(params.size()), params.back());
    RETURN_IF_ERROR(connection.Update(In(table, absl::StrCat(kSetPartner, Places(params.size()))), params).status());
  }
  return absl::OkStatus();
}

// Numbers and hashes, continuing the head. Returns the events' leaves.
std::vector<std::string> Number(std::vector<model::Event>& events, HistoryHead& head) {
  for (size_t i = 0; i < events.size(); ++i) events[i].sequence = head.sequence + static_cast<int64_t>(i) + 1;
  for (size_t i = events.size(); i-- > 0;) {
    const bool last = i + 1 == events.size() || events[i + 1].event_time != events[i].event_time;
    events[i].transaction_end = last ? events[i].sequence : events[i + 1].transaction_end;
  }
  std::vector<std::string> leaves;
  for (model::Event& event : events) {
    leaves.push_back(LeafHash(RecordOf(event)));
    head.chain_hash = ChainHash(head.chain_hash, leaves.back());
    event.chain_hash = head.chain_hash;
  }
  head.sequence += static_cast<int64_t>(events.size());
  return leaves;
}

// From one table of numbers, given as parameters, so that one statement does many rows, each by its key. What fills the
// table up to its size has an id that no event has.
absl::Status StoreNumbers(Connection& connection, absl::string_view table, const std::vector<model::Event>& events) {
  for (size_t from = 0; from < events.size(); from += kMaxRowsPerUpdate) {
    const size_t to = std::min(events.size(), from + kMaxRowsPerUpdate);
    const size_t rows = PaddedSize(to - from);
    std::string sql = "UPDATE (SELECT ? AS event_id, ? AS sequence, ? AS transaction_end, ? AS chain_hash";
    for (size_t i = 1; i < rows; ++i) absl::StrAppend(&sql, " UNION ALL SELECT ?, ?, ?, ?");
    absl::StrAppend(&sql, ") AS n STRAIGHT_JOIN ", table,
                    " AS e ON e.event_id = n.event_id SET e.sequence = n.sequence, "
                    "e.transaction_end = n.transaction_end, e.chain_hash = UNHEX(n.chain_hash)");
    std::vector<Value> params;
    for (size_t i = from; i < from + rows; ++i) {
      const bool real = i < to;
      params.emplace_back(real ? events[i].event_id : int64_t{0});
      params.emplace_back(real ? events[i].sequence : int64_t{0});
      params.emplace_back(real ? events[i].transaction_end : int64_t{0});
      params.emplace_back(real ? absl::BytesToHexString(events[i].chain_hash) : std::string(2 * kHashBytes, '0'));
    }
    ASSIGN_OR_RETURN(const int64_t matched, connection.Update(sql, params));
    if (matched != static_cast<int64_t>(to - from))
      return absl::AbortedError("an event was moved while it got its number");
  }
  return absl::OkStatus();
}

// The time of the first event from a number on; infinite if there is none.
absl::StatusOr<absl::Time> TimeOf(Connection& connection, int64_t sequence) {
  ASSIGN_OR_RETURN(const auto events, LoadBySequence(connection, {.after = sequence - 1, .limit = 1}));
  return events.empty() ? absl::InfiniteFuture() : events.front().event_time;
}

}  // namespace

absl::StatusOr<HistoryHead> LoadHistoryHead(Connection& connection) { return ReadHead(connection, kHead); }

absl::StatusOr<HistoryProgress> LoadHistoryProgress(Connection& connection) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kProgress, {}));
  if (!rows->Next()) {
    RETURN_IF_ERROR(rows->status());
    return absl::DataLossError("the head of the history is gone");
  }
  HistoryProgress progress{{rows->Int64(0), rows->String(1)}, rows->Int64(2), rows->Int64(3)};
  RETURN_IF_ERROR(rows->status());
  return progress;
}

absl::StatusOr<std::vector<model::Event>> LoadWithoutSequence(Connection& connection, int limit) {
  return LoadFrom(connection, kEvents, kWithout, {static_cast<int64_t>(limit)});
}

absl::StatusOr<bool> AnyWithoutSequence(Connection& connection) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kAnyWithout, {}));
  const bool any = rows->Next() && rows->Int64(0) != 0;
  RETURN_IF_ERROR(rows->status());
  return any;
}

absl::StatusOr<Sequenced> SequenceEvents(Connection& connection, int limit) {
  Sequenced result;
  ASSIGN_OR_RETURN(result.head, ReadHead(connection, kLockHead));
  const int64_t before = result.head.sequence;
  std::vector<std::string> leaves;
  for (const char* table : {kEventArchive, kEvents}) {
    ASSIGN_OR_RETURN(auto next, LoadNext(connection, table, static_cast<size_t>(limit)));
    std::vector<model::Event>& events = next.first;
    if (events.empty()) continue;
    const auto unknown = [](const model::Event& event) { return !event.partner_id.has_value(); };
    if (std::any_of(events.begin(), events.end(), unknown)) {
      RETURN_IF_ERROR(FillPartners(connection, table, events));
      ASSIGN_OR_RETURN(next, LoadNext(connection, table, static_cast<size_t>(limit)));
    }
    leaves = Number(events, result.head);
    RETURN_IF_ERROR(StoreNumbers(connection, table, events));
    RETURN_IF_ERROR(connection.Update(kMoveHead, {result.head.sequence, result.head.chain_hash}).status());
    result.events = static_cast<int64_t>(events.size());
    result.more = next.second || table == kEventArchive;
    break;
  }
  ASSIGN_OR_RETURN(const bool tree_behind, ExtendTree(connection, before, leaves));
  result.more = result.more || tree_behind;
  return result;
}

absl::StatusOr<std::vector<model::Event>> LoadBySequence(Connection& connection, const SequenceRange& range) {
  std::vector<Value> params;
  if (!range.partner_id.empty()) params.emplace_back(range.partner_id);
  params.insert(params.end(), {std::max<int64_t>(range.after, 0), range.before, static_cast<int64_t>(range.limit)});
  const std::string sql =
      absl::StrCat(range.partner_id.empty() ? kOfAll : kOfPartner, range.newest_first ? " DESC" : "", " LIMIT ?");
  ASSIGN_OR_RETURN(std::vector<model::Event> events, LoadFrom(connection, kEvents, sql, params));
  // The usual case, at the end of the history: there is nothing between these.
  const bool dense = range.partner_id.empty() && !range.newest_first && !events.empty() &&
                     events.front().sequence == std::max<int64_t>(range.after, 0) + 1 &&
                     events.back().sequence == events.front().sequence + std::ssize(events) - 1;
  if (dense) return events;
  ASSIGN_OR_RETURN(std::vector<model::Event> old, LoadFrom(connection, kEventArchive, sql, params));
  if (old.empty()) return events;
  std::move(old.begin(), old.end(), std::back_inserter(events));
  std::sort(events.begin(), events.end(), [&](const model::Event& a, const model::Event& b) {
    return range.newest_first ? a.sequence > b.sequence : a.sequence < b.sequence;
  });
  if (std::ssize(events) > range.limit) events.resize(static_cast<size_t>(range.limit));
  return events;
}

absl::StatusOr<int64_t> BeforeEarliest(Connection& connection, const HistoryHead& head) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kEarliest, {head.sequence + 1, head.sequence + 1}));
  const int64_t earliest = rows->Next() ? rows->Int64(0) : 1;
  RETURN_IF_ERROR(rows->status());
  return earliest - 1;
}

// Each look halves what is left. All events before the one found are from before: if one were not, the one right before
// it, which is kDisorder older than `time`, would be out of order by more than that.
absl::StatusOr<int64_t> SequenceBefore(Connection& connection, absl::Time time, const HistoryHead& head) {
  int64_t low = 0, high = head.sequence;  // the answer is from low to high
  while (low < high) {
    const int64_t middle = low + (high - low) / 2 + 1;
    ASSIGN_OR_RETURN(const absl::Time at, TimeOf(connection, middle));
    if (at < time - kDisorder) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace lmp::storage
