#include "server/engine/history.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/event_kinds.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/due.h"
#include "server/engine/catch_up.h"
#include "server/engine/shared_pools.h"
#include "storage/history.h"
#include "storage/history_retention.h"
#include "storage/related_rows.h"
#include "storage/rows/images.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::engine {
namespace {

constexpr int kEventsAtOnce = 1000;  // held in memory, with an image each

// Customers' rows at an instant, and where their history continues.
struct Past {
  model::World current;  // the rows as stored now
  model::World rows;     // the rows as they were
  // By customer: the first event that counts after the instant, if there is one.
  std::map<std::string, int64_t> next_event;
};

template <class Row>
bool AnyChangedAfter(const model::Rows<Row>& rows, const std::string& customer_id, absl::Time time) {
  for (const auto& [key, row] : model::Range(rows, customer_id)) {
    if (row.stamp.update_time > time) return true;
  }
  return false;
}

bool ChangedAfter(const model::World& world, const std::string& customer_id, absl::Time time) {
  return AnyChangedAfter(world.customers, customer_id, time) ||
         AnyChangedAfter(world.subscriptions, customer_id, time) ||
         AnyChangedAfter(world.licenses, customer_id, time) ||
         AnyChangedAfter(world.scheduled_changes, customer_id, time);
}

absl::StatusOr<Past> LoadPast(storage::Connection& connection, storage::CatalogCache& cache,
                              const std::vector<std::string>& customer_ids, absl::Time time) {
  RETURN_IF_ERROR(CheckKept(connection, time, "read_time"));
  Past past;
  ASSIGN_OR_RETURN(past.current, LoadWorld(connection, {.customers = customer_ids}, storage::Locking::kNone, cache));
  // Changes that no longer wait are loaded too, because they may have waited then.
  RETURN_IF_ERROR(
      storage::LoadByFirstKey<model::ScheduledChange>(connection, customer_ids, "", past.current.scheduled_changes));
  past.rows = past.current;
  for (const std::string& id : customer_ids) {
    if (!ChangedAfter(past.current, id, time)) continue;
    ASSIGN_OR_RETURN(const int64_t next, storage::FirstEventAfter(connection, id, time));
    if (next == 0) continue;
    past.next_event[id] = next;
    RETURN_IF_ERROR(storage::RewindCustomer(connection, id, next, past.rows));
  }
  past.rows.license_tokens.clear();  // it has only the tokens that changed since, and not all
  return past;
}

template <class Row>
void Settle(absl::Time time, model::Rows<Row>& rows) {
  for (auto& [key, row] : rows) row.stamp.update_time = std::min(row.stamp.update_time, time);
}

// The catalog that the rows refer to.
model::Footprint CatalogOf(const model::World& rows) {
  std::set<std::string> partners, products, plans;
  for (const auto& [key, customer] : rows.customers) partners.insert(customer.partner_id);
  for (const auto& [key, license] : rows.licenses) products.insert(license.product_id);
  for (const auto& [key, subscription] : rows.subscriptions) plans.insert(subscription.service_plan_id);
  return {.partners = {partners.begin(), partners.end()},
          .products = {products.begin(), products.end()},
          .service_plans = {plans.begin(), plans.end()}};
}

absl::StatusOr<model::Catalog> LoadCatalogNow(storage::Connection& connection, storage::CatalogCache& cache,
                                              const model::Footprint& footprint) {
  ASSIGN_OR_RETURN(const model::World world, LoadWorld(connection, footprint, storage::Locking::kNone, cache));
  return *world.catalog;
}

absl::Status Rewind(storage::Connection& connection, absl::Time time, model::Catalog& catalog) {
  RETURN_IF_ERROR(storage::RewindRows(connection, time, catalog.partners));
  RETURN_IF_ERROR(storage::RewindRows(connection, time, catalog.products));
  return storage::RewindRows(connection, time, catalog.service_plans);
}

// Adds changes of partners or products in [start, end).
template <class Row>
absl::Status AddCatalogHappenings(storage::Connection& connection, const model::Rows<Row>& rows, absl::Time start,
                                  absl::Time end, std::vector<domain::DatedChange>& dated_changes) {
  for (const auto& [key, row] : rows) {
    if (row.stamp.update_time < start) continue;
    ASSIGN_OR_RETURN(
        const std::vector<model::Event> events,
        storage::LoadRowEvents(connection, {std::string(Row::kTable), key.first, key.second}, start - kInstant, end));
    for (const model::Event& event : events) {
      ASSIGN_OR_RETURN(model::ChangeSet change, storage::ChangeOf(event));
      dated_changes.push_back({event.event_time, std::move(change)});
    }
  }
  return absl::OkStatus();
}

// A customer's changes and those of its catalog, put in order while they come.
class ChangesInOrder final {
 public:
  ChangesInOrder(const std::vector<domain::DatedChange>& of_catalog,
                 absl::FunctionRef<void(const domain::DatedChange&)> visit)
      : next_(of_catalog.begin()), last_(of_catalog.end()), visit_(visit) {}

  // Each of the customer's events counts from no earlier instant than the event before it. Of two changes at one
  // instant the catalog's is the second.
  absl::Status Add(const model::Event& event, absl::Time end) {
    time_ = std::max(time_, storage::CountsFrom(event));
    if (time_ >= end) return absl::OkStatus();
    for (; next_ != last_ && next_->time < time_; ++next_) visit_(*next_);
    ASSIGN_OR_RETURN(model::ChangeSet change, storage::ChangeOf(event));
    visit_({time_, std::move(change)});
    return absl::OkStatus();
  }
  void Finish() {
    for (; next_ != last_; ++next_) visit_(*next_);
  }

 private:
  std::vector<domain::DatedChange>::const_iterator next_;
  const std::vector<domain::DatedChange>::const_iterator last_;
  const absl::FunctionRef<void(const domain::DatedChange&)> visit_;
  absl::Time time_ = absl::InfinitePast();
};

// Removes a customer from the world.
void Forget(const std::string& customer_id, model::World& world) {
  const auto of_customer = [&](const auto& row) { return row.first.first == customer_id; };
  std::erase_if(world.customers, of_customer);
  std::erase_if(world.subscriptions, of_customer);
  std::erase_if(world.licenses, of_customer);
  std::erase_if(world.scheduled_changes, of_customer);
}

// The events of customers' rows, without the events of pools that were settled with them.
std::vector<model::Event> OfCustomers(std::vector<model::Event> events) {
  std::erase_if(events, [](const model::Event& event) { return event.row_table == model::LicensePool::kTable; });
  return events;
}

// All customers that the footprint names, be it for some of their rows.
std::vector<std::string> CustomersOf(const model::Footprint& footprint) {
  std::set<std::string> ids = storage::LoneCustomersOf(footprint);
  ids.insert(footprint.customers.begin(), footprint.customers.end());
  return {ids.begin(), ids.end()};
}

}  // namespace

absl::Status NotKept(const storage::HistoryBase& base, absl::string_view field) {
  const std::string earliest = absl::FormatTime(absl::RFC3339_full, base.time, absl::UTCTimeZone());
  const std::string message = absl::StrCat("the history of before ", earliest, " is not kept any more");
  return domain::Refuse(absl::StatusCode::kOutOfRange, message,
                        {.reason = domain::reason::kDateOutOfRange,
                         .metadata = {{"earliest_time", earliest}},
                         .violations = {{std::string(field), message}}});
}

absl::Status CheckKept(storage::Connection& connection, absl::Time time, absl::string_view field) {
  ASSIGN_OR_RETURN(const storage::HistoryBase base, storage::LoadHistoryBase(connection));
  return time < base.time ? NotKept(base, field) : absl::OkStatus();
}

// Customers that share pools with the world's customers are applied before them where that matters, and are not kept in
// the world. Whoever wrote to their rows, or to a pool, after `now` applied first what was due to them. So they and the
// pools still are as they were then.
absl::StatusOr<std::vector<model::Event>> CatchUpWithEvents(storage::Connection& connection,
                                                            storage::CatalogCache& cache, absl::Time now,
                                                            model::World& world) {
  const model::Date today = absl::ToCivilDay(now, absl::UTCTimeZone());
  ASSIGN_OR_RETURN(const std::set<std::string> others,
                   AddSharers(connection, cache, PartnersOfDueChanges(world, today), today, world));
  std::vector<model::Event> events = ApplyDue(world, {.event_time = now}, model::EndOfDay(today));
  world.pools.clear();
  for (const std::string& id : others) Forget(id, world);
  return OfCustomers(std::move(events));
}

absl::StatusOr<model::World> LoadWorldAt(storage::Connection& connection, storage::CatalogCache& cache,
                                         const std::vector<std::string>& customer_ids, absl::Time time) {
  ASSIGN_OR_RETURN(Past past, LoadPast(connection, cache, customer_ids, time));
  ASSIGN_OR_RETURN(model::Catalog catalog, LoadCatalogNow(connection, cache, CatalogOf(past.rows)));
  RETURN_IF_ERROR(Rewind(connection, time, catalog));
  past.rows.catalog = std::make_shared<const model::Catalog>(std::move(catalog));
  domain::SetDueDates(past.rows);  // marks are in no image
  RETURN_IF_ERROR(CatchUpWithEvents(connection, cache, time, past.rows).status());
  // For readers at that time, what was due by then had changed already, although it was stored later.
  Settle(time, past.rows.customers);
  Settle(time, past.rows.subscriptions);
  Settle(time, past.rows.licenses);
  Settle(time, past.rows.scheduled_changes);
  return std::move(past.rows);
}

absl::StatusOr<model::World> LoadWorldAt(storage::Connection& connection, storage::CatalogCache& cache,
                                         const model::Footprint& footprint, absl::Time time) {
  if (const std::vector<std::string> customers = CustomersOf(footprint); !customers.empty()) {
    return LoadWorldAt(connection, cache, customers, time);
  }
  RETURN_IF_ERROR(CheckKept(connection, time, "read_time"));
  ASSIGN_OR_RETURN(model::World world, LoadWorld(connection, footprint, storage::Locking::kNone, cache));
  model::Catalog catalog = *world.catalog;
  RETURN_IF_ERROR(Rewind(connection, time, catalog));
  world.catalog = std::make_shared<const model::Catalog>(std::move(catalog));
  // A pool that was written to since is rewound by its events, because its writer had first applied what was due by
  // then. For the other pools something may still be due.
  model::Rows<model::LicensePool> written = world.pools;
  std::erase_if(written, [&](const auto& pool) { return pool.second.stamp.update_time <= time; });
  std::erase_if(world.pools, [&](const auto& pool) { return written.contains(pool.first); });
  RETURN_IF_ERROR(storage::RewindRows(connection, time, written));
  RETURN_IF_ERROR(CatchUp(connection, cache, time, world));
  world.pools.merge(written);
  Settle(time, world.pools);
  RETURN_IF_ERROR(storage::RewindRows(connection, time, world.registration_keys));
  RETURN_IF_ERROR(storage::RewindRows(connection, time, world.api_keys));
  return world;
}

absl::StatusOr<Histories> LoadHistories(storage::Connection& connection, storage::CatalogCache& cache,
                                        const std::vector<std::string>& customer_ids, absl::Time start, absl::Time end,
                                        absl::Time now) {
  ASSIGN_OR_RETURN(Past past, LoadPast(connection, cache, customer_ids, start - kInstant));
  model::World changed = past.current;
  ASSIGN_OR_RETURN(const std::vector<model::Event> overdue,
                   CatchUpWithEvents(connection, cache, std::min(now, end - kInstant), changed));

  Histories histories{.before = std::move(past.rows), .end = end, .first_event = std::move(past.next_event)};
  // If a customer changed at or after `end`, what was due by then was applied before: what is due to it now became due
  // later.
  for (const model::Event& event : overdue) {
    if (!ChangedAfter(past.current, event.key1, end - kInstant)) histories.overdue[event.key1].push_back(event);
  }
  model::Footprint mentioned = CatalogOf(changed);  // no row ever goes, so these are all customers and licenses
  for (const auto& [id, first] : histories.first_event) {
    // A report of use moves no license to another product.
    ASSIGN_OR_RETURN(const std::set<std::string> products,
                     storage::LoadProductsSince(connection, id, first, domain::event::kUsageReported));
    mentioned.products.insert(mentioned.products.end(), products.begin(), products.end());
  }
  for (const auto& [key, license] : histories.before.licenses) mentioned.products.push_back(license.product_id);

  ASSIGN_OR_RETURN(model::Catalog catalog, LoadCatalogNow(connection, cache, mentioned));
  RETURN_IF_ERROR(AddCatalogHappenings(connection, catalog.partners, start, end, histories.of_catalog));
  RETURN_IF_ERROR(AddCatalogHappenings(connection, catalog.products, start, end, histories.of_catalog));
  std::stable_sort(histories.of_catalog.begin(), histories.of_catalog.end(),
                   [](const domain::DatedChange& a, const domain::DatedChange& b) { return a.time < b.time; });
  RETURN_IF_ERROR(Rewind(connection, start - kInstant, catalog));
  histories.before.catalog = std::make_shared<const model::Catalog>(std::move(catalog));
  return histories;
}

absl::StatusOr<int> Histories::ForEachChange(storage::Connection& connection, const std::string& customer_id,
                                             absl::FunctionRef<void(const domain::DatedChange&)> visit) const {
  int visited = 0;
  const auto count = [&](const domain::DatedChange& dated_change) {
    ++visited;
    visit(dated_change);
  };
  ChangesInOrder changes(of_catalog, count);
  if (const auto first = first_event.find(customer_id); first != first_event.end()) {
    for (int64_t next = first->second; next != 0;) {
      ASSIGN_OR_RETURN(const std::vector<model::Event> events,
                       storage::LoadEventsUntil(connection, customer_id, next, end, kEventsAtOnce));
      for (const model::Event& event : events) RETURN_IF_ERROR(changes.Add(event, end));
      next = events.size() < kEventsAtOnce ? 0 : events.back().event_id + 1;
    }
  }
  if (const auto late = overdue.find(customer_id); late != overdue.end()) {
    for (const model::Event& event : late->second) RETURN_IF_ERROR(changes.Add(event, end));
  }
  changes.Finish();
  return visited;
}

}  // namespace lmp::engine
