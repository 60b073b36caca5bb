// The rows that a writer wants and that other sessions have locked.
#ifndef LMP_STORAGE_LOCKED_ROWS_H_
#define LMP_STORAGE_LOCKED_ROWS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/model/change_set.h"
#include "storage/model/row.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

struct LockedRows {
  // (table, id): customers, registration keys, API keys; and rows of the catalog that a write leads to, see
  // CatalogRowsOfWrite.
  std::set<model::RowKey> rows;
  std::set<model::RowKey> pools;  // (partner, product)
  bool catalog = false;
  // Something that a write needs although the writer does not ask for it, and that is none of the above.
  bool elsewhere = false;
  // Pools that are known to be locked for long: given by the writer, so that it does not even look at them.
  std::set<model::RowKey> known_pools = {};
  // Given by the writer: the most licenses that it loads of several customers together; zero: no limit. Customers that
  // would be too much are left out, and among `rows`; never those in `always`, nor all of the others.
  size_t most_licenses = 0;
  std::set<std::string> always = {};

  bool empty() const { return rows.empty() && pools.empty() && !catalog && !elsewhere; }
};

// The name of a row in LockedRows::rows.
template <class Row>
model::RowKey NameOf(const std::string& id) {
  return {std::string(Row::kTable), id};
}

// Those of the ids whose rows are among `rows`.
template <class Row>
std::set<std::string> Among(const std::vector<std::string>& ids, const std::set<model::RowKey>& rows) {
  std::set<std::string> among;
  for (const std::string& id : ids) {
    if (rows.contains(NameOf<Row>(id))) among.insert(id);
  }
  return among;
}

// The rows of the catalog that writing the changes locks, without anybody's asking for them: to which the foreign keys
// of new rows lead, or which change themselves.
std::set<model::RowKey> CatalogRowsOfWrite(const model::ChangeSet& changes);

// Those of the rows that are of the catalog.
std::set<model::RowKey> CatalogRowsAmong(const std::set<model::RowKey>& rows);

// Returns those of the rows and pools that another session has locked now: of the catalog, those that a foreign key
// would wait for. It locks nothing for longer than it takes, and does not look at the catalog's version. Call it
// outside of a transaction. Errors: those of the connection.
absl::StatusOr<LockedRows> StillLocked(Connection& connection, const LockedRows& wanted);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_LOCKED_ROWS_H_
