#include "tests/benchmarks/fill/fill.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "storage/events.h"
#include "storage/rows/columns.h"
#include "storage/rows/sql_rows.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/fill/block_copy.h"
#include "tests/benchmarks/fill/bulk_load.h"
#include "tests/benchmarks/fill/late_keys.h"
#include "tests/benchmarks/fill/population.h"

namespace lmp::bench {
namespace {

using storage::Connection;

constexpr int64_t kMaxRequests = 500'000;

// Largest first.
std::vector<std::string> Tables() {
  return {"events",   "licenses",      "subscriptions", "customers", "scheduled_changes",
          "requests", "license_pools", "service_plans", "products",  "partners"};
}

// All tables at once, each on a connection of its own, in one pass over the population.
class Loads final {
 public:
  explicit Loads(const storage::DatabaseOptions& database) : database_(database) {}

  absl::Status Start() {
    RETURN_IF_ERROR(StartOf<model::Event>(events_));
    RETURN_IF_ERROR(StartOf<model::Partner>(partners_));
    RETURN_IF_ERROR(StartOf<model::Product>(products_));
    RETURN_IF_ERROR(StartOf<model::ServicePlan>(plans_));
    RETURN_IF_ERROR(StartOf<model::Customer>(customers_));
    RETURN_IF_ERROR(StartOf<model::Subscription>(subscriptions_));
    RETURN_IF_ERROR(StartOf<model::License>(licenses_));
    RETURN_IF_ERROR(StartOf<model::ScheduledChange>(changes_));
    RETURN_IF_ERROR(StartOf<model::LicensePool>(pools_));
    return StartOf<model::IdempotencyRecord>(requests_);
  }

  void Add(const Foundation& foundation) {
    for (const auto& row : foundation.partners) partners_->AddRow(row);
    for (const auto& row : foundation.products) products_->AddRow(row);
    for (const auto& row : foundation.plans) plans_->AddRow(row);
    AddEvents(foundation.events);
  }
  void Add(const Member& member) {
    member_events_ += static_cast<int64_t>(member.events.size());
    customers_->AddRow(member.customer);
    for (const auto& row : member.subscriptions) subscriptions_->AddRow(row);
    for (const auto& row : member.licenses) licenses_->AddRow(row);
    for (const auto& row : member.changes) changes_->AddRow(row);
    AddEvents(member.events);
  }
  void Add(const model::LicensePool& pool, const model::Event& event) {
    pools_->AddRow(pool);
    AddEvents({event});
  }
  void Add(const model::IdempotencyRecord& request) { requests_->AddRow(request); }

  absl::Status Finish(FillReport& report) {
    absl::Status status;
    const int64_t copies = report.blocks - 1;
    report.customers = customers_->rows();
    report.events = events_->rows() + copies * member_events_;
    report.rows =
        copies * (member_events_ + customers_->rows() + subscriptions_->rows() + licenses_->rows() + changes_->rows());
    for (auto* load : {&events_, &partners_, &products_, &plans_, &customers_, &subscriptions_, &licenses_, &changes_,
                       &pools_, &requests_}) {
      report.rows += (*load)->rows();
      status.Update((*load)->Finish());
    }
    return status;
  }

 private:
  template <class Row>
  absl::Status StartOf(std::unique_ptr<TableLoad>& load) {
    ASSIGN_OR_RETURN(auto connection, Connection::Open(database_));
    ASSIGN_OR_RETURN(load,
                     TableLoad::Start(std::move(connection), std::string(Row::kTable), storage::ColumnNames<Row>()));
    return absl::OkStatus();
  }

  void AddEvents(const std::vector<model::Event>& events) {
    for (const model::Event& event : events) events_->AddRow(event);
  }

  const storage::DatabaseOptions database_;
  int64_t member_events_ = 0;
  std::unique_ptr<TableLoad> events_, partners_, products_, plans_, customers_, subscriptions_, licenses_, changes_,
      pools_, requests_;
};

// Units of the licenses that are not closed, by partner and product.
using Units = std::map<model::RowKey, int>;

// The customers of a block, with so many licenses.
Units AddMembers(const Population& population, int64_t licenses, Loads& loads) {
  Units units;
  for (int64_t i = 0; licenses > 0; ++i) {
    const Member member = population.Make(i, static_cast<int>(std::min<int64_t>(licenses, Population::kMostLicenses)));
    licenses -= static_cast<int64_t>(member.licenses.size());
    for (const model::License& license : member.licenses) {
      if (!license.closed) units[{member.customer.partner_id, license.product_id}] += license.units;
    }
    loads.Add(member);
  }
  return units;
}

void AddPools(const Population& population, Units units, int blocks, absl::Time now, Loads& loads) {
  for (const std::string& partner : population.Resellers()) {
    for (const std::string& product : Population::PooledProducts()) {
      const int assigned = units[{partner, product}] * blocks;
      model::ChangeSet change;
      model::LicensePool& pool = change.pools.emplace_back().after;
      pool = {.partner_id = partner,
              .product_id = product,
              .total = assigned + 10'000,
              .assigned = assigned,
              .minimum = 100,
              .stamp = {.revision = 1, .create_time = now, .update_time = now}};
      loads.Add(pool, storage::EventsOf(
                          change, {.event_time = now, .actor = "local-admin", .kind = "LICENSE_POOL_UPDATED"})[0]);
    }
  }
}

// The answers of the last week, in order of their ids and so in none of time.
void AddRequests(int64_t licenses, absl::Time now, Loads& loads) {
  const int64_t count = std::min(kMaxRequests, licenses / 20);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t age = i * 7919 % (7 * 24 * 3600 - 3600);
    loads.Add({.caller = "local-admin",
               .request_id = absl::StrFormat("%08x-0000-4000-8000-%012x", i * (0xFFFFFFFF / count), i),
               .method = "AssignServicePlan",
               .fingerprint = std::string(32, 'f'),
               .response = std::string(900, 'r'),
               .create_time = now - absl::Seconds(age)});
  }
}

}  // namespace

absl::StatusOr<FillReport> Fill(const storage::DatabaseOptions& database, const FillOptions& options) {
  if (options.licenses > kBlockLicenses && options.licenses % kBlockLicenses != 0) {
    return absl::InvalidArgumentError(absl::StrCat(options.licenses, " licenses are no multiple of ", kBlockLicenses));
  }
  const absl::Time start = absl::Now();
  const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(options.now));
  ASSIGN_OR_RETURN(const auto side, Connection::Open(database));
  const Population population(options.seed, options.licenses, now);
  FillReport report{.blocks = static_cast<int>(std::max<int64_t>(1, options.licenses / kBlockLicenses))};
  ASSIGN_OR_RETURN(const LateKeys keys, LateKeys::PutOff(*side, Tables()));
  Loads loads(database);
  RETURN_IF_ERROR(loads.Start());
  const Foundation foundation = population.Begin();
  loads.Add(foundation);
  AddPools(population, AddMembers(population, options.licenses / report.blocks, loads), report.blocks, now, loads);
  AddRequests(options.licenses, now, loads);
  RETURN_IF_ERROR(loads.Finish(report));
  if (report.blocks > 1) {
    RETURN_IF_ERROR(CopyBlocks(database, report.blocks, static_cast<int64_t>(foundation.events.size()) + 1));
  }
  RETURN_IF_ERROR(keys.Make(database));
  RETURN_IF_ERROR(side->Execute("UPDATE catalogue_version SET version = version + 1"));
  for (const std::string& table : Tables()) {
    RETURN_IF_ERROR(side->Execute(absl::StrCat("ANALYZE TABLE ", table)));
  }
  report.seconds = absl::ToDoubleSeconds(absl::Now() - start);
  return report;
}

}  // namespace lmp::bench
