#include "storage/erasure.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/event_archive.h"
#include "storage/event_sequence.h"
#include "storage/events.h"
#include "storage/history_chain.h"
#include "storage/model/personal.h"
#include "storage/model/world.h"
#include "storage/rows/columns.h"
#include "storage/rows/personal.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kNext[] =
    "SELECT customer_id FROM customers FORCE INDEX (customers_erasing) WHERE erasing = 1 AND customer_id > ? ORDER BY "
    "customer_id LIMIT 1";
constexpr char kLock[] =
    "SELECT delete_time FROM customers WHERE customer_id = ? AND erasing = 1 FOR UPDATE SKIP LOCKED";
constexpr char kEnd[] = "UPDATE customers SET erasing = 0 WHERE customer_id = ?";
constexpr char kForgetAnswer[] = "DELETE FROM requests WHERE caller = ? AND request_id = ?";

// The reason of the erasure itself is kept: whoever gives one knows that it stays.
std::string StillTells() {
  return absl::StrCat(" AND e.erased IS NULL AND e.kind <> '", model::kCustomerErased,
                      "' AND (e.reason <> '' OR e.row_table IN ('", absl::StrJoin(PersonalTables(), "', '"), "'))");
}
constexpr char kOfCustomer[] = "FORCE INDEX (events_key1) WHERE e.key1 = ? AND e.event_id > ? AND e.row_table IN ";
constexpr char kOfKey[] = "FORCE INDEX (events_row) WHERE e.row_table = ? AND e.key1 = ? AND e.key2 = ''";
// Events of one transaction follow each other, and of one request a customer's come before those of its pools and keys.
constexpr char kCameAlong[] =
    "FORCE INDEX (events_by_sequence) WHERE e.sequence > ? AND e.sequence <= ? AND e.request_id = ? AND e.reason <> '' "
    "AND e.erased IS NULL AND e.row_table IN ('license_pools', 'registration_keys', 'api_keys')";

// Of both tables, in order of their ids. What is moved to the archive meanwhile is found twice, and never missed.
absl::StatusOr<std::vector<model::Event>> LoadOfBoth(Connection& connection, absl::string_view which,
                                                     const std::vector<Value>& params) {
  ASSIGN_OR_RETURN(std::vector<model::Event> events, LoadStoredEvents(connection, kEvents, which, params));
  ASSIGN_OR_RETURN(std::vector<model::Event> old, LoadStoredEvents(connection, kEventArchive, which, params));
  std::move(old.begin(), old.end(), std::back_inserter(events));
  const auto by_id = [](const model::Event& a, const model::Event& b) { return a.event_id < b.event_id; };
  const auto same = [](const model::Event& a, const model::Event& b) { return a.event_id == b.event_id; };
  std::sort(events.begin(), events.end(), by_id);
  events.erase(std::unique(events.begin(), events.end(), same), events.end());
  return events;
}

bool AnyWithoutPlace(const std::vector<model::Event>& events) {
  return std::any_of(events.begin(), events.end(), [](const model::Event& event) { return event.sequence == 0; });
}

absl::Status StoreErased(Connection& connection, const model::Event& event) {
  for (const char* table : {kEvents, kEventArchive}) {
    const std::string sql =
        absl::StrCat("UPDATE ", table,
                     " SET reason = '', before_image = ?, after_image = ?, salt = NULL, erased = UNHEX(?) WHERE "
                     "event_id = ?");
    ASSIGN_OR_RETURN(const int64_t matched,
                     connection.Update(sql, {ToValue(event.before), event.after, absl::BytesToHexString(*event.erased),
                                             event.event_id}));
    if (matched == 1) return absl::OkStatus();
  }
  return absl::AbortedError("an event was moved while it was erased");
}

// Erases those that tell of people, and returns how many those are.
absl::StatusOr<int64_t> Erase(Connection& connection, std::vector<model::Event> events) {
  int64_t erased = 0;
  for (model::Event& event : events) {
    if (!HoldsPersonal(event)) continue;
    event.erased = event.record_version == kSaltedRecord ? PersonalDigest(event) : LeafOf(event);
    ForgetPersonal(event);
    RETURN_IF_ERROR(StoreErased(connection, event));
    if (!event.request_id.empty())
      RETURN_IF_ERROR(connection.Update(kForgetAnswer, {event.actor, event.request_id}).status());
    ++erased;
  }
  return erased;
}

// The events of other rows that have the reasons of these: once for each request, behind its first event.
absl::StatusOr<int64_t> EraseWhatCameAlong(Connection& connection, const std::vector<model::Event>& events) {
  int64_t erased = 0;
  std::set<std::pair<int64_t, std::string>> seen;
  for (const model::Event& event : events) {
    if (event.reason.empty() || !seen.emplace(event.transaction_end, event.request_id).second) continue;
    ASSIGN_OR_RETURN(std::vector<model::Event> others,
                     LoadOfBoth(connection, kCameAlong, {event.sequence, event.transaction_end, event.request_id}));
    ASSIGN_OR_RETURN(const int64_t count, Erase(connection, std::move(others)));
    erased += count;
  }
  return erased;
}

template <class Row>
absl::Status ForgetRow(Connection& connection, const std::string& key) {
  static const std::string& sql = *new std::string(absl::StrCat(
      "UPDATE ", Row::kTable, " SET ",
      absl::StrJoin(Row::kPersonal, ", ",
                    [](std::string* out, absl::string_view column) { absl::StrAppend(out, column, " = ?"); }),
      " WHERE key_id = ?"));
  std::vector<Value> params;
  const Row fresh;
  Row::Visit(fresh, [&](absl::string_view name, const auto& value) {
    if (model::IsPersonal<Row>(name)) params.push_back(ToValue(value));
  });
  params.emplace_back(key);
  return connection.Update(sql, params).status();
}

template <class Row>
absl::StatusOr<ErasedPart> EraseKeys(Connection& connection, absl::string_view index, const std::string& customer_id,
                                     const std::string& after, int limit) {
  ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query(absl::StrCat("SELECT key_id FROM ", Row::kTable, " FORCE INDEX (", index,
                                    ") WHERE customer_id = ? AND key_id > ? ORDER BY key_id LIMIT ? FOR UPDATE"),
                       {customer_id, after, int64_t{limit}}));
  std::vector<std::string> keys;
  while (rows->Next()) keys.push_back(rows->String(0));
  RETURN_IF_ERROR(rows->status());
  ErasedPart part{.done = std::ssize(keys) < limit};
  for (const std::string& key : keys) {
    ASSIGN_OR_RETURN(std::vector<model::Event> events,
                     LoadOfBoth(connection, absl::StrCat(kOfKey, StillTells()), {std::string(Row::kTable), key}));
    part.waits = part.waits || AnyWithoutPlace(events);
    if (part.waits) return part;
    ASSIGN_OR_RETURN(const int64_t erased, Erase(connection, std::move(events)));
    part.erased += erased;
    RETURN_IF_ERROR(ForgetRow<Row>(connection, key));
    part.last_key = key;
  }
  return part;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> NextErasing(Connection& connection, const std::string& after) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kNext, {after}));
  std::optional<std::string> customer_id;
  if (rows->Next()) customer_id = rows->String(0);
  RETURN_IF_ERROR(rows->status());
  return customer_id;
}

absl::StatusOr<std::optional<absl::Time>> LockErasing(Connection& connection, const std::string& customer_id) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kLock, {customer_id}));
  std::optional<absl::Time> deleted;
  if (rows->Next()) FromColumn(*rows, 0, deleted);
  RETURN_IF_ERROR(rows->status());
  return deleted;
}

absl::StatusOr<ErasedPart> EraseEvents(Connection& connection, const std::string& customer_id, int64_t after,
                                       int limit) {
  ErasedPart part{.last = after};
  ASSIGN_OR_RETURN(
      std::vector<model::Event> events,
      LoadOfBoth(connection,
                 absl::StrCat(kOfCustomer, TablesOfCustomer(), StillTells(), " ORDER BY e.event_id LIMIT ?"),
                 {customer_id, after, int64_t{limit}}));
  part.done = events.size() < static_cast<size_t>(limit);
  if (events.size() > static_cast<size_t>(limit)) events.resize(static_cast<size_t>(limit));
  part.waits = AnyWithoutPlace(events);
  if (part.waits || events.empty()) return part;
  part.last = events.back().event_id;
  ASSIGN_OR_RETURN(part.erased, EraseWhatCameAlong(connection, events));
  ASSIGN_OR_RETURN(const int64_t own, Erase(connection, std::move(events)));
  part.erased += own;
  return part;
}

absl::StatusOr<ErasedPart> EraseApiKeys(Connection& connection, const std::string& customer_id,
                                        const std::string& after, int limit) {
  return EraseKeys<model::ApiKey>(connection, "api_keys_customer_fk", customer_id, after, limit);
}

absl::StatusOr<ErasedPart> EraseRegistrationKeys(Connection& connection, const std::string& customer_id,
                                                 const std::string& after, int limit) {
  return EraseKeys<model::RegistrationKey>(connection, "registration_keys_subscription_fk", customer_id, after, limit);
}

absl::Status EndErasure(Connection& connection, const std::string& customer_id) {
  return connection.Update(kEnd, {customer_id}).status();
}

absl::StatusOr<std::string> CustomerOfKey(Connection& connection, absl::string_view row_table, const std::string& key) {
  if (row_table != model::ApiKey::kTable && row_table != model::RegistrationKey::kTable) return std::string();
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query(absl::StrCat("SELECT customer_id FROM ", row_table, " WHERE key_id = ?"), {key}));
  std::string customer = rows->Next() ? rows->String(0) : "";
  RETURN_IF_ERROR(rows->status());
  return customer;
}

}  // namespace lmp::storage
