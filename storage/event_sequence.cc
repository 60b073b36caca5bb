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
// What tells which event it is, and of which transaction.
constexpr char kWhichWithout[] =
    "SELECT e.event_id, e.event_time, e.row_table, e.key1, e.key2, e.revision FROM $t AS e FORCE INDEX "
    "(events_by_sequence) WHERE e.sequence = 0 ORDER BY e.event_id LIMIT ?";
constexpr char kOfAll[] =
    "FORCE INDEX (events_by_sequence) WHERE e.sequence > ? AND e.sequence < ? ORDER BY e.sequence";
constexpr char kOfPartner[] =
    "FORCE INDEX (events_by_partner) WHERE e.partner_id = ? AND e.sequence > ? AND e.sequence < ? ORDER BY e.sequence";

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

// What is read of an event beside its columns: its place, and what its record is made of.
constexpr char kPlaceColumns[] = ", e.transaction_end, e.chain_hash, e.record_version, e.salt, e.erased";

using Transaction = std::vector<model::Event>;

// Those of whole transactions, in order: of each that begins among the first `first` events. Empty: one of them may go
// on behind the last of `events`, and so there must be more. A transaction writes its events in statements that follow
// one another, with others' events in between: one that has none among the last half of `first` has no more.
std::vector<Transaction> WholeTransactions(const std::vector<model::Event>& events, size_t first, bool all) {
  std::map<absl::Time, size_t> place;  // of a transaction, by the time that its events have
  std::vector<Transaction> transactions;
  for (size_t i = 0; i < events.size(); ++i) {
    const auto [it, added] = place.emplace(events[i].event_time, transactions.size());
    if (added && i >= first) {
      place.erase(it);
      continue;
    }
    if (added) transactions.emplace_back();
    if (!all && i + 1 + first / 2 >= events.size()) return {};
    transactions[it->second].push_back(events[i]);
  }
  return transactions;
}

size_t EventsIn(const std::vector<Transaction>& transactions) {
  size_t events = 0;
  for (const Transaction& transaction : transactions) events += transaction.size();
  return events;
}

absl::StatusOr<std::vector<model::Event>> LoadWhich(Connection& connection, absl::string_view table, size_t limit) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(In(table, kWhichWithout), {static_cast<int64_t>(limit)}));
  std::vector<model::Event> events;
  while (rows->Next()) {
    model::Event& event = events.emplace_back();
    event.event_id = rows->Int64(0);
    FromColumn(*rows, 1, event.event_time);
    event.row_table = rows->String(2);
    event.key1 = rows->String(3);
    event.key2 = rows->String(4);
    FromColumn(*rows, 5, event.revision);
  }
  RETURN_IF_ERROR(rows->status());
  return events;
}

// The next events to be numbered, but only what tells which they are; and whether there are others.
absl::StatusOr<std::pair<std::vector<Transaction>, bool>> LoadNext(Connection& connection, absl::string_view table,
                                                                   size_t limit) {
  for (size_t read = 2 * limit;; read *= 2) {
    ASSIGN_OR_RETURN(const std::vector<model::Event> events, LoadWhich(connection, table, read));
    const bool all = events.size() < read;
    std::vector<Transaction> whole = WholeTransactions(events, limit, all || read >= kMostRead);
    if (whole.empty() && !events.empty()) continue;
    const bool more = !all || EventsIn(whole) < events.size();
    return std::pair(std::move(whole), more);
  }
}

// Takes a transaction's events from what was kept of them when they were written, if that is all of them.
bool TakeWritten(WrittenEvents* written, Transaction& which) {
  if (written == nullptr) return false;
  const auto found = written->extract(which.front().event_time);
  const auto same = [](const model::Event& a, const model::Event& b) {
    return a.row_table == b.row_table && a.key1 == b.key1 && a.key2 == b.key2 && a.revision == b.revision;
  };
  if (found.empty() || !std::equal(which.begin(), which.end(), found.mapped().begin(), found.mapped().end(), same))
    return false;
  for (size_t i = 0; i < which.size(); ++i) {
    found.mapped()[i].event_id = which[i].event_id;
    which[i] = std::move(found.mapped()[i]);
  }
  return true;
}

std::vector<Value> IdsOf(const std::vector<model::Event>& events, size_t from) {
  std::vector<Value> ids;
  for (size_t i = from; i < std::min(events.size(), from + kMaxRowsPerUpdate); ++i)
    ids.emplace_back(events[i].event_id);
  ids.resize(PaddedSize(ids.size()), ids.back());
  return ids;
}

// All that is stored of these events.
absl::StatusOr<std::map<int64_t, model::Event>> LoadStored(Connection& connection, absl::string_view table,
                                                           const std::vector<model::Event>& which) {
  std::map<int64_t, model::Event> stored;
  for (size_t from = 0; from < which.size(); from += kMaxRowsPerUpdate) {
    const std::vector<Value> ids = IdsOf(which, from);
    ASSIGN_OR_RETURN(auto events, LoadStoredEvents(connection, table,
                                                   absl::StrCat("WHERE e.event_id IN ", Places(ids.size())), ids));
    for (model::Event& event : events) stored.insert_or_assign(event.event_id, std::move(event));
  }
  return stored;
}

// The events of these transactions with all that is to be hashed, in one row.
absl::StatusOr<std::vector<model::Event>> Complete(Connection& connection, absl::string_view table,
                                                   std::vector<Transaction> transactions, WrittenEvents* written) {
  std::vector<model::Event> unknown, events;
  std::vector<bool> known;
  for (Transaction& transaction : transactions) {
    known.resize(known.size() + transaction.size(), TakeWritten(written, transaction));
    for (model::Event& event : transaction) {
      if (!known.back()) unknown.push_back(event);
      events.push_back(std::move(event));
    }
  }
  ASSIGN_OR_RETURN(auto stored, LoadStored(connection, table, unknown));
  if (stored.size() != unknown.size()) return absl::AbortedError("an event was moved before it got its number");
  for (size_t i = 0; i < events.size(); ++i) {
    if (!known[i]) events[i] = std::move(stored[events[i].event_id]);
  }
  return events;
}

absl::Status FillPartners(Connection& connection, absl::string_view table, const std::vector<model::Event>& events) {
  for (size_t from = 0; from < events.size(); from += kMaxRowsPerUpdate) {
    const std::vector<Value> ids = IdsOf(events, from);
    RETURN_IF_ERROR(connection.Update(In(table, absl::StrCat(kSetPartner, Places(ids.size()))), ids).status());
  }
  return absl::OkStatus();
}

// Completes them, and fills in whose they are where a server of before did not.
absl::StatusOr<std::vector<model::Event>> LoadComplete(Connection& connection, absl::string_view table,
                                                       std::vector<Transaction> transactions, WrittenEvents* written) {
  ASSIGN_OR_RETURN(std::vector<model::Event> events, Complete(connection, table, transactions, written));
  const auto unknown = [](const model::Event& event) { return !event.partner_id.has_value(); };
  if (std::none_of(events.begin(), events.end(), unknown)) return events;
  RETURN_IF_ERROR(FillPartners(connection, table, events));
  return Complete(connection, table, std::move(transactions), nullptr);
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
    event.record_version = event.salt.has_value() ? kSaltedRecord : 1;
    leaves.push_back(LeafOf(event));
    head.chain_hash = ChainHash(head.chain_hash, leaves.back());
    event.chain_hash = head.chain_hash;
  }
  head.sequence += static_cast<int64_t>(events.size());
  return leaves;
}

// The end of the run that begins at `from`: events whose ids ascend by one step.
size_t EndOfRun(const std::vector<model::Event>& events, size_t from) {
  const size_t most = std::min(events.size(), from + kMaxRowsPerUpdate);
  size_t to = std::min(from + 1, most);
  if (to == most || events[to].event_id < events[from].event_id) return to;
  const int64_t step = events[to].event_id - events[from].event_id;
  while (to < most && events[to].event_id - events[to - 1].event_id == step) ++to;
  return to;
}

// Numbers ascend with the ids of a run, so that a statement finds its rows by one range, and what it sets them to by
// their place in that range. (A table of parameters, joined by id, takes 5 us an event more.)
absl::StatusOr<int64_t> StoreRun(Connection& connection, absl::string_view table, const model::Event* first,
                                 size_t count) {
  const size_t places = PaddedSize(count);
  const std::string marks = absl::StrReplaceAll(Places(places), {{"(", ""}});
  const int64_t id = first->event_id, last = first[count - 1].event_id;
  const int64_t step = count == 1 ? 1 : first[1].event_id - id;
  const auto place = [&](std::vector<Value>& params) { params.insert(params.end(), {id, step}); };
  std::vector<Value> params = {first->sequence};
  place(params);
  place(params);
  for (size_t i = 0; i < places; ++i) params.emplace_back(first[std::min(i, count - 1)].transaction_end);
  place(params);
  for (size_t i = 0; i < places; ++i)
    params.emplace_back(i < count ? absl::BytesToHexString(first[i].chain_hash) : std::string());
  // Between ids that do not follow each other may be those of a transaction that is under way. MariaDB 11 waits for it
  // even if a condition leaves them out.
  std::string which = "BETWEEN ? AND ?";
  if (step == 1) {
    params.insert(params.end(), {id, last});
  } else {
    which = absl::StrCat("IN ", Places(places));
    for (size_t i = 0; i < places; ++i) params.emplace_back(first[std::min(i, count - 1)].event_id);
  }
  return connection.Update(
      absl::StrCat("UPDATE ", table, " AS e FORCE INDEX (PRIMARY) SET e.sequence = ? + (e.event_id - ?) DIV ?, ",
                   "e.transaction_end = ELT(1 + (e.event_id - ?) DIV ?, ", marks,
                   ", e.chain_hash = UNHEX(ELT(1 + (e.event_id - ?) DIV ?, ", marks,
                   "), e.record_version = IF(e.salt IS NULL, 1, ", kSaltedRecord, ") WHERE e.event_id ", which),
      params);
}

absl::Status StoreNumbers(Connection& connection, absl::string_view table, const std::vector<model::Event>& events) {
  for (size_t from = 0; from < events.size();) {
    const size_t to = EndOfRun(events, from);
    ASSIGN_OR_RETURN(const int64_t matched, StoreRun(connection, table, &events[from], to - from));
    if (matched != static_cast<int64_t>(to - from))
      return absl::AbortedError("an event was moved while it got its number");
    from = to;
  }
  return absl::OkStatus();
}

// The time of the first event from a number on; infinite if there is none.
absl::StatusOr<absl::Time> TimeOf(Connection& connection, int64_t sequence) {
  ASSIGN_OR_RETURN(const auto events, LoadBySequence(connection, {.after = sequence - 1, .limit = 1}));
  return events.empty() ? absl::InfiniteFuture() : events.front().event_time;
}

}  // namespace

// DATETIME and BINARY come as text; a hash as its bytes.
absl::StatusOr<std::vector<model::Event>> LoadStoredEvents(Connection& connection, absl::string_view table,
                                                           absl::string_view which, const std::vector<Value>& params) {
  ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query(In(table, absl::StrCat("SELECT ", kEventColumns, kPlaceColumns, " FROM $t AS e ", which)),
                       params));
  std::vector<model::Event> events;
  while (rows->Next()) {
    model::Event& event = events.emplace_back();
    ReadEvent(*rows, event);
    event.transaction_end = rows->Int64(kEventColumnCount);
    event.chain_hash = rows->String(kEventColumnCount + 1);
    FromColumn(*rows, kEventColumnCount + 2, event.record_version);
    FromColumn(*rows, kEventColumnCount + 3, event.salt);
    FromColumn(*rows, kEventColumnCount + 4, event.erased);
  }
  RETURN_IF_ERROR(rows->status());
  return events;
}

absl::StatusOr<std::vector<model::Event>> LoadWithoutSequence(Connection& connection, int limit) {
  return LoadStoredEvents(connection, kEvents, kWithout, {static_cast<int64_t>(limit)});
}

absl::StatusOr<bool> AnyWithoutSequence(Connection& connection) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kAnyWithout, {}));
  const bool any = rows->Next() && rows->Int64(0) != 0;
  RETURN_IF_ERROR(rows->status());
  return any;
}

absl::StatusOr<Sequenced> SequenceEvents(Connection& connection, int limit, WrittenEvents* written) {
  Sequenced result;
  ASSIGN_OR_RETURN(result.head, LockHistoryHead(connection));
  const int64_t before = result.head.sequence;
  std::vector<std::string> leaves;
  for (const char* table : {kEventArchive, kEvents}) {
    ASSIGN_OR_RETURN(auto next, LoadNext(connection, table, static_cast<size_t>(limit)));
    if (next.first.empty()) continue;
    ASSIGN_OR_RETURN(std::vector<model::Event> events, LoadComplete(connection, table, std::move(next.first), written));
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
  ASSIGN_OR_RETURN(std::vector<model::Event> events, LoadStoredEvents(connection, kEvents, sql, params));
  // The usual case, at the end of the history: there is nothing between these.
  const bool dense = range.partner_id.empty() && !range.newest_first && !events.empty() &&
                     events.front().sequence == std::max<int64_t>(range.after, 0) + 1 &&
                     events.back().sequence == events.front().sequence + std::ssize(events) - 1;
  if (dense) return events;
  ASSIGN_OR_RETURN(std::vector<model::Event> old, LoadStoredEvents(connection, kEventArchive, sql, params));
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
