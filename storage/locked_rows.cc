#include "storage/locked_rows.h"

#include <optional>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/pool_rows.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

// Those of the ids whose rows the statement returns, once `suffix` is added. Along the primary key, because a lock that
// is shared is not looked for there if another index has all that is asked for.
absl::StatusOr<std::set<std::string>> Select(Connection& connection, absl::string_view table, const std::string& key,
                                             const std::vector<std::string>& ids, absl::string_view suffix) {
  std::vector<Value> params;
  const std::string places = InList(ids, params);
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query(absl::StrCat("SELECT ", key, " FROM ", table, " FORCE INDEX (PRIMARY) WHERE ", key,
                                                 " IN ", places, " ORDER BY ", key, suffix),
                                    params));
  std::set<std::string> found;
  while (rows->Next()) found.insert(rows->String(0));
  RETURN_IF_ERROR(rows->status());
  return found;
}

// Adds the wanted rows of one kind that exist but that `lock` skips.
template <class Row>
absl::Status AddLocked(Connection& connection, const std::set<model::RowKey>& wanted, absl::string_view lock,
                       std::set<model::RowKey>& locked) {
  const std::string table(Row::kTable);
  std::vector<std::string> ids;
  for (auto it = wanted.lower_bound({table, ""}); it != wanted.end() && it->first == table; ++it) {
    ids.push_back(it->second);
  }
  if (ids.empty()) return absl::OkStatus();
  const std::string& key = ColumnNames<Row>()[0];
  ASSIGN_OR_RETURN(const std::set<std::string> free, Select(connection, table, key, ids, lock));
  std::erase_if(ids, [&](const std::string& id) { return free.contains(id); });
  if (ids.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::set<std::string> there, Select(connection, table, key, ids, ""));
  for (const std::string& id : there) locked.emplace(table, id);
  return absl::OkStatus();
}

template <class Row>
void Add(const std::optional<std::string>& id, std::set<model::RowKey>& rows) {
  if (id.has_value()) rows.insert(NameOf<Row>(*id));
}

// Whether a foreign key to the catalog is another: a subscription gets another plan, a license another product.
template <class Row>
bool LeadsElsewhere(const Row& before, const Row& after) {
  if constexpr (std::is_same_v<Row, model::Subscription>) return before.service_plan_id != after.service_plan_id;
  if constexpr (std::is_same_v<Row, model::License>) return before.product_id != after.product_id;
  return false;
}

}  // namespace

std::set<model::RowKey> CatalogRowsAmong(const std::set<model::RowKey>& rows) {
  std::set<model::RowKey> among;
  model::CatalogKinds::ForEach([&]<class Row>() {
    const std::string table(Row::kTable);
    for (auto it = rows.lower_bound({table, ""}); it != rows.end() && it->first == table; ++it) among.insert(*it);
  });
  return among;
}

std::set<model::RowKey> CatalogRowsOfWrite(const model::ChangeSet& changes) {
  std::set<model::RowKey> rows;
  changes.ForEachKind([&](const auto& of_kind) {
    for (const auto& change : of_kind) {
      using Row = std::remove_cvref_t<decltype(change.after)>;
      if (change.before.has_value()) {
        if constexpr (model::CatalogKinds::kHas<Row>) rows.emplace(Row::kTable, KeyOf(change.after).first);
        if (!LeadsElsewhere(*change.before, change.after)) continue;
      }
      if constexpr (std::is_same_v<Row, model::LicenseToken>) continue;  // its product is no foreign key
      if constexpr (requires { change.after.partner_id; }) Add<model::Partner>(change.after.partner_id, rows);
      if constexpr (requires { change.after.parent_id; }) Add<model::Partner>(change.after.parent_id, rows);
      if constexpr (requires { change.after.product_id; }) Add<model::Product>(change.after.product_id, rows);
      if constexpr (requires { change.after.service_plan_id; })
        Add<model::ServicePlan>(change.after.service_plan_id, rows);
    }
  });
  return rows;
}

absl::StatusOr<LockedRows> StillLocked(Connection& connection, const LockedRows& wanted) {
  constexpr absl::string_view kExclusive = " FOR UPDATE SKIP LOCKED";
  const absl::string_view shared =
      connection.is_mariadb() ? " LOCK IN SHARE MODE SKIP LOCKED" : " FOR SHARE SKIP LOCKED";
  LockedRows locked;
  RETURN_IF_ERROR(AddLocked<model::RegistrationKey>(connection, wanted.rows, kExclusive, locked.rows));
  RETURN_IF_ERROR(AddLocked<model::Customer>(connection, wanted.rows, kExclusive, locked.rows));
  RETURN_IF_ERROR(AddLocked<model::ApiKey>(connection, wanted.rows, kExclusive, locked.rows));
  absl::Status status;
  model::CatalogKinds::ForEach([&]<class Row>() {
    if (status.ok()) status = AddLocked<Row>(connection, wanted.rows, shared, locked.rows);
  });
  RETURN_IF_ERROR(status);
  ASSIGN_OR_RETURN(locked.pools, StillLockedPools(connection, wanted.pools));
  return locked;
}

}  // namespace lmp::storage
