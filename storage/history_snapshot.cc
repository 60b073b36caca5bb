#include "storage/history_snapshot.h"

#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/event_sequence.h"
#include "storage/events.h"
#include "storage/model/change_set.h"
#include "storage/model/world.h"
#include "storage/related_rows.h"
#include "storage/rows/sql_rows.h"
#include "storage/scoped_page.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

using Kind = SnapshotCursor::Kind;

constexpr int kRowsAtOnce = 200;
constexpr int kCustomersAtOnce = 50;
constexpr int64_t kRowsOfCustomersAtOnce = 5000;  // of several; one comes whole, whatever it has
// Events without a sequence that a part is set back by. The sequencer numbers a thousand at once, many times a second.
constexpr int kMostLate = 5000;

Kind After(Kind kind, const SnapshotScope& scope) {
  const Kind next = static_cast<Kind>(static_cast<int>(kind) + 1);
  const bool of_sales = next == Kind::kServicePlans || next == Kind::kPools || next == Kind::kRegistrationKeys;
  return of_sales && (!scope.with_sales || !scope.customer_id.empty()) ? After(next, scope) : next;
}

// A page of one kind, into the rows.
template <class Row>
absl::Status LoadKind(Connection& connection, const SnapshotScope& scope, int limit, SnapshotCursor& cursor,
                      model::Rows<Row>& out) {
  PageQuery query{.partner_id = scope.visible_to, .limit = limit};
  constexpr bool kOfAll = std::is_same_v<Row, model::Product> || std::is_same_v<Row, model::Partner>;
  if (!scope.partner_id.empty() && !kOfAll) query.equals.emplace_back("partner_id", scope.partner_id);
  if (cursor.after.has_value()) query.after = Position{"", *cursor.after};
  ASSIGN_OR_RETURN(RowPage<Row> page, LoadScopedPage<Row>(connection, query));
  cursor.after = page.more ? std::optional(KeyOf(page.rows.back())) : std::nullopt;
  for (Row& row : page.rows) {
    model::RowKey key = KeyOf(row);
    out.emplace(std::move(key), std::move(row));
  }
  return absl::OkStatus();
}

// Leaves those customers, of a page, whose rows together are not too many, at least one; the cursor is then after them.
absl::Status LeaveWhatFits(Connection& connection, SnapshotCursor& cursor, model::Rows<model::Customer>& customers) {
  std::vector<std::string> ids;
  for (const auto& [key, customer] : customers) ids.push_back(key.first);
  ASSIGN_OR_RETURN(auto counts, CountRowsOfCustomers(connection, ids));
  int64_t total = 0;
  for (auto it = customers.begin(); it != customers.end(); ++it) {
    total += counts[it->first.first];
    if (total <= kRowsOfCustomersAtOnce || it == customers.begin()) continue;
    cursor.after = std::prev(it)->first;
    customers.erase(it, customers.end());
    break;
  }
  return absl::OkStatus();
}

absl::Status LoadCustomers(Connection& connection, const SnapshotScope& scope, SnapshotCursor& cursor,
                           model::World& world) {
  if (!scope.customer_id.empty()) {
    cursor.after.reset();
    RETURN_IF_ERROR(LoadByFirstKey<model::Customer>(connection, {scope.customer_id}, "", world.customers));
  } else {
    RETURN_IF_ERROR(LoadKind(connection, scope, kCustomersAtOnce, cursor, world.customers));
    RETURN_IF_ERROR(LeaveWhatFits(connection, cursor, world.customers));
  }
  std::vector<std::string> ids;
  for (const auto& [key, customer] : world.customers) ids.push_back(key.first);
  RETURN_IF_ERROR(LoadByFirstKey<model::Subscription>(connection, ids, "", world.subscriptions));
  RETURN_IF_ERROR(LoadByFirstKey<model::License>(connection, ids, "", world.licenses));
  return LoadByFirstKey<model::ScheduledChange>(connection, ids, " AND state = 'PENDING'", world.scheduled_changes);
}

absl::Status Load(Connection& connection, const SnapshotScope& scope, SnapshotCursor& cursor, model::World& world) {
  model::Catalog& catalog = world.MutableCatalog();
  switch (cursor.kind) {
    case Kind::kPartners:
      return LoadKind(connection, scope, kRowsAtOnce, cursor, catalog.partners);
    case Kind::kProducts:
      return LoadKind(connection, scope, kRowsAtOnce, cursor, catalog.products);
    case Kind::kServicePlans:
      return LoadKind(connection, scope, kRowsAtOnce, cursor, catalog.service_plans);
    case Kind::kPools:
      return LoadKind(connection, scope, kRowsAtOnce, cursor, world.pools);
    case Kind::kRegistrationKeys:
      return LoadKind(connection, scope, kRowsAtOnce, cursor, world.registration_keys);
    case Kind::kCustomers:
      return LoadCustomers(connection, scope, cursor, world);
    case Kind::kDone:
      break;
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<model::Event> SetBack(std::vector<model::Event> rows, const std::vector<model::Event>& events) {
  using Name = std::tuple<std::string, std::string, std::string>;
  std::map<Name, const model::Event*> first;
  for (const model::Event& event : events) first.try_emplace({event.row_table, event.key1, event.key2}, &event);
  std::vector<model::Event> kept;
  for (model::Event& row : rows) {
    const auto found = first.find({row.row_table, row.key1, row.key2});
    if (found != first.end()) {
      if (!found->second->before.has_value()) continue;
      row.after = *found->second->before;
      row.revision = found->second->revision - 1;
    }
    kept.push_back(std::move(row));
  }
  return kept;
}

absl::StatusOr<std::vector<model::Event>> LoadSnapshotPart(Connection& connection, const SnapshotScope& scope,
                                                           const model::Event& header, SnapshotCursor& cursor) {
  model::World world;
  ASSIGN_OR_RETURN(const std::vector<model::Event> late, LoadWithoutSequence(connection, kMostLate));
  if (late.size() >= static_cast<size_t>(kMostLate))
    return absl::UnavailableError("very many events are yet to get their place in the history");
  SnapshotCursor next = cursor;
  RETURN_IF_ERROR(Load(connection, scope, next, world));
  if (!next.after.has_value()) next.kind = After(next.kind, scope);
  std::vector<model::Event> rows = EventsOf(Diff(model::World(), world), header);
  NamePartners(world, rows);
  cursor = std::move(next);
  return SetBack(std::move(rows), late);
}

}  // namespace lmp::storage
