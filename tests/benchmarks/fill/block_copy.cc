#include "tests/benchmarks/fill/block_copy.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/model/event.h"
#include "storage/model/world.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/fill/late_keys.h"
#include "tests/benchmarks/fill/population.h"

namespace lmp::bench {
namespace {

// A table, and which of its columns have the mark in them.
struct Table {
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::string> marked;
};

template <class Row>
Table TableOf(std::vector<std::string> marked) {
  return {std::string(Row::kTable), storage::ColumnNames<Row>(), std::move(marked)};
}

// The events, which take longest, alone; the others make up for it.
const std::vector<Table>& Tables() {
  static const auto& tables = *new std::vector<Table>{
      TableOf<model::Event>({"key1", "before_image", "after_image"}),
      TableOf<model::License>({"customer_id", "activation_code"}), TableOf<model::Subscription>({"customer_id"}),
      TableOf<model::Customer>({"customer_id", "external_id"}), TableOf<model::ScheduledChange>({"customer_id"})};
  return tables;
}

// The block apart: of a table that it writes to, a statement would first copy what it reads.
std::string Apart(const std::string& table) { return "block_of_" + table; }

std::string SetApartSql(const Table& table, int64_t first_event) {
  const bool events = table.name == "events";
  return absl::StrCat(
      "CREATE TABLE ", Apart(table.name), " AS SELECT ", events ? "event_id, " : "", absl::StrJoin(table.columns, ", "),
      " FROM ", table.name,
      events ? absl::StrCat(" WHERE event_id >= ", first_event, " AND row_table <> 'license_pools' ORDER BY event_id")
             : "");
}

// Ids of events are given, so that nobody waits for the other's counter.
std::string CopySql(const Table& table, int block, int64_t events) {
  const bool of_events = table.name == "events";
  std::vector<std::string> values;
  for (const std::string& column : table.columns) {
    const bool marked = std::find(table.marked.begin(), table.marked.end(), column) != table.marked.end();
    values.push_back(
        marked ? absl::StrCat("REPLACE(", column, ", '", Population::MarkOf(0), "', '", Population::MarkOf(block), "')")
               : column);
  }
  return absl::StrCat("INSERT INTO ", table.name, " (", of_events ? "event_id, " : "",
                      absl::StrJoin(table.columns, ", "), ") SELECT ",
                      of_events ? absl::StrCat("event_id + ", events * block, ", ") : "", absl::StrJoin(values, ", "),
                      " FROM ", Apart(table.name));
}

}  // namespace

absl::Status CopyBlocks(const storage::DatabaseOptions& database, int blocks, int64_t first_event) {
  ASSIGN_OR_RETURN(const auto side, storage::Connection::Open(database));
  // What the block's rows did not break, their copies do not.
  const std::string unchecked = absl::StrCat("SET SESSION foreign_key_checks = 0, unique_checks = 0",
                                             side->is_mariadb() ? ", check_constraint_checks = 0" : "");
  std::vector<std::string> blocks_apart;
  for (const Table& table : Tables()) blocks_apart.push_back(SetApartSql(table, first_event));
  RETURN_IF_ERROR(RunOnTwo(database, unchecked, blocks_apart));
  ASSIGN_OR_RETURN(const auto rows, side->Query("SELECT MAX(event_id) FROM events", {}));
  const int64_t events = rows->Next() ? rows->Int64(0) - first_event + 1 : 0;
  RETURN_IF_ERROR(rows->status());

  std::vector<std::string> copies;
  for (int block = 1; block < blocks; ++block) {
    for (const Table& table : Tables()) copies.push_back(CopySql(table, block, events));
  }
  RETURN_IF_ERROR(RunOnTwo(database, unchecked, copies));
  for (const Table& table : Tables()) RETURN_IF_ERROR(side->Execute("DROP TABLE " + Apart(table.name)));
  return absl::OkStatus();
}

}  // namespace lmp::bench
