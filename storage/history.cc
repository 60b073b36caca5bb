#include "storage/history.h"

#include <algorithm>
#include <iterator>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "storage/event_archive.h"
#include "storage/events.h"
#include "storage/model/replay.h"
#include "storage/rows/columns.h"

namespace lmp::storage {
namespace {

// As kEventColumns, for reading forwards: half the bytes.
constexpr char kColumnsForward[] =
    "e.event_id, e.event_time, e.actor, e.reason, e.request_id, e.kind, e.effective_date, e.row_table, e.key1, e.key2, "
    "e.revision, e.after_image, NULL, e.sequence, "
    "e.partner_id";

// Every query is for one of the two tables, $t; $own are the tables of a customer's rows. All events in the archive are
// older, so what one table lacks of an answer comes before or after what it has, and often nothing is lacking. Run both
// in one snapshot: otherwise an event that is moved meanwhile may be missed, or come twice.
std::string In(absl::string_view table, const std::string& sql) {
  return absl::StrReplaceAll(sql, {{"$t", table}, {"$own", TablesOfCustomer()}});
}

// A customer's events in order. They are read by this index, and never sorted. Other rows may have the same id as the
// customer, so the tables of the customer's rows are named.
constexpr char kFromCustomer[] = " FROM $t AS e FORCE INDEX (events_key1) WHERE e.key1 = ? AND e.row_table IN $own";
constexpr char kFromRow[] =
    " FROM $t AS e FORCE INDEX (events_row) WHERE e.row_table = ? AND e.key1 = ? AND e.key2 = ?";

constexpr char kById[] = " FROM $t AS e WHERE e.event_id = ?";
constexpr char kLastUpTo[] = " AND e.event_time <= ? ORDER BY e.event_id DESC LIMIT 1";
constexpr char kFirstLater[] =
    " AND e.event_id > ? AND e.event_time > ? AND (e.effective_date IS NULL OR e.effective_date > ?) "
    "ORDER BY e.event_id LIMIT 1";
// The revision of an event's row, which is the event's place among the events of the row. 0 for one that is not kept
// any more: all that is left comes after it.
constexpr char kRevisionOf[] =
    "COALESCE((SELECT revision FROM events WHERE event_id = ?), (SELECT revision FROM events_archive WHERE event_id = "
    "?), 0)";
constexpr char kUntil[] =
    " AND e.event_id >= ? AND (e.event_time < ? OR e.effective_date <= ?) ORDER BY e.event_id LIMIT ?";
constexpr char kProductsSince[] =
    "SELECT DISTINCT JSON_UNQUOTE(JSON_EXTRACT(e.after_image, '$.product_id')) FROM $t AS e FORCE INDEX (events_key1) "
    "WHERE e.key1 = ? AND e.row_table = 'licenses' AND e.event_id >= ? AND e.kind <> ?";
constexpr char kBetween[] = " AND e.event_time > ? AND e.event_time < ? ORDER BY e.revision";
constexpr char kRowUpTo[] = " AND (e.event_time <= ? OR e.effective_date <= ?) ORDER BY e.revision DESC LIMIT ?";

// The first event of each row from an event on. It is found in the index alone, and then fetched.
constexpr char kFirstOfEachRow[] =
    " FROM (SELECT row_table, key1, key2, MIN(revision) AS revision FROM $t WHERE key1 = ? AND row_table IN $own "
    "AND event_id >= ? "
    "GROUP BY row_table, key1, key2) AS f JOIN $t AS e ON e.row_table = f.row_table AND e.key1 = f.key1 AND "
    "e.key2 = f.key2 AND e.revision = f.revision";

std::string DayOf(absl::Time time) { return FormatDate(absl::ToCivilDay(time, absl::UTCTimeZone())); }

// Loads the events of one table, which is $t in the SQL text.
absl::StatusOr<std::vector<model::Event>> LoadFrom(absl::string_view table, Connection& connection,
                                                   const std::string& sql, const std::vector<Value>& params) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(In(table, sql), params));
  std::vector<model::Event> events;
  while (rows->Next()) {
    ReadEvent(*rows, events.emplace_back());
  }
  RETURN_IF_ERROR(rows->status());
  return events;
}

// Loads the first events: from one table, and the missing ones from the other. The last parameter of the SQL text is
// their number.
absl::StatusOr<std::vector<model::Event>> LoadFirst(Connection& connection, EventOrder order, const std::string& sql,
                                                    std::vector<Value> params, size_t count) {
  const bool oldest_first = order == EventOrder::kOldestFirst;
  std::vector<model::Event> events;
  params.emplace_back();
  for (const char* table : {oldest_first ? kEventArchive : kEvents, oldest_first ? kEvents : kEventArchive}) {
    if (events.size() == count) break;
    params.back() = static_cast<int64_t>(count - events.size());
    ASSIGN_OR_RETURN(std::vector<model::Event> found, LoadFrom(table, connection, sql, params));
    std::move(found.begin(), found.end(), std::back_inserter(events));
  }
  return events;
}

// Loads all events, those of the archive first. The archive is not asked if the newer table already has the oldest
// event that is wanted.
absl::StatusOr<std::vector<model::Event>> LoadAll(Connection& connection, const std::string& sql,
                                                  const std::vector<Value>& params,
                                                  absl::FunctionRef<bool(const model::Event&)> is_oldest) {
  ASSIGN_OR_RETURN(std::vector<model::Event> newer, LoadFrom(kEvents, connection, sql, params));
  if (std::any_of(newer.begin(), newer.end(), is_oldest)) return newer;
  ASSIGN_OR_RETURN(std::vector<model::Event> events, LoadFrom(kEventArchive, connection, sql, params));
  std::move(newer.begin(), newer.end(), std::back_inserter(events));
  return events;
}

// The id that a query finds in one table; 0 if there is none.
absl::StatusOr<int64_t> FindId(absl::string_view table, Connection& connection, const std::string& sql,
                               const std::vector<Value>& params) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(In(table, sql), params));
  const int64_t id = rows->Next() ? rows->Int64(0) : 0;
  RETURN_IF_ERROR(rows->status());
  return id;
}

std::vector<Value> KeyOfRow(const EventScope& row) { return {row.row_table, row.key1, row.key2}; }

bool IsFirstOfRow(const model::Event& event) { return event.revision == 1; }

}  // namespace

absl::StatusOr<EventPage> ListEvents(Connection& connection, const EventScope& scope, EventOrder order, int64_t after,
                                     int limit) {
  const bool of_row = !scope.row_table.empty();
  const bool ascending = order == EventOrder::kOldestFirst;
  std::string sql = absl::StrCat("SELECT ", kEventColumns, of_row ? kFromRow : kFromCustomer);
  std::vector<Value> params = of_row ? KeyOfRow(scope) : std::vector<Value>{scope.key1};
  // A row's revisions and the ids of its events grow together; each of the two indexes has one of them.
  if (after != 0) {
    absl::StrAppend(&sql, " AND ", of_row ? "e.revision" : "e.event_id", ascending ? " > " : " < ",
                    of_row ? kRevisionOf : "?");
    params.insert(params.end(), of_row ? 2 : 1, after);
  }
  absl::StrAppend(&sql, " ORDER BY ", of_row ? "e.revision" : "e.event_id", ascending ? "" : " DESC", " LIMIT ?");
  EventPage page;
  ASSIGN_OR_RETURN(page.events, LoadFirst(connection, order, sql, std::move(params), static_cast<size_t>(limit) + 1));
  page.more = page.events.size() > static_cast<size_t>(limit);
  if (page.more) page.events.pop_back();
  return page;
}

absl::StatusOr<std::optional<model::Event>> LoadEvent(Connection& connection, int64_t event_id) {
  ASSIGN_OR_RETURN(std::vector<model::Event> events, LoadAll(connection, absl::StrCat("SELECT ", kEventColumns, kById),
                                                             {event_id}, [](const auto&) { return true; }));
  if (events.empty()) return std::nullopt;
  return std::move(events[0]);
}

absl::StatusOr<std::vector<model::Event>> LoadRowHistory(Connection& connection, const EventScope& row,
                                                         const std::string& without_kind, int before_revision,
                                                         int limit) {
  std::vector<Value> params = KeyOfRow(row);
  params.insert(params.end(), {without_kind, int64_t{before_revision}});
  return LoadFirst(connection, EventOrder::kNewestFirst,
                   absl::StrCat("SELECT ", kEventColumns, kFromRow,
                                " AND e.kind <> ? AND e.revision < ? ORDER BY e.revision DESC LIMIT ?"),
                   std::move(params), static_cast<size_t>(limit));
}

absl::Time CountsFrom(const model::Event& event) {
  return event.effective_date.has_value() ? absl::FromCivil(*event.effective_date, absl::UTCTimeZone())
                                          : event.event_time;
}

absl::StatusOr<int64_t> FirstEventAfter(Connection& connection, const std::string& customer_id, absl::Time time) {
  // Goes backwards from the newest event to the last one whose transaction had ended by then. An event that counts by
  // then but was noticed later follows it directly.
  const std::string now = FormatDateTime(time);
  static const std::string& last_sql = *new std::string(absl::StrCat("SELECT e.event_id", kFromCustomer, kLastUpTo));
  static const std::string& later_sql = *new std::string(absl::StrCat("SELECT e.event_id", kFromCustomer, kFirstLater));
  int64_t later = 0;
  ASSIGN_OR_RETURN(int64_t last, FindId(kEvents, connection, last_sql, {customer_id, now}));
  if (last == 0) {
    ASSIGN_OR_RETURN(last, FindId(kEventArchive, connection, last_sql, {customer_id, now}));
    ASSIGN_OR_RETURN(later, FindId(kEventArchive, connection, later_sql, {customer_id, last, now, DayOf(time)}));
  }
  if (later != 0) return later;
  return FindId(kEvents, connection, later_sql, {customer_id, last, now, DayOf(time)});
}

absl::StatusOr<std::vector<model::Event>> LoadEventsUntil(Connection& connection, const std::string& customer_id,
                                                          int64_t first_event, absl::Time end, int limit) {
  static const std::string& sql = *new std::string(absl::StrCat("SELECT ", kColumnsForward, kFromCustomer, kUntil));
  const std::vector<Value> params{customer_id, first_event, FormatDateTime(end), DayOf(end - absl::Microseconds(1)),
                                  int64_t{limit}};
  ASSIGN_OR_RETURN(std::vector<model::Event> newer, LoadFrom(kEvents, connection, sql, params));
  if (!newer.empty() && newer.front().event_id == first_event) return newer;
  ASSIGN_OR_RETURN(std::vector<model::Event> events, LoadFrom(kEventArchive, connection, sql, params));
  std::move(newer.begin(), newer.end(), std::back_inserter(events));
  if (events.size() > static_cast<size_t>(limit)) events.resize(static_cast<size_t>(limit));
  return events;
}

absl::StatusOr<std::set<std::string>> LoadProductsSince(Connection& connection, const std::string& customer_id,
                                                        int64_t first_event, const std::string& without_kind) {
  std::set<std::string> products;
  for (const char* table : {kEvents, kEventArchive}) {
    ASSIGN_OR_RETURN(const auto rows,
                     connection.Query(In(table, kProductsSince), {customer_id, first_event, without_kind}));
    while (rows->Next()) products.insert(rows->String(0));
    RETURN_IF_ERROR(rows->status());
  }
  return products;
}

absl::Status RewindCustomer(Connection& connection, const std::string& customer_id, int64_t event_id,
                            model::World& world) {
  ASSIGN_OR_RETURN(const std::vector<model::Event> events,
                   LoadAll(connection, absl::StrCat("SELECT ", kEventColumns, kFirstOfEachRow), {customer_id, event_id},
                           [=](const model::Event& event) { return event.event_id == event_id; }));
  // Goes backwards: a row may have an event in each table, and the older one counts.
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    ASSIGN_OR_RETURN(const model::ChangeSet change, ChangeOf(*event));
    Undo(change, world);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<model::Event>> LoadRowEvents(Connection& connection, const EventScope& row, absl::Time start,
                                                        absl::Time end) {
  std::vector<Value> params = KeyOfRow(row);
  params.emplace_back(FormatDateTime(start));
  params.emplace_back(FormatDateTime(end));
  return LoadAll(connection, absl::StrCat("SELECT ", kColumnsForward, kFromRow, kBetween), params, IsFirstOfRow);
}

absl::StatusOr<std::optional<std::string>> LoadImageAt(Connection& connection, const EventScope& row, absl::Time time) {
  std::vector<Value> params = KeyOfRow(row);
  params.emplace_back(FormatDateTime(time));
  params.emplace_back(DayOf(time));
  ASSIGN_OR_RETURN(std::vector<model::Event> last,
                   LoadFirst(connection, EventOrder::kNewestFirst,
                             absl::StrCat("SELECT ", kColumnsForward, kFromRow, kRowUpTo), std::move(params), 1));
  if (!last.empty()) return std::move(last[0].after);
  // None by then: either there was no such row, or its events of then are not kept any more. The next one tells.
  ASSIGN_OR_RETURN(
      std::vector<model::Event> next,
      LoadFirst(connection, EventOrder::kOldestFirst,
                absl::StrCat("SELECT ", kEventColumns, kFromRow, " ORDER BY e.revision LIMIT ?"), KeyOfRow(row), 1));
  return next.empty() ? std::nullopt : std::move(next[0].before);
}

}  // namespace lmp::storage
