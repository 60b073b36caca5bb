#include "storage/events.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/columns.h"
#include "storage/sql_rows.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kInsertEvents[] =
    "INSERT INTO events (event_time, actor, reason, request_id, kind, effective_date, row_table, key1, key2, revision, before_image, "
    "after_image) VALUES ";
constexpr size_t kColumns = 12;

}  // namespace

std::vector<model::Event> EventsOf(const model::ChangeSet& changes, const model::Event& header) {
  std::vector<model::Event> events;
  changes.ForEachKind([&](const auto& rows) {
    for (const auto& change : rows) {
      model::Event& event = events.emplace_back(header);
      const model::RowKey key = KeyOf(change.after);
      event.row_table = std::string(change.after.kTable);
      event.key1 = key.first;
      event.key2 = key.second;
      event.revision = change.after.stamp.revision;
      if (change.before.has_value()) event.before = ImageOf(*change.before);
      event.after = ImageOf(change.after);
    }
  });
  return events;
}

absl::Status InsertEvents(Connection& connection, const std::vector<model::Event>& events) {
  const std::string places = Places(kColumns);
  for (size_t from = 0; from < events.size(); from += kMaxRowsPerInsert) {
    std::string sql = kInsertEvents;
    std::vector<Value> params;
    const size_t to = std::min(events.size(), from + kMaxRowsPerInsert);
    params.reserve((to - from) * kColumns);
    for (size_t i = from; i < to; ++i) {
      const model::Event& event = events[i];
      absl::StrAppend(&sql, i == from ? "" : ", ", places);
      const auto add = [&](const auto&... fields) { (params.push_back(ToValue(fields)), ...); };
      add(event.event_time, event.actor, event.reason, event.request_id, event.kind, event.effective_date,
          event.row_table, event.key1, event.key2, event.revision, event.before, event.after);
    }
    RETURN_IF_ERROR(connection.Update(sql, params).status());
  }
  return absl::OkStatus();
}

}  // namespace lmp::storage
