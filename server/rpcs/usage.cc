#include "server/domain/license/usage.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/engine/history.h"
#include "server/rpcs/list_parts.h"
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
constexpr int kCustomersAtOnce = 20;  // looked for at once; how many are loaded at once goes by their rows
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

// How far a page has come.
struct UsagePage {
  Month month;
  int limit;
  model::RowKey shown;  // key of the last row of the answer
  model::RowKey last;   // the last customer that was looked at
  int customers = 0;    // that were looked at, with this many rows and changes
  int64_t rows = 0;
  int changes = 0;
  bool full = false;  // it has as many rows as were asked for, and there are more

  bool HasLookedEnough() const {
    return customers >= kMaxReportedCustomers || changes >= kMaxReportedChanges || rows >= kMaxRowsOfPage;
  }
};

// Adds the rows of customers that are loaded together.
absl::Status AddCustomers(const Reading& reading, absl::Span<const model::Customer> customers, UsagePage& page,
                          v1::GetUsageReportResponse* response) {
  std::vector<std::string> ids;
  for (const model::Customer& customer : customers) ids.push_back(customer.customer_id);
  ASSIGN_OR_RETURN(
      const engine::Histories histories,
      engine::LoadHistories(reading.connection, reading.cache, ids, page.month.start, page.month.end, reading.env.now));
  for (const model::Customer& customer : customers) {
    ASSIGN_OR_RETURN(const CustomerUsage usage,
                     UsageOf(reading.connection, histories, customer.customer_id, page.month));
    page.changes += usage.changes;
    page.full = !AddRows(usage, customer, page.month, page.limit, page.shown, response);
    if (page.full) return absl::OkStatus();
    page.last = {customer.customer_id, kWholeCustomer};
    ++page.customers;
    if (page.HasLookedEnough()) return absl::OkStatus();
  }
  return absl::OkStatus();
}

// Adds the rows of the next customers. Returns false if there are none.
absl::StatusOr<bool> AddNextCustomers(const Reading& reading, const std::string& partner_id, UsagePage& page,
                                      v1::GetUsageReportResponse* response) {
  // Reads the customers after the last one, and that one too, because it may have products left.
  ASSIGN_OR_RETURN(model::Rows<model::Customer> found,
                   storage::ListCustomersOf(reading.connection, partner_id, page.last.first, kCustomersAtOnce + 1));
  if (page.last.second == kWholeCustomer) found.erase({page.last.first, ""});
  std::vector<model::Customer> customers;
  for (auto& [key, customer] : found) customers.push_back(std::move(customer));
  ASSIGN_OR_RETURN(auto parts, Parts<model::Customer>::Of(reading.connection, customers, /*whole_customers=*/true));
  const int64_t rows = page.rows;
  for (auto part = parts.Next(); !part.empty() && !page.full && !page.HasLookedEnough(); part = parts.Next()) {
    page.rows = rows + parts.loaded();
    RETURN_IF_ERROR(AddCustomers(reading, part, page, response));
  }
  return !customers.empty();
}

// A page ends after the customer with which it has looked at as much as a page may. So it may have fewer rows than
// asked for, even none, and still have a token for the next page.
absl::Status ReadUsageReport(const Reading& reading, const UsageQuery& query, v1::GetUsageReportResponse* response) {
  const auto& [request, partner_id, asked] = query;
  ASSIGN_OR_RETURN(const Month month, MonthOf(request.month(), reading.env.now));
  ASSIGN_OR_RETURN(const model::World world,
                   LoadWorld(reading.connection, {.partners = {partner_id}}, storage::Locking::kNone, reading.cache));
  RETURN_IF_ERROR(domain::FindPartner(world, reading.env.caller, partner_id).status());
  wire::ToProto(std::min(month.end, reading.env.now), response->mutable_end_time());

  if (month.end <= absl::UnixEpoch()) return absl::OkStatus();  // before there was any database
  RETURN_IF_ERROR(engine::CheckKept(reading.connection, month.start - engine::kInstant, "month"));

  const model::RowKey after = asked.after.value_or(storage::Position{}).key;
  UsagePage page{.month = month, .limit = asked.limit, .shown = after, .last = after};
  while (!page.full && !page.HasLookedEnough()) {
    ASSIGN_OR_RETURN(const bool any, AddNextCustomers(reading, partner_id, page, response));
    if (!any) return absl::OkStatus();
  }
  response->set_next_page_token(reading.tokens.Next(request, {"", page.full ? page.shown : page.last}));
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
