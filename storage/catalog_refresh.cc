#include "storage/catalog_refresh.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

// Adds the stamps of these rows to what is asked for. "kind" is the number of the kind among model::CatalogKinds.
template <class Row>
void Ask(const std::set<std::string>& ids, int kind, std::string& sql, std::vector<Value>& params) {
  if (ids.empty()) return;
  const std::string& key = ColumnNames<Row>()[0];
  const std::string places = InList({ids.begin(), ids.end()}, params);
  absl::StrAppend(&sql, sql.empty() ? "" : " UNION ALL ", "SELECT ", kind, " AS kind, ", key,
                  " AS id, revision, update_time FROM ", Row::kTable, " WHERE ", key, " IN ", places);
}

}  // namespace

absl::Status CatalogRefresh::Once() {
  if (done_) return absl::OkStatus();
  done_ = true;
  CatalogIds unconfirmed = cache_.Unconfirmed(version_, wanted_);
  if (unconfirmed.empty()) return absl::OkStatus();
  std::string sql;
  std::vector<Value> params;
  int kind = 0;
  model::CatalogKinds::ForEach([&]<class Row>() { Ask<Row>(unconfirmed.Of<Row>(), kind++, sql, params); });
  ASSIGN_OR_RETURN(const auto rows, connection_.Query(sql, params));
  while (rows->Next()) {
    const int64_t of = rows->Int64(0);
    absl::Time update_time;
    FromColumn(*rows, 3, update_time);
    int number = 0;
    model::CatalogKinds::ForEach([&]<class Row>() {
      if (of != number++) return;
      cache_.Confirm<Row>(version_, rows->String(1), static_cast<int>(rows->Int64(2)), update_time);
    });
  }
  return rows->status();
}

}  // namespace lmp::storage
