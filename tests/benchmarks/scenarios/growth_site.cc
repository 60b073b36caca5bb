#include "tests/benchmarks/scenarios/growth_site.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/domain/lookup.h"
#include "server/wire/page_token.h"
#include "storage/list_queries.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/fill/catalog.h"
#include "tests/benchmarks/scenarios/growth.h"
#include "tests/benchmarks/servers/direct.h"

namespace lmp::bench {
namespace {

constexpr size_t kReaders = 100, kWriters = 50;
constexpr int kPageSize = 50;
constexpr int64_t kDeepPage = 10'000;
constexpr int kDeepPages = 8;  // that many in a row, so that no single page decides
constexpr uint64_t kSeed = 1;

absl::Status StatusOf(const grpc::Status& status) {
  return status.ok() ? absl::OkStatus() : absl::InternalError(status.error_message());
}

// One blocking call.
template <class Stub, class Request, class Response>
absl::Status Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request, Response* response) {
  grpc::ClientContext context;
  return StatusOf((stub.*method)(&context, request, response));
}

absl::Status ExpectPage(const v1::ListLicensesResponse& page) {
  return page.licenses_size() == kPageSize ? absl::OkStatus()
                                           : absl::InternalError(absl::StrCat("a page of ", page.licenses_size()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrowthSite>> GrowthSite::Open(const GrowthOptions& options, int64_t licenses) {
  auto site = std::unique_ptr<GrowthSite>(new GrowthSite(licenses));
  RETURN_IF_ERROR(site->Fill());
  RETURN_IF_ERROR(site->Start(options));
  RETURN_IF_ERROR(site->ChooseTargets());
  RETURN_IF_ERROR(site->AddLists());
  return site;
}

GrowthSite::~GrowthSite() {
  side_.reset();
  if (lmp_.child != nullptr) StopServer(lmp_);
}

// The database is stopped when it is full, so that nothing is left to write while measuring.
absl::Status GrowthSite::Fill() {
  const absl::Time now = absl::Now();
  ASSIGN_OR_RETURN(database_, FillDatabase::Start(licenses_));
  ASSIGN_OR_RETURN(fill_, bench::Fill(database_->options(), {.licenses = licenses_, .seed = kSeed, .now = now}));
  population_ = std::make_unique<Population>(kSeed, licenses_, now);
  const absl::Time filled = absl::Now();
  RETURN_IF_ERROR(database_->Stop());
  fill_.seconds += absl::ToDoubleSeconds(absl::Now() - filled);
  return absl::OkStatus();
}

absl::Status GrowthSite::Start(const GrowthOptions& options) {
  ASSIGN_OR_RETURN(lmp_, StartService(options.server_program, options.server_arguments, database_->directory()));
  storage::DatabaseOptions database = BenchDatabase(SocketIn(database_->directory()));
  database.read_timeout = absl::InfiniteDuration();
  ASSIGN_OR_RETURN(side_, storage::Connection::Open(database));
  const auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", lmp_.port), grpc::InsecureChannelCredentials());
  licensing_ = v1::LicensingService::NewStub(channel);
  customers_ = v1::CustomerService::NewStub(channel);
  return absl::OkStatus();
}

int64_t GrowthSite::Status(const std::string& name) const {
  const auto rows = side_->Query("SHOW GLOBAL STATUS LIKE '" + name + "'", {});
  int64_t value = 0;
  if (rows.ok() && (*rows)->Next() && !absl::SimpleAtoi((*rows)->String(1), &value)) return 0;
  return value;
}

int64_t GrowthSite::PagesRead() const { return Status("Innodb_buffer_pool_reads"); }

// Every so many-th customer on, the next with one license that is not over: the same kind at all sizes.
absl::Status GrowthSite::ChooseTargets() {
  const auto wanted = static_cast<int64_t>(kReaders + kWriters);
  const int64_t last = fill_.customers - 1;  // of a block; it may have been cut
  int64_t i = 0;
  for (int64_t n = 0; n < wanted; ++n) {
    for (i = std::max(i + 1, n * last / wanted); i < last; ++i) {
      Member member = population_->Make(i);
      if (member.licenses.size() != 1 || member.licenses[0].closed) continue;
      Population::Move(member, static_cast<int>(n) * 7 % fill_.blocks);
      (n % 3 == 0 ? writers_ : readers_).push_back(std::move(member));
      break;
    }
  }
  if (readers_.size() < kReaders / 4 || writers_.size() < kWriters / 4) return absl::InternalError("too few customers");
  const auto reader = [this](int64_t k) -> const Member& {
    return readers_[static_cast<size_t>(k * 37) % readers_.size()];
  };
  works_.push_back({"GetCustomer", [=, this](int64_t k) {
                      v1::GetCustomerRequest request;
                      request.set_name(domain::CustomerName(reader(k).customer.customer_id));
                      v1::Customer response;
                      return Call(*customers_, &v1::CustomerService::Stub::GetCustomer, request, &response);
                    }});
  works_.push_back({"GetSubscription", [=, this](int64_t k) {
                      const model::Subscription& row = reader(k).subscriptions[0];
                      v1::GetSubscriptionRequest request;
                      request.set_name(domain::SubscriptionName(row.customer_id, row.subscription_id));
                      v1::Subscription response;
                      return Call(*licensing_, &v1::LicensingService::Stub::GetSubscription, request, &response);
                    }});
  works_.push_back({"GetLicense", [=, this](int64_t k) {
                      const model::License& row = reader(k).licenses[0];
                      v1::GetLicenseRequest request;
                      request.set_name(domain::LicenseName(row.customer_id, row.license_id));
                      v1::License response;
                      return Call(*licensing_, &v1::LicensingService::Stub::GetLicense, request, &response);
                    }});
  works_.push_back({"CheckLicense", [=, this](int64_t k) {
                      const model::License& row = reader(k).licenses[0];
                      v1::CheckLicenseResponse response;
                      return Call(*licensing_, &v1::LicensingService::Stub::CheckLicense,
                                  CheckRequest(row.customer_id, row.product_id), &response);
                    }});
  // The first time three new licenses, from then on their crossgrade: as often at each size.
  works_.push_back({"AssignServicePlan", [=, this](int64_t k) {
                      const Member& member = writers_[static_cast<size_t>(k) % writers_.size()];
                      v1::AssignServicePlanResponse response;
                      return Call(*licensing_, &v1::LicensingService::Stub::AssignServicePlan,
                                  AssignPlanRequest(member.customer.customer_id,
                                                    Population::NewPlanOf(member.customer.partner_id),
                                                    Population::NewProducts()),
                                  &response);
                    }});
  return absl::OkStatus();
}

// Tokens as the service would have given them on the way; only the way is left out.
absl::Status GrowthSite::AddLists() {
  ASSIGN_OR_RETURN(const std::string secret, storage::LoadPageTokenSecret(*side_));
  const wire::PageTokens tokens(secret);
  const auto add = [this](const std::string& name, std::vector<v1::ListLicensesRequest> requests) {
    works_.push_back({name, [requests = std::move(requests), this](int64_t k) {
                        v1::ListLicensesResponse page;
                        RETURN_IF_ERROR(Call(*licensing_, &v1::LicensingService::Stub::ListLicenses,
                                             requests[static_cast<size_t>(k) % requests.size()], &page));
                        return ExpectPage(page);
                      }});
  };
  v1::ListLicensesRequest all;
  all.set_parent("customers/-");
  all.set_page_size(kPageSize);
  add("ListLicenses, page 1", {all});
  const int64_t last = (licenses_ - 1) / kPageSize;
  std::vector<v1::ListLicensesRequest> deep;
  for (int64_t page = std::min(kDeepPage, last) - kDeepPages; page < std::min(kDeepPage, last); ++page) {
    ASSIGN_OR_RETURN(const auto rows, side_->Query("SELECT customer_id, license_id FROM licenses FORCE INDEX (PRIMARY) "
                                                   "ORDER BY customer_id, license_id LIMIT ?, 1",
                                                   {page * kPageSize - 1}));
    if (!rows->Next()) return absl::InternalError("there is no such page");
    deep.push_back(all);
    deep.back().set_page_token(tokens.Next(all, {"", {rows->String(0), rows->String(1)}}));
  }
  add("ListLicenses, page 10 000 or last", deep);

  const Member large = population_->Make(Population::kLargeCustomer);
  v1::ListLicensesRequest own = all;
  own.set_parent(domain::CustomerName(large.customer.customer_id));
  add("ListLicenses of a customer, page 1", {own});
  const model::License& before = large.licenses[large.licenses.size() - kPageSize - 1];
  own.set_page_token(tokens.Next(own, {"", {before.customer_id, before.license_id}}));
  add("ListLicenses of a customer, last page", {own});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<GrowthSite::TableSize>> GrowthSite::Sizes() const {
  ASSIGN_OR_RETURN(
      const auto rows,
      side_->Query("SELECT table_name, table_rows, data_length, index_length FROM information_schema.tables "
                   "WHERE table_schema = 'lmp' AND table_rows > 0 ORDER BY data_length + index_length DESC LIMIT 5",
                   {}));
  std::vector<TableSize> sizes;
  while (rows->Next()) {
    sizes.push_back({rows->String(0), static_cast<double>(rows->Int64(1)), static_cast<double>(rows->Int64(2)),
                     static_cast<double>(rows->Int64(3))});
  }
  RETURN_IF_ERROR(rows->status());
  return sizes;
}

}  // namespace lmp::bench
