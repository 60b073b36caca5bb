#include "storage/gauges.h"

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

absl::Status ReadDue(Connection& connection, absl::CivilDay today, Gauges& gauges) {
  const std::string sql = absl::StrCat(
      "SELECT COUNT(*), MIN(due_date) FROM (SELECT due_date FROM licenses WHERE due_date <= ? ORDER BY due_date LIMIT ",
      kMostCounted, ") AS due");
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, {FormatDate(today)}));
  if (rows->Next()) {
    gauges.due_licenses = rows->Int64(0);
    if (!rows->IsNull(1)) gauges.due_days = std::max<int64_t>(0, today - ParseDate(rows->String(1)));
  }
  return rows->status();
}

absl::Status ReadUnnumbered(Connection& connection, Gauges& gauges) {
  const std::string sql = absl::StrCat("SELECT COUNT(*) FROM (SELECT event_id FROM events WHERE sequence = 0 LIMIT ",
                                       kMostCounted, ") AS unnumbered");
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, {}));
  if (rows->Next()) gauges.events_unnumbered = rows->Int64(0);
  return rows->status();
}

// There are at most as many pools as partners and products, and the rows are small.
absl::Status ReadPools(Connection& connection, Gauges& gauges) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT COUNT(*), CAST(COALESCE(SUM(assigned * 10 >= total * 9), 0) AS SIGNED), "
                                    "CAST(COALESCE(SUM(assigned >= total), 0) AS SIGNED) FROM license_pools "
                                    "WHERE total > 0",
                                    {}));
  if (rows->Next()) {
    gauges.pools = rows->Int64(0);
    gauges.pools_near_end = rows->Int64(1);
    gauges.pools_used_up = rows->Int64(2);
  }
  return rows->status();
}

absl::Status ReadTables(Connection& connection, Gauges& gauges) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT table_name, CAST(COALESCE(table_rows, 0) AS SIGNED) FROM "
                                    "information_schema.tables WHERE table_schema = DATABASE() AND table_name IN "
                                    "('requests', 'events', 'events_archive')",
                                    {}));
  while (rows->Next()) {
    const std::string table = rows->String(0);
    (table == "requests" ? gauges.requests
     : table == "events" ? gauges.events
                         : gauges.archived_events) = rows->Int64(1);
  }
  return rows->status();
}

absl::Status ReadOldestRequest(Connection& connection, Gauges& gauges) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT MIN(create_time) FROM requests", {}));
  if (rows->Next() && !rows->IsNull(0)) gauges.oldest_request = ParseDateTime(rows->String(0));
  return rows->status();
}

// There are as many keys as programs that call: looking at all of them needs no index.
absl::Status ReadApiKeys(Connection& connection, absl::Time now, Gauges& gauges) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT MIN(IF(partner_id IS NULL, expire_time, NULL)), "
                                                     "MIN(IF(partner_id IS NULL, NULL, expire_time)) FROM api_keys "
                                                     "WHERE revoke_time IS NULL AND expire_time > ?",
                                                     {FormatDateTime(now)}));
  if (rows->Next()) {
    if (!rows->IsNull(0)) gauges.next_unbound_key_end = ParseDateTime(rows->String(0));
    if (!rows->IsNull(1)) gauges.next_partner_key_end = ParseDateTime(rows->String(1));
  }
  return rows->status();
}

}  // namespace

absl::StatusOr<Gauges> ReadGauges(Connection& connection, absl::Time now) {
  Gauges gauges;
  RETURN_IF_ERROR(ReadDue(connection, absl::ToCivilDay(now, absl::UTCTimeZone()), gauges));
  RETURN_IF_ERROR(ReadUnnumbered(connection, gauges));
  RETURN_IF_ERROR(ReadPools(connection, gauges));
  RETURN_IF_ERROR(ReadTables(connection, gauges));
  RETURN_IF_ERROR(ReadOldestRequest(connection, gauges));
  RETURN_IF_ERROR(ReadApiKeys(connection, now, gauges));
  return gauges;
}

}  // namespace lmp::storage
