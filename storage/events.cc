#include "storage/events.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/model/personal.h"
#include "storage/rows/columns.h"
#include "storage/rows/sql_rows.h"

namespace lmp::storage {
namespace {

constexpr absl::string_view kOfCustomer[] = {model::Customer::kTable, model::Subscription::kTable,
                                             model::License::kTable, model::ScheduledChange::kTable,
                                             model::LicenseToken::kTable};

// Whose a row is. None: its customer knows.
template <class Row>
std::optional<std::string> PartnerOf(const Row& row) {
  if constexpr (std::is_same_v<Row, model::Product>) {
    return "";
  } else if constexpr (requires { row.partner_id; }) {
    return row.partner_id;
  } else {
    return std::nullopt;
  }
}

// What nobody can guess, and so nobody can tell by the digest what was hashed with it.
std::string Salt() {
  std::string salt(16, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), static_cast<int>(salt.size())) != 1) std::abort();
  return salt;
}

}  // namespace

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
      const bool erasure = header.kind == model::kCustomerErased;
      if (change.before.has_value())
        event.before = ImageOf(erasure ? model::WithoutPersonal(*change.before) : *change.before);
      event.after = ImageOf(change.after);
      const bool personal = !event.reason.empty() || model::HoldsPersonal(change.after) ||
                            (change.before.has_value() && !erasure && model::HoldsPersonal(*change.before));
      if (personal) event.salt = Salt();
      event.partner_id = PartnerOf(change.after);
    }
  });
  return events;
}

const std::string& TablesOfCustomer() {
  static const std::string& tables = *new std::string(absl::StrCat("('", absl::StrJoin(kOfCustomer, "', '"), "')"));
  return tables;
}

bool IsOfCustomer(const model::Event& event) {
  return std::find(std::begin(kOfCustomer), std::end(kOfCustomer), event.row_table) != std::end(kOfCustomer);
}

void NamePartners(const model::World& world, std::vector<model::Event>& events) {
  for (model::Event& event : events) {
    if (event.partner_id.has_value()) continue;
    if (const model::Customer* customer = Find(world.customers, event.key1)) event.partner_id = customer->partner_id;
  }
}

void ReadEvent(ResultSet& rows, model::Event& event) {
  event.event_id = rows.Int64(0);
  FromColumn(rows, 1, event.event_time);
  event.actor = rows.String(2);
  event.reason = rows.String(3);
  event.request_id = rows.String(4);
  event.kind = rows.String(5);
  FromColumn(rows, 6, event.effective_date);
  event.row_table = rows.String(7);
  event.key1 = rows.String(8);
  event.key2 = rows.String(9);
  FromColumn(rows, 10, event.revision);
  event.after = rows.String(11);
  FromColumn(rows, 12, event.before);
  event.sequence = rows.Int64(13);
  FromColumn(rows, 14, event.partner_id);
}

absl::Status InsertEvents(Connection& connection, const std::vector<model::Event>& events) {
  return InsertRows(connection, events);
}

}  // namespace lmp::storage
