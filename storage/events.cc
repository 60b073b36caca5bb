#include "storage/events.h"

#include <string>

#include "storage/rows/columns.h"
#include "storage/rows/sql_rows.h"

namespace lmp::storage {

std::vector<model::Event> EventsOf(const model::ChangeSet& changes, const model::Event& header) {
  std::vector<model::Event> events;
  changes.ForEachKind([&](const auto& rows) {
    for (const auto& change : rows) {
      if (!IsNews(change)) continue;
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
  return InsertRows(connection, events);
}

}  // namespace lmp::storage
