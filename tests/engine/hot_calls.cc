#include "tests/engine/hot_calls.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/decision/complete.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/engine/read_engine.h"
#include "server/engine/write_engine.h"
#include "server/rpcs/rpc.h"
#include "storage/license_checks.h"
#include "storage/model/change_set.h"
#include "storage/status_macros.h"
#include "tests/domain/demo_catalog.h"
#include "tests/support/memory_database.h"

namespace lmp::engine {
namespace {

using testing::Meter;
using testing::Section;
using Units = std::map<std::string, int>;

constexpr char kPartner[] = "msp-one";
constexpr char kService[] = "cloud-app-security";
constexpr char kSuitePlan[] = "suite-annual";
constexpr char kSoftware[] = "endpoint-encryption";
constexpr char kSoftwarePlan[] = "encryption-annual";
constexpr char kRequestId[] = "6f2c1d0e-8a57-4b7e-9c39-2d5f0a1b3c4d";
const Units kSuiteUnits = {{kService, 10}, {"hosted-email-security", 10}, {"worry-free-services-advanced", 10}};
// The plans of one service each, and units for it, that hold the same products as the suite.
const std::pair<const char*, const char*> kServicePlans[] = {{"cas-annual", kService},
                                                             {"hes-annual", "hosted-email-security"},
                                                             {"wfs-advanced-annual", "worry-free-services-advanced"}};
constexpr int kManyLicenses = 60;
constexpr int kPageSize = 50;
constexpr int kChecks = 32;

// As long as real ones (server/ids.h), so that a copy of one is an allocation here too.
class CountedIds final : public domain::IdSource {
 public:
  std::string NewId(absl::Time) override { return absl::StrFormat("01m867ask5%016d", ++last_); }
  std::string NewActivationCode() override {
    return absl::StrFormat("LM-ABCDE-FGHJK-LMNPQ-RSTUV-WXYZ2-%05d", ++last_ % 100'000);
  }

 private:
  int last_ = 0;
};

std::string CustomerId(int number) { return absl::StrFormat("01m867aaa5%016d", number); }

void OrDie(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "hot calls: %s\n", status.ToString().c_str());
  std::abort();
}

}  // namespace

struct HotCalls::Rig {
  explicit Rig(Meter& told)
      : meter(told),
        database(told),
        connections({.host = "in memory"}, 4),
        writes(connections, cache, ids, {.batches = {.workers = 1}, .clock = [this] { return DecideNow(); }}),
        reads(connections, cache, ids, {.batches = {.workers = 1}, .clock = [this] { return now; }}) {}

  // The write engine asks for the time between loading and deciding.
  absl::Time DecideNow() {
    if (meter.section() == Section::kLoad) meter.Enter(Section::kDecide);
    return now;
  }

  static const rpcs::Rpc* RpcOf(const google::protobuf::Message& request) {
    return rpcs::FindRpc(absl::StripSuffix(request.GetDescriptor()->name(), "Request"));
  }
  wire::ServerContext Context() { return {ids, tokens, now}; }
  domain::Env Env() { return {now, absl::ToCivilDay(now, absl::UTCTimeZone()), caller, ids}; }

  model::World WorldOf(int customers) const {
    model::World world;
    world.catalog = domain::TheDemoCatalog().catalog;
    for (int i = 1; i <= customers; ++i) {
      model::Customer customer{.customer_id = CustomerId(i), .partner_id = kPartner};
      customer.display_name = "Bakery Müller & Sons";
      customer.city = "Köln";
      customer.country = "DE";
      customer.contact_email = "ada@bakery-mueller.example";
      customer.stamp = {.revision = 1, .create_time = now, .update_time = now};
      world.customers[KeyOf(customer)] = customer;
    }
    return world;
  }

  // What an assignment before made of it.
  void Assign(const std::string& customer, const std::string& plan, const Units& units, model::World& world) {
    const model::World before = world;
    domain::AssignServicePlanCommand command{.customer_id = customer, .service_plan_id = plan, .units = units};
    const bool has_it = std::any_of(world.licenses.begin(), world.licenses.end(), [&](const auto& row) {
      return row.first.first == customer && row.second.product_id == kSoftware;
    });
    if (plan == kSoftwarePlan && has_it) {  // one more of the same
      command.crossgrade = {.mode = domain::CrossgradeMode::kExplicit,
                            .resolutions = {{kSoftware, domain::Resolution::kNewLicense}}};
    }
    OrDie(AssignServicePlan(world, command, Env()).status());
    OrDie(domain::Complete(before, world, Env().today));
    StampChanges(before, world, now);
  }

  model::World WorldWithSuites(int customers) {
    model::World world = WorldOf(customers);
    for (int i = 1; i <= customers; ++i) Assign(CustomerId(i), kSuitePlan, kSuiteUnits, world);
    return world;
  }

  // What the services do for a call, without gRPC. `request` with a request_id, if it has one at all.
  HotCall Write(const std::string& name, model::World world, const google::protobuf::Message& request) {
    const rpcs::Rpc* rpc = RpcOf(request);
    return {name,
            [=, this, world = std::make_shared<model::World>(std::move(world)),
             bytes = request.SerializeAsString()]() -> absl::Status {
              database.Show(*world);
              meter.Enter(Section::kParse);
              absl::StatusOr<Mutation> mutation = [&] {
                const std::unique_ptr<google::protobuf::Message> received(rpc->request->New());
                received->ParseFromString(bytes);
                return rpcs::MutationOf(*rpc, *received, Context());
              }();
              RETURN_IF_ERROR(mutation.status());
              mutation->caller = caller;
              meter.Enter(Section::kOutside);
              return Run(writes, *std::move(mutation));
            }};
  }

  HotCall Read(const std::string& name, model::World world, const google::protobuf::Message& request) {
    const rpcs::Rpc* rpc = RpcOf(request);
    return {name,
            [=, this, world = std::make_shared<model::World>(std::move(world)),
             bytes = request.SerializeAsString()]() -> absl::Status {
              database.Show(*world);
              meter.Enter(Section::kParse);
              absl::StatusOr<rpcs::Read> read = [&] {
                const std::unique_ptr<google::protobuf::Message> received(rpc->request->New());
                received->ParseFromString(bytes);
                return rpc->read(*received, cache, Context());
              }();
              RETURN_IF_ERROR(read.status());
              Query& query = read->query;
              query.caller = caller;
              query.answer = [this, answer = std::move(query.answer)](
                                 const model::World& loaded, const domain::Env& env) -> absl::StatusOr<std::string> {
                meter.Enter(Section::kDecide);
                absl::StatusOr<std::string> answered = answer(loaded, env);
                meter.Enter(Section::kOutside);
                return answered;
              };
              meter.Enter(Section::kOutside);
              return Run(reads, std::move(query));
            }};
  }

  // A page is read and rendered in one go: all of it counts as deciding.
  HotCall List(const std::string& name, model::World world, const v1::ListLicensesRequest& request) {
    const rpcs::Rpc* rpc = RpcOf(request);
    return {name,
            [=, this, world = std::make_shared<model::World>(std::move(world)),
             bytes = request.SerializeAsString()]() -> absl::Status {
              database.Show(*world);
              ASSIGN_OR_RETURN(const auto connection, storage::Connection::Open({}));
              const domain::Env env = Env();
              meter.Enter(Section::kDecide);
              absl::StatusOr<std::string> answer = [&]() -> absl::StatusOr<std::string> {
                v1::ListLicensesRequest received;
                received.ParseFromString(bytes);
                ASSIGN_OR_RETURN(const rpcs::Read read, rpc->read(received, cache, Context()));
                return read.query.list(*connection, env);
              }();
              meter.Enter(Section::kOutside);
              RETURN_IF_ERROR(answer.status());
              v1::ListLicensesResponse response;
              response.ParseFromString(*answer);
              if (response.licenses_size() != request.page_size()) return absl::InternalError("the page is not full");
              return absl::OkStatus();
            }};
  }

  HotCall LoadChecks(const std::string& name, model::World world) {
    std::vector<model::RowKey> keys;
    for (const auto& [key, customer] : world.customers) keys.emplace_back(key.first, kService);
    return {name, [=, this, world = std::make_shared<model::World>(std::move(world))]() -> absl::Status {
              database.Show(*world);
              ASSIGN_OR_RETURN(const auto connection, storage::Connection::Open({}));
              meter.Enter(Section::kLoad);
              model::World loaded;
              const absl::Status status = storage::LoadLicenseChecks(*connection, keys, loaded);
              meter.Enter(Section::kOutside);
              if (status.ok() && loaded.licenses.size() != keys.size())
                return absl::InternalError("not all were found");
              return status;
            }};
  }

  template <class Engine, class Job>
  static absl::Status Run(Engine& engine, Job job) {
    std::promise<absl::Status> ended;
    job.done = [&](const auto& outcome) { ended.set_value(outcome.status()); };
    engine.Submit(std::move(job));
    return ended.get_future().get();
  }

  const absl::Time now = absl::FromUnixSeconds(1'773'576'000);  // 2026-03-15 12:00:00 UTC
  const domain::Caller caller{.actor = "local-admin", .reason = "as ordered by telephone"};
  Meter& meter;
  CountedIds ids;
  storage::CatalogCache cache;
  const wire::PageTokens tokens{"secret"};
  testing::MemoryDatabase database;
  storage::Database connections;
  WriteEngine writes;
  ReadEngine reads;
};

HotCalls::HotCalls(Meter& meter) : rig_(std::make_unique<Rig>(meter)) {
  const std::string customer = absl::StrCat("customers/", CustomerId(1));
  v1::AssignServicePlanRequest assign;
  assign.set_request_id(kRequestId);
  assign.set_parent(customer);
  assign.set_service_plan(absl::StrCat("servicePlans/", kSuitePlan));
  for (const auto& [product, units] : kSuiteUnits) {
    v1::LicenseUnits* entry = assign.add_units();
    entry->set_product(absl::StrCat("products/", product));
    entry->set_units(units);
  }
  calls_.push_back(rig_->Write("AssignServicePlan, suite of 3", rig_->WorldOf(1), assign));
  model::World many = rig_->WorldOf(1);
  for (int i = 0; i < kManyLicenses; ++i) rig_->Assign(CustomerId(1), kSoftwarePlan, {{kSoftware, 1}}, many);
  calls_.push_back(rig_->Write("AssignServicePlan, suite of 3, to who has 60", many, assign));

  model::World singles = rig_->WorldOf(1);
  for (const auto& [plan, product] : kServicePlans) rig_->Assign(CustomerId(1), plan, {{product, 5}}, singles);
  assign.mutable_crossgrade()->set_mode(v1::Crossgrade::AUTOMATIC);
  calls_.push_back(rig_->Write("AssignServicePlan, crossgrade of 3", singles, assign));
  assign.set_validate_only(true);
  calls_.push_back(rig_->Write("AssignServicePlan, crossgrade of 3, preview", singles, assign));

  const model::World suite = rig_->WorldWithSuites(1);
  v1::UpdateSubscriptionRequest update;
  update.set_request_id(kRequestId);
  update.mutable_subscription()->set_name(
      absl::StrCat(customer, "/subscriptions/", suite.subscriptions.begin()->first.second));
  v1::LicenseUnits* more = update.add_units();
  more->set_product(absl::StrCat("products/", kService));
  more->set_units(25);
  model::World pooled = suite;
  for (const auto& [product, units] : kSuiteUnits) {
    model::LicensePool pool{.partner_id = kPartner, .product_id = product, .total = 1000, .assigned = units};
    pool.stamp = suite.licenses.begin()->second.stamp;
    pooled.pools[KeyOf(pool)] = pool;
  }
  calls_.push_back(rig_->Write("UpdateSubscription, units, from a pool", pooled, update));

  v1::CheckLicenseRequest check;
  check.set_customer(customer);
  check.set_product(absl::StrCat("products/", kService));
  calls_.push_back(rig_->Read("CheckLicense", suite, check));
  v1::GetLicenseRequest get;
  get.set_name(absl::StrCat(customer, "/licenses/", suite.licenses.begin()->first.second));
  calls_.push_back(rig_->Read("GetLicense", suite, get));
  v1::ListLicensesRequest list;
  list.set_parent("customers/-");
  list.set_page_size(kPageSize);
  // 51 licenses: one more than the page, as a page in the middle has it.
  calls_.push_back(rig_->List("ListLicenses, page of 50", rig_->WorldWithSuites(17), list));
  calls_.push_back(rig_->LoadChecks("loading 32 checks", rig_->WorldWithSuites(kChecks)));
}

HotCalls::~HotCalls() = default;

}  // namespace lmp::engine
