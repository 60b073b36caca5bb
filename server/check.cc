#include "server/check.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/domain/decision/invariants.h"
#include "storage/event_archive.h"
#include "storage/history_retention.h"
#include "storage/model/personal.h"
#include "storage/rows/columns.h"
#include "storage/rows/images.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr int kPageRows = 500;
constexpr char kEventsOfRow[] =
    "SELECT revision, COALESCE(before_image, ''), after_image, erased IS NOT NULL OR kind = ? FROM ";
constexpr char kOfRow[] = " WHERE row_table = ? AND key1 = ? AND key2 = ? ORDER BY revision";
constexpr char kArchiveEnds[] =
    "SELECT COALESCE((SELECT MAX(event_id) FROM events_archive), 0), COALESCE((SELECT MIN(event_id) FROM events), 0)";
constexpr char kPoolSums[] =
    "SELECT p.partner_id, p.product_id, p.assigned, (SELECT COALESCE(SUM(l.units), 0) FROM licenses l JOIN customers c "
    "ON c.customer_id = l.customer_id WHERE c.partner_id = p.partner_id AND l.product_id = p.product_id AND l.closed = "
    "0) "
    "FROM license_pools p";

struct Checker {
  storage::Connection& connection;
  model::Date today;
  const std::function<void(const std::string&)>& tell;
  const std::function<void(int64_t)>& progress;
  storage::HistoryBase base;
  CheckReport report = {};
  std::vector<const char*> event_tables = {storage::kEvents};  // the table with the oldest events comes first

  void Tell(const std::string& sentence) {
    ++report.violations;
    tell(sentence);
  }
};

enum class Personal { kCompared, kErased };

// True if both images show the same row: older versions wrote more into an image, also marks. What had been told of a
// license's end when version 14 of the schema came was filled in without an event. What tells of people may be erased
// on one side, and not yet on the other.
template <class Row>
bool SameRow(const std::string& image, const std::string& other, Personal personal) {
  if (image == other || image.empty() || other.empty()) return image == other;
  auto row = storage::RowOf<Row>(image), other_row = storage::RowOf<Row>(other);
  if (!row.ok() || !other_row.ok()) return false;
  if constexpr (std::is_same_v<Row, model::License>) {
    if (row->announced_date.has_value() != other_row->announced_date.has_value())
      row->announced_date = other_row->announced_date;
  }
  if (personal == Personal::kErased) {
    row = model::WithoutPersonal(*row);
    other_row = model::WithoutPersonal(*other_row);
  }
  return *row == *other_row || OnlyMarkDiffers(*row, *other_row);
}

// I3: each revision of the row has one event, each event begins where the previous one ended, and the last one ends
// with the row as it is.
template <class Row>
absl::Status CheckEvents(const Row& row, Checker& checker) {
  const model::RowKey key = KeyOf(row);
  int64_t revision = 0;
  bool chained = true, begins = true;
  std::string image;
  Personal personal = Personal::kCompared;  // of the last event
  for (const char* table : checker.event_tables) {
    ASSIGN_OR_RETURN(const auto events, checker.connection.Query(
                                            absl::StrCat(kEventsOfRow, table, kOfRow),
                                            {model::kCustomerErased, std::string(Row::kTable), key.first, key.second}));
    while (events->Next()) {
      // Earlier events may not be kept any more.
      if (std::exchange(begins, false) && checker.base.sequence > 0 && events->Int64(0) > 1) {
        revision = events->Int64(0) - 1;
        image = events->String(1);
      }
      const Personal before = std::exchange(personal, events->Int64(3) != 0 ? Personal::kErased : Personal::kCompared);
      chained = chained && events->Int64(0) == ++revision &&
                SameRow<Row>(events->String(1), image, std::max(before, personal));
      image = events->String(2);
    }
    RETURN_IF_ERROR(events->status());
  }
  if (begins && row.stamp.update_time <= checker.base.time) return absl::OkStatus();
  const std::string name = absl::StrCat(Row::kTable, " ", key.first, key.second.empty() ? "" : "/", key.second);
  if (!chained || revision != row.stamp.revision) {
    checker.Tell(
        absl::StrCat("I3: ", name, " is at revision ", row.stamp.revision, " but its events do not lead there"));
  } else if (!SameRow<Row>(image, storage::ImageOf(row), personal)) {
    checker.Tell(absl::StrCat("I3: ", name, " is not what its last event says"));
  }
  return absl::OkStatus();
}

// Reads all rows of a table in order of their keys; `each` gets a page at a time.
template <class Row>
absl::Status ForEachPage(Checker& checker, const std::function<absl::Status(const model::Rows<Row>&)>& each) {
  const std::vector<std::string>& names = storage::ColumnNames<Row>();
  model::RowKey last;
  for (;;) {
    std::string sql = absl::StrCat(storage::SelectFrom<Row>(), " WHERE (", names[0], " > ?");
    std::vector<storage::Value> params = {last.first};
    if (Row::kKeyColumns == 2) {  // as in row_page.cc: read from there, and not from the customer's first row
      absl::StrAppend(&sql, " OR (", names[0], " = ? AND ", names[1], " > ?)");
      params.insert(params.end(), {last.first, last.second});
    }
    absl::StrAppend(&sql, ") ORDER BY ", names[0], Row::kKeyColumns == 2 ? absl::StrCat(", ", names[1]) : "", " LIMIT ",
                    kPageRows);
    model::Rows<Row> rows;
    RETURN_IF_ERROR(storage::LoadRows<Row>(checker.connection, sql, params, rows));
    if (rows.empty()) return absl::OkStatus();
    checker.report.rows += static_cast<int64_t>(rows.size());
    if (checker.progress) checker.progress(checker.report.rows);
    for (const auto& [key, row] : rows) RETURN_IF_ERROR(CheckEvents(row, checker));
    RETURN_IF_ERROR(each(rows));
    last = rows.rbegin()->first;
  }
}

template <class Row>
absl::Status CheckTable(Checker& checker) {
  return ForEachPage<Row>(checker, [](const model::Rows<Row>&) { return absl::OkStatus(); });
}

// Checks I1 and the form of licenses, customer by customer.
absl::Status CheckCustomers(Checker& checker) {
  return ForEachPage<model::Customer>(checker, [&](const model::Rows<model::Customer>& customers) -> absl::Status {
    std::vector<std::string> ids;
    for (const auto& [key, customer] : customers) ids.push_back(key.first);
    model::World world;
    world.customers = customers;
    RETURN_IF_ERROR(storage::LoadByFirstKey<model::Subscription>(checker.connection, ids, "", world.subscriptions));
    RETURN_IF_ERROR(storage::LoadByFirstKey<model::License>(checker.connection, ids, "", world.licenses));
    for (const std::string& violation : domain::InvariantViolations(world, checker.today)) checker.Tell(violation);
    return absl::OkStatus();
  });
}

absl::Status CheckPools(Checker& checker) {
  RETURN_IF_ERROR(CheckTable<model::LicensePool>(checker));
  ASSIGN_OR_RETURN(const auto rows, checker.connection.Query(kPoolSums, {}));
  while (rows->Next()) {
    if (rows->Int64(2) == rows->Int64(3)) continue;
    checker.Tell(absl::StrCat("I2: pool ", rows->String(0), "/", rows->String(1), " says ", rows->Int64(2),
                              " units assigned, its licenses have ", rows->Int64(3)));
  }
  return rows->status();
}

// Checks that everything in the archive is older than everything outside of it (storage/event_archive.h).
absl::Status CheckArchive(Checker& checker) {
  ASSIGN_OR_RETURN(const auto rows, checker.connection.Query(kArchiveEnds, {}));
  if (rows->Next() && rows->Int64(0) != 0) {
    checker.event_tables.insert(checker.event_tables.begin(), storage::kEventArchive);
    if (rows->Int64(0) >= rows->Int64(1)) {
      checker.Tell(
          absl::StrCat("I3: events_archive goes up to ", rows->Int64(0), ", but events begins with ", rows->Int64(1)));
    }
  }
  return rows->status();
}

}  // namespace

absl::StatusOr<CheckReport> CheckDatabase(storage::Connection& connection, model::Date today,
                                          const std::function<void(const std::string&)>& tell,
                                          const std::function<void(int64_t)>& progress) {
  ASSIGN_OR_RETURN(storage::HistoryBase base, storage::LoadHistoryBase(connection));
  Checker checker{connection, today, tell, progress, std::move(base)};
  RETURN_IF_ERROR(CheckArchive(checker));
  RETURN_IF_ERROR(CheckTable<model::Partner>(checker));
  RETURN_IF_ERROR(CheckTable<model::Product>(checker));
  RETURN_IF_ERROR(CheckTable<model::ServicePlan>(checker));
  RETURN_IF_ERROR(CheckCustomers(checker));
  RETURN_IF_ERROR(CheckTable<model::Subscription>(checker));
  RETURN_IF_ERROR(CheckTable<model::License>(checker));
  RETURN_IF_ERROR(CheckTable<model::ScheduledChange>(checker));
  RETURN_IF_ERROR(CheckPools(checker));
  RETURN_IF_ERROR(CheckTable<model::RegistrationKey>(checker));
  RETURN_IF_ERROR(CheckTable<model::LicenseToken>(checker));
  RETURN_IF_ERROR(CheckTable<model::ApiKey>(checker));
  return checker.report;
}

absl::StatusOr<int64_t> RowsToCheck(storage::Connection& connection) {
  std::vector<storage::Value> tables;
  model::ForEachKind([&]<class Row>() { tables.emplace_back(std::string(Row::kTable)); });
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query(absl::StrCat("SELECT COALESCE(SUM(table_rows), 0) FROM information_schema.tables "
                                                 "WHERE table_schema = DATABASE() AND table_name IN ",
                                                 storage::Places(tables.size())),
                                    tables));
  const int64_t estimate = rows->Next() ? rows->Int64(0) : 0;
  RETURN_IF_ERROR(rows->status());
  return estimate;
}

std::string CheckProgress::Line(int64_t rows, absl::Time now) {
  if (now < said_ + kInterval) return "";
  said_ = now;
  const double rate = static_cast<double>(rows) / absl::ToDoubleSeconds(now - start_);
  const double left = rate > 0 ? static_cast<double>(std::max<int64_t>(0, estimate_ - rows)) / rate : 0;
  return absl::StrFormat("%d of about %d rows, %.0f rows/s, about %.0f s left", rows, std::max(rows, estimate_), rate,
                         left);
}

}  // namespace lmp::server
