#include "server/domain/license/usage.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/engine/history.h"
#include "server/rpcs/snapshot_read.h"
#include "server/wire/fields.h"
#include "server/wire/resources.h"
#include "storage/list_queries.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::rpcs {
namespace {

constexpr int kMaxReportedCustomers = 200;  // most customers that one page looks at
constexpr int kMaxReportedChanges = 50'000;
constexpr int kCustomersAtOnce = 20;  // held in memory, without their changes
// Stands in a page token for a product if all products of the customer are done. No id is "-".
constexpr char kWholeCustomer[] = "-";

struct Month {
  absl::Time start, end;  // [start, end): to the end of the month or, if that is to come, right after now
};

void CheckMonth(const google::type::Date& month, wire::Fields& fields) {
  if (month.year() < 1 || month.year() > 9998 || month.month() < 1 || month.month() > 12) {
    fields.Fail("month", month.year() == 0 && month.month() == 0 ? "is required" : "is not a month of the calendar");
  }
  if (month.day() != 0) fields.Fail("month.day", "must be 0: a report is about a whole month");
}

// The span of a month that was checked before.
absl::StatusOr<Month> MonthOf(const google::type::Date& month, absl::Time now) {
  const absl::CivilMonth civil(month.year(), month.month());
  const absl::Time start = absl::FromCivil(civil, absl::UTCTimeZone());
  if (start > now) {
    return domain::Refuse(absl::StatusCode::kOutOfRange, "month is one to come: there is no use to report yet",
                          {.reason = domain::reason::kDateOutOfRange, .violations = {{"month", "is one to come"}}});
  }
  return Month{start, std::min(absl::FromCivil(civil + 1, absl::UTCTimeZone()), now + engine::kInstant)};
}

// What a customer had in a month, by product, with the product's unit, which any license of it tells.
struct CustomerUsage {
  std::map<std::string, domain::UsageTimeline> timelines;
  std::map<std::string, model::ProductUnit> units;
  int changes = 0;  // that were looked at
};

absl::StatusOr<CustomerUsage> UsageOf(storage::Connection& connection, const engine::Histories& histories,
                                      const std::string& customer_id, const Month& month) {
  CustomerUsage usage;
  for (const auto& [key, license] : Range(histories.before.licenses, customer_id)) {
    usage.units.emplace(license.product_id, license.unit);
  }
  const auto copy = [&](const auto& from, auto& to) {
    const auto own = Range(from, customer_id);
    to.insert(own.begin(), own.end());
  };
  model::World world;  // without the other customers
  world.catalog = histories.before.catalog;
  copy(histories.before.customers, world.customers);
  copy(histories.before.subscriptions, world.subscriptions);
  copy(histories.before.licenses, world.licenses);
  domain::UsageRecorder recorder(std::move(world), customer_id, month.start, month.end);
  const auto add = [&](const domain::DatedChange& dated_change) {
    for (const auto& change : dated_change.change.licenses) {
      usage.units.emplace(change.after.product_id, change.after.unit);
    }
    recorder.Add(dated_change);
  };
  ASSIGN_OR_RETURN(usage.changes, histories.ForEachChange(connection, customer_id, add));
  usage.timelines = std::move(recorder).Finish();
  return usage;
}

void Render(const model::Customer& customer, const std::string& product_id, model::ProductUnit unit,
            const domain::UsagePeak& peak, v1::UsageReportRow* out) {
  out->set_customer(domain::CustomerName(customer.customer_id));
  out->set_customer_display_name(customer.display_name);
  out->set_product(domain::ProductName(product_id));
  out->set_unit(static_cast<v1::Product::Unit>(unit));
  out->set_provisioned_units(wire::Capped(peak.provisioned));
  if (peak.used.has_value()) out->set_used_units(wire::Capped(*peak.used));
  out->set_over_provisioned_percent(domain::OverProvisionedPercent(peak));
  out->set_chargeable_units(wire::Capped(domain::ChargeableUnits(peak)));
}

struct UsageQuery {
  v1::GetUsageReportRequest request;
  std::string partner_id;
  wire::PageRequest page;
};

absl::StatusOr<UsageQuery> ParseGetUsageReport(const v1::GetUsageReportRequest& request,
                                               const wire::ServerContext& context) {
  wire::Fields fields;
  UsageQuery query{.request = request};
  query.partner_id = fields.Name("parent", request.parent(), "partners");
  CheckMonth(request.month(), fields);
  const absl::StatusOr<wire::PageRequest> page = context.tokens.Parse(request);
  RETURN_IF_ERROR(wire::BothInvalid(fields.status(), page.status()));
  query.page = *page;
  return query;
}

// Adds the customer's rows that come after `shown`, which is then set to the last row added. Returns false if the page
// is full before the customer's last row.
bool AddRows(const CustomerUsage& usage, const model::Customer& customer, const Month& month, int limit,
             model::RowKey& shown, v1::GetUsageReportResponse* response) {
  const std::string& id = customer.customer_id;
  const model::RowKey before = shown;
  for (const auto& [product_id, timeline] : usage.timelines) {
    if (id == before.first && product_id <= before.second) continue;
    const domain::UsagePeak peak = domain::PeakOf(timeline, month.start, month.end);
    if (peak.provisioned == 0) continue;
    if (response->rows_size() == limit) return false;
    shown = {id, product_id};
    Render(customer, product_id, usage.units.at(product_id), peak, response->add_rows());
  }
  return true;
}

// A page looks at kMaxReportedCustomers at most, and ends after the customer with which it has looked at
// kMaxReportedChanges. So it may have fewer rows than asked for, even none, and still have a token for the next page.
absl::Status ReadUsageReport(const Reading& reading, const UsageQuery& query, v1::GetUsageReportResponse* response) {
  const auto& [request, partner_id, page] = query;
  storage::Connection& connection = reading.connection;
  storage::CatalogCache& cache = reading.cache;
  const domain::Env& env = reading.env;
  ASSIGN_OR_RETURN(const Month month, MonthOf(request.month(), env.now));
  ASSIGN_OR_RETURN(const model::World world,
                   LoadWorld(connection, {.partners = {partner_id}}, storage::Locking::kNone, cache));
  RETURN_IF_ERROR(domain::FindPartner(world, env.caller, partner_id).status());
  wire::ToProto(std::min(month.end, env.now), response->mutable_end_time());

  if (month.end <= absl::UnixEpoch()) return absl::OkStatus();  // before there was any database
  RETURN_IF_ERROR(engine::CheckKept(connection, month.start - engine::kInstant, "month"));

  model::RowKey shown = page.after.value_or(storage::Position{}).key;  // key of the last row of the answer
  model::RowKey last = shown;                                          // the last customer that was looked at
  int changes = 0;                                                     // that were looked at
  for (int looked_at = 0; looked_at < kMaxReportedCustomers && changes < kMaxReportedChanges;
       looked_at += kCustomersAtOnce) {
    // Reads the customers after the last one, and that one too, because it may have products left.
    ASSIGN_OR_RETURN(model::Rows<model::Customer> customers,
                     storage::ListCustomersOf(connection, partner_id, last.first, kCustomersAtOnce + 1));
    if (last.second == kWholeCustomer) customers.erase({last.first, ""});
    if (customers.empty()) return absl::OkStatus();
    std::vector<std::string> ids;
    for (const auto& [key, customer] : customers) ids.push_back(key.first);
    ASSIGN_OR_RETURN(const engine::Histories histories,
                     engine::LoadHistories(connection, cache, ids, month.start, month.end, env.now));
    for (const auto& [key, customer] : customers) {
      ASSIGN_OR_RETURN(const CustomerUsage usage, UsageOf(connection, histories, key.first, month));
      changes += usage.changes;
      if (!AddRows(usage, customer, month, page.limit, shown, response)) {
        response->set_next_page_token(reading.tokens.Next(request, {"", shown}));
        return absl::OkStatus();
      }
      last = {key.first, kWholeCustomer};
      if (changes >= kMaxReportedChanges) break;
    }
  }
  response->set_next_page_token(reading.tokens.Next(request, {"", last}));
  return absl::OkStatus();
}

}  // namespace

std::vector<Rpc> UsageRpcs() {
  return {SnapshotReadRpc{.name = "GetUsageReport",
                          .needs = Permission::kReadReports,
                          .parse = ParseGetUsageReport,
                          .read = ReadUsageReport}};
}

}  // namespace lmp::rpcs
