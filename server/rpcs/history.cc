#include "server/engine/history.h"

#include <algorithm>
#include <climits>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/domain/event_kinds.h"
#include "server/domain/license/explain.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/engine/catch_up.h"
#include "server/rpcs/api_key.h"
#include "server/rpcs/event_list.h"
#include "server/rpcs/event_render.h"
#include "server/rpcs/list.h"
#include "server/rpcs/of_customer.h"
#include "server/wire/changes.h"
#include "server/wire/fields.h"
#include "server/wire/filter/filter.h"
#include "server/wire/read_options.h"
#include "server/wire/resources.h"
#include "storage/history.h"
#include "storage/history_retention.h"
#include "storage/rows/images.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::rpcs {
namespace {

// A kind of resource that has a history: its names, its table, and the reason for one that is not found.
struct Resource {
  const char* collection;
  const char* child_collection;  // for names with two parts
  const char* table;
  const char* not_found;
};
constexpr Resource kResources[] = {
    {"customers", "", "customers", domain::reason::kCustomerNotFound},
    {"customers", "subscriptions", "subscriptions", domain::reason::kSubscriptionNotFound},
    {"customers", "licenses", "licenses", domain::reason::kLicenseNotFound},
    {"customers", "scheduledChanges", "scheduled_changes", domain::reason::kScheduledChangeNotFound},
    {"partners", "", "partners", domain::reason::kPartnerNotFound},
    {"partners", "licensePools", "license_pools", domain::reason::kPoolNotFound},
    {"products", "", "products", domain::reason::kProductNotFound},
    {"servicePlans", "", "service_plans", domain::reason::kServicePlanNotFound},
    {"registrationKeys", "", "registration_keys", domain::reason::kRegistrationKeyNotFound},
    {"apiKeys", "", "api_keys", domain::reason::kApiKeyNotFound},
    {"partners", "apiKeys", "api_keys", domain::reason::kApiKeyNotFound},
};

constexpr int kChangesAtOnce = 200;  // of one row, some kB each

struct Parent {
  const Resource* resource = nullptr;
  storage::EventScope row;
};

absl::StatusOr<Parent> ParseParent(const std::string& name) {
  wire::Fields fields;
  Parent parent;
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  for (const Resource& resource : kResources) {
    const bool child = *resource.child_collection != '\0';
    if (parts[0] != resource.collection || parts.size() != (child ? 4 : 2)) continue;
    if (child && parts[2] != resource.child_collection) continue;
    parent.resource = &resource;
    parent.row.row_table = resource.table;
    if (child) {
      std::tie(parent.row.key1, parent.row.key2) =
          fields.ChildName("parent", name, resource.collection, resource.child_collection);
    } else {
      parent.row.key1 = fields.Name("parent", name, resource.collection);
    }
  }
  // The partner is in the name of a key, but not in the key of its row.
  if (parent.row.row_table == model::ApiKey::kTable && !parent.row.key2.empty()) {
    parent.row.key1 = std::exchange(parent.row.key2, "");
  }
  if (parent.resource == nullptr) {
    fields.Fail("parent", name.empty()
                              ? "is required"
                              : "must be the name of a customer, subscription, license, scheduled change, partner, "
                                "license pool, product, service plan, registration key or API key");
  }
  RETURN_IF_ERROR(fields.status());
  return parent;
}

// Whether the caller may see the row, by the partner whose it is. Also of a deleted customer or plan: that is history
// too. A caller that is bound to a customer sees what is that customer's, and nothing of the catalog's history. Errors:
// NOT_FOUND of the row or of the customer or partner it belongs to.
absl::Status CheckVisible(const Reading& reading, const storage::EventScope& row, const std::string& name = "") {
  storage::Connection& connection = reading.connection;
  storage::CatalogCache& cache = reading.cache;
  const domain::Caller& caller = reading.env.caller;
  const std::string& table = row.row_table;
  const std::string& id = row.key1;
  model::Footprint footprint;
  if (table == model::Partner::kTable || table == model::LicensePool::kTable) {
    footprint.partners = {id};
  } else if (table == model::Product::kTable) {
    footprint.products = {id};
  } else if (table == model::ServicePlan::kTable) {
    footprint.service_plans = {id};
  } else if (table == model::RegistrationKey::kTable) {
    footprint.registration_keys = {id};
  } else if (table == model::ApiKey::kTable) {
    return CheckApiKeyVisible(reading, id, name);
  } else {
    ASSIGN_OR_RETURN(const model::World world, storage::LoadCustomerRow(connection, id, cache));
    return domain::FindCustomer(world, caller, id).status();
  }
  ASSIGN_OR_RETURN(const model::World world, LoadWorld(connection, footprint, storage::Locking::kNone, cache));
  if (!footprint.partners.empty()) return domain::FindPartner(world, caller, id).status();
  if (!footprint.products.empty()) {
    if (!caller.customer_id.empty()) return domain::NotFound(domain::reason::kProductNotFound, domain::ProductName(id));
    return domain::FindProduct(world, id).status();
  }
  if (!footprint.service_plans.empty()) {
    const model::ServicePlan* plan = Find(world.catalog->service_plans, id);
    if (plan != nullptr && domain::MayRead(caller, *world.catalog, plan->partner_id)) return absl::OkStatus();
    return domain::NotFound(domain::reason::kServicePlanNotFound, domain::ServicePlanName(id));
  }
  const model::RegistrationKey* key = Find(world.registration_keys, id);
  if (key != nullptr && domain::MayRead(caller, *world.catalog, key->partner_id)) return absl::OkStatus();
  return domain::NotFound(domain::reason::kRegistrationKeyNotFound, domain::RegistrationKeyName(id));
}

absl::StatusOr<storage::EventOrder> ParseOrder(const std::string& order_by) {
  if (order_by.empty() || order_by == "event_time") return storage::EventOrder::kOldestFirst;
  if (order_by == "event_time desc") return storage::EventOrder::kNewestFirst;
  return domain::InvalidFields({{"order_by", "must be \"event_time\" or \"event_time desc\""}});
}

template <class Row>
absl::Status ReadInto(const std::vector<model::Event>& events,
                      std::vector<model::RowChange<Row>> model::ChangeSet::*kind,
                      std::vector<domain::Recorded<Row>>& out) {
  for (const model::Event& event : events) {
    ASSIGN_OR_RETURN(const model::ChangeSet change, storage::ChangeOf(event));
    for (const auto& [before, after] : change.*kind) out.push_back({event, before, after});
  }
  return absl::OkStatus();
}

// What is left of the stored history of a row, without reports of use: there may be thousands, and they explain
// nothing.
template <class Row>
absl::Status LoadInto(storage::Connection& connection, const model::RowKey& key,
                      std::vector<model::RowChange<Row>> model::ChangeSet::*kind,
                      std::vector<domain::Recorded<Row>>& out) {
  domain::LastChanges<Row> last;
  int before = INT_MAX;
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(const std::vector<model::Event> events,
                     storage::LoadRowHistory(connection, {std::string(Row::kTable), key.first, key.second},
                                             domain::event::kUsageReported, before, kChangesAtOnce));
    std::vector<domain::Recorded<Row>> changes;
    RETURN_IF_ERROR(ReadInto(events, kind, changes));
    for (domain::Recorded<Row>& change : changes) last.AddOlder(std::move(change));
    more = std::ssize(events) == kChangesAtOnce && events.back().revision > 1;
    if (more) before = events.back().revision;
  }
  out = last.TakeOldestFirst();
  return absl::OkStatus();
}

struct EventQuery {
  int64_t event_id = 0;
  wire::ReadOptions options;
};

// A number that is no possible event id is an id that no event has.
absl::StatusOr<EventQuery> ParseGetEvent(const v1::GetEventRequest& request) {
  wire::Fields fields;
  EventQuery query;
  fields.Name("name", request.name(), "events");
  query.options = wire::ParseReadOptions(request, *v1::Event::descriptor(), fields);
  RETURN_IF_ERROR(fields.status());
  ASSIGN_OR_RETURN(query.event_id, wire::EventIdOf(request.name()));
  return query;
}

absl::Status ReadEvent(const Reading& reading, const EventQuery& query, v1::Event* response) {
  const int64_t event_id = query.event_id;
  const absl::Status not_found = wire::NoSuchEvent(wire::EventName(event_id));
  ASSIGN_OR_RETURN(const std::optional<model::Event> event, storage::LoadEvent(reading.connection, event_id));
  if (!event.has_value()) return not_found;
  const absl::Status visible = CheckVisible(reading, {event->row_table, event->key1, event->key2});
  if (!visible.ok()) return absl::IsNotFound(visible) ? not_found : visible;
  RETURN_IF_ERROR(RenderEvents(reading.connection, reading.cache, {*event}, [&] { return response; }));
  query.options.mask.Apply(response);
  return absl::OkStatus();
}

struct EventListQuery {
  v1::ListEventsRequest request;
  EventTimes times;
  Parent parent;
  storage::EventOrder order = storage::EventOrder::kOldestFirst;
  wire::Filter filter;
  wire::ReadOptions options;
  wire::PageRequest page;
};

absl::StatusOr<EventListQuery> ParseListEvents(const v1::ListEventsRequest& request,
                                               const wire::ServerContext& context) {
  wire::Fields fields;
  EventListQuery query{.request = request};
  query.options = wire::ParseReadOptions(request, *v1::Event::descriptor(), fields);
  query.times = ParseEventTimes(request, fields);
  const bool of_all = request.parent() == kEverywhere;
  if (!of_all && !request.partner().empty()) fields.Fail("partner", "is only for the parent \"-\"");
  if (of_all) fields.OptionalName("partner", request.partner(), "partners");
  const absl::StatusOr<Parent> parent = of_all ? Parent() : ParseParent(request.parent());
  const absl::StatusOr<storage::EventOrder> order = ParseOrder(request.order_by());
  absl::StatusOr<wire::Filter> filter = wire::Filter::Parse(*v1::Event::descriptor(), request.filter());
  const absl::StatusOr<wire::PageRequest> page = context.tokens.Parse(request);
  // Comes last: if only the token is refused, the refusal has a reason of its own.
  absl::Status invalid = page.status();
  for (const absl::Status& other : {fields.status(), filter.status(), order.status(), parent.status()}) {
    invalid = wire::BothInvalid(other, invalid);
  }
  RETURN_IF_ERROR(invalid);
  query.parent = *parent;
  query.order = *order;
  query.filter = *std::move(filter);
  query.page = *page;
  return query;
}

// Of a row without events. Every row was made by one, so it does not exist; unless that is not kept any more.
absl::Status CheckExists(const Reading& reading, const Parent& parent, const v1::ListEventsRequest& request) {
  ASSIGN_OR_RETURN(const storage::HistoryBase base, storage::LoadHistoryBase(reading.connection));
  return base.sequence > 0 ? absl::OkStatus() : domain::NotFound(parent.resource->not_found, request.parent());
}

absl::Status ReadEvents(const Reading& reading, const EventListQuery& query, v1::ListEventsResponse* response) {
  const auto& [request, times, parent, order, filter, options, page] = query;
  if (parent.resource == nullptr)
    return ReadEventsEverywhere(reading, {request, times, order, filter, options, page}, response);
  RETURN_IF_ERROR(CheckVisible(reading, parent.row, request.parent()));
  if (times.start != absl::InfinitePast())
    RETURN_IF_ERROR(engine::CheckKept(reading.connection, times.start, "start_time"));
  storage::EventScope scope = parent.row;
  // The history includes all rows of the customer.
  if (scope.row_table == model::Customer::kTable) scope.row_table.clear();
  int64_t after = 0;
  if (page.after.has_value() && !absl::SimpleAtoi(page.after->key.first, &after)) {
    return absl::InternalError("a page token of ours that is no number");
  }
  const auto next = [&] {
    response->set_next_page_token(reading.tokens.Next(request, {"", {absl::StrCat(after), ""}}));
  };
  size_t bytes = 0;
  const auto full = [&] { return response->events_size() == page.limit || bytes >= kMaxPageBytes; };
  for (int limit = page.limit, looked_at = 0;;) {
    ASSIGN_OR_RETURN(const storage::EventPage chunk,
                     storage::ListEvents(reading.connection, scope, order, after, limit));
    if (after == 0 && chunk.events.empty()) RETURN_IF_ERROR(CheckExists(reading, parent, request));
    v1::ListEventsResponse rendered;
    RETURN_IF_ERROR(
        RenderEvents(reading.connection, reading.cache, chunk.events, [&] { return rendered.add_events(); }));
    for (size_t i = 0; i < chunk.events.size(); ++i) {
      v1::Event* event = rendered.mutable_events(static_cast<int>(i));
      if (times.Has(chunk.events[i]) && filter.Matches(*event)) {
        if (full()) return next(), absl::OkStatus();
        options.mask.ApplyToOne(event);
        bytes += event->ByteSizeLong();
        response->add_events()->Swap(event);
      }
      after = chunk.events[i].event_id;
    }
    if (!chunk.more) return absl::OkStatus();
    looked_at += limit;
    if (looked_at >= kMaxLookedAt || full()) return next(), absl::OkStatus();
    limit = NextChunk(limit, looked_at);
  }
}

absl::StatusOr<model::RowKey> ParseExplainLicense(const v1::ExplainLicenseRequest& request) {
  return wire::ParseChildName("name", request.name(), "customers", "licenses");
}

// Applies what is due by now, and returns what of it the history will tell of the license. Only if there is anything is
// the customer loaded whole.
absl::StatusOr<std::vector<model::Event>> OverdueOf(const Reading& reading, const model::RowKey& key,
                                                    model::World& world) {
  const model::License stored = *Find(world.licenses, key.first, key.second);
  RETURN_IF_ERROR(engine::CatchUp(reading.connection, reading.cache, reading.env.now, world));
  if (*Find(world.licenses, key.first, key.second) == stored) return std::vector<model::Event>();
  ASSIGN_OR_RETURN(world,
                   LoadWorld(reading.connection, {.customers = {key.first}}, storage::Locking::kNone, reading.cache));
  ASSIGN_OR_RETURN(std::vector<model::Event> overdue,
                   engine::CatchUpWithEvents(reading.connection, reading.cache, reading.env.now, world));
  std::erase_if(overdue, [&](const model::Event& event) { return event.key2 != key.second; });
  return overdue;
}

absl::Status ReadExplanation(const Reading& reading, const model::RowKey& key, v1::ExplainLicenseResponse* response) {
  storage::Connection& connection = reading.connection;
  const domain::Env& env = reading.env;
  RETURN_IF_ERROR(OfCustomer(reading, key.first, std::nullopt).status());
  ASSIGN_OR_RETURN(model::World world,
                   LoadWorld(connection, {.lone_licenses = {key}}, storage::Locking::kNone, reading.cache));
  ASSIGN_OR_RETURN(const model::Customer* const customer, domain::FindCustomer(world, env.caller, key.first));
  if (Find(world.licenses, key.first, key.second) == nullptr) {
    return domain::NotFound(domain::reason::kLicenseNotFound, domain::LicenseName(key.first, key.second));
  }
  ASSIGN_OR_RETURN(const std::vector<model::Event> overdue, OverdueOf(reading, key, world));
  const model::License& license = *Find(world.licenses, key.first, key.second);

  domain::LicenseHistory history;
  RETURN_IF_ERROR(LoadInto(connection, key, &model::ChangeSet::licenses, history.license));
  RETURN_IF_ERROR(ReadInto(overdue, &model::ChangeSet::licenses, history.license));
  RETURN_IF_ERROR(LoadInto(connection, {key.first, ""}, &model::ChangeSet::customers, history.customer));
  RETURN_IF_ERROR(LoadInto(connection, {customer->partner_id, ""}, &model::ChangeSet::partners, history.partner));
  RETURN_IF_ERROR(LoadInto(connection, {license.product_id, ""}, &model::ChangeSet::products, history.product));

  wire::ToProto(license, {world, env.today}, response->mutable_license());
  for (const domain::Explanation& explanation : domain::ExplainLicense(world, license, history, env.today)) {
    v1::ExplainLicenseResponse::Explanation* out = response->add_explanations();
    out->set_field(explanation.field);
    out->set_value(wire::FieldJson(response->license(), explanation.field));
    out->set_rule(explanation.rule);
    if (!explanation.event.has_value()) continue;
    const model::Event& event = *explanation.event;  // of the catalog's a customer's own caller is told the rule alone
    if (!env.caller.customer_id.empty() && !CheckVisible(reading, {event.row_table, event.key1, event.key2}).ok())
      continue;
    RETURN_IF_ERROR(
        RenderEvents(connection, reading.cache, {*explanation.event}, [&] { return out->mutable_event(); }));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Rpc> HistoryRpcs() {
  return {
      SnapshotReadRpc{.name = "GetEvent", .needs = Permission::kReadHistory, .parse = ParseGetEvent, .read = ReadEvent},
      SnapshotReadRpc{
          .name = "ListEvents", .needs = Permission::kReadHistory, .parse = ParseListEvents, .read = ReadEvents},
      SnapshotReadRpc{.name = "ExplainLicense",
                      .needs = Permission::kReadHistory,
                      .parse = ParseExplainLicense,
                      .read = ReadExplanation},
  };
}

}  // namespace lmp::rpcs
