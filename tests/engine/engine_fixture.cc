#include "tests/engine/engine_fixture.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "server/check.h"
#include "server/domain/lookup.h"
#include "server/domain/refusal.h"
#include "server/wire/page_token.h"
#include "server/wire/resources.h"
#include "tests/domain/demo_catalog.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

template <class T, class Engine, class Job>
std::future<absl::StatusOr<T>> Submit(Engine& engine, Job job) {
  auto promise = std::make_shared<std::promise<absl::StatusOr<T>>>();
  std::future<absl::StatusOr<T>> future = promise->get_future();
  job.done = [promise](absl::StatusOr<T> outcome) { promise->set_value(std::move(outcome)); };
  engine.Submit(std::move(job));
  return future;
}

}  // namespace

std::string FingerprintOf(const std::string& text) {
  v1::GetCustomerRequest request;
  request.set_name(text);
  return wire::Fingerprint(request, {});
}

namespace {

// "AssignServicePlan" of lmp.v1.AssignServicePlanRequest.
const rpcs::Rpc& RpcOf(const google::protobuf::Message& request) {
  const rpcs::Rpc* rpc = rpcs::FindRpc(absl::StripSuffix(request.GetDescriptor()->name(), "Request"));
  EXPECT_NE(rpc, nullptr) << request.GetTypeName();
  return *rpc;
}

wire::ServerContext Context(std::shared_ptr<const domain::TokenSigner> signer) {
  static auto& ids = *new server::SystemIds();
  static const auto& tokens = *new wire::PageTokens("secret");
  return {ids, tokens, absl::FromCivil(absl::CivilDay(2100, 1, 1), absl::UTCTimeZone()),
          [signer = std::move(signer)] { return signer; }};
}

}  // namespace

Mutation MutationOf(const google::protobuf::Message& request, Mode mode,
                    std::shared_ptr<const domain::TokenSigner> signer) {
  const std::unique_ptr<google::protobuf::Message> asked(request.New());
  asked->CopyFrom(request);
  if (mode == Mode::kValidateOnly) {
    asked->GetReflection()->SetBool(asked.get(), asked->GetDescriptor()->FindFieldByName("validate_only"), true);
  }
  absl::StatusOr<Mutation> mutation = rpcs::MutationOf(RpcOf(*asked), *asked, Context(std::move(signer)));
  EXPECT_OK(mutation);
  if (!mutation.ok()) return {};
  mutation->caller = {.actor = "tester", .reason = "the test says so"};
  return *std::move(mutation);
}

Mutation Assign(const std::string& customer, const std::string& plan, const std::map<std::string, int>& units,
                domain::CrossgradeMode crossgrade, Mode mode) {
  v1::AssignServicePlanRequest request;
  request.set_parent(domain::CustomerName(customer));
  request.set_service_plan(domain::ServicePlanName(plan));
  for (const auto& [product, count] : units) AddUnits(request, product, count);
  request.mutable_crossgrade()->set_mode(static_cast<v1::Crossgrade::Mode>(crossgrade));
  return MutationOf(request, mode);
}

Mutation AssignService(const std::string& customer, domain::CrossgradeMode crossgrade) {
  return Assign(customer, kServicePlan, {{kService, 1}}, crossgrade);
}

model::Customer SomeCustomer(const std::string& id) {
  model::Customer customer;
  customer.customer_id = id;
  customer.partner_id = kPartner;
  customer.display_name = "Bakery \"Müller\" 🥐";
  customer.city = "Köln";
  customer.region = "NRW";
  customer.country = "DE";
  customer.contact_given_name = "Ada";
  customer.contact_family_name = "Müller";
  customer.contact_email = "ada@example.com";
  customer.annotations = {{"erp", "47\\\"11"}};
  return customer;
}

Mutation CreateCustomer(const model::Customer& customer, Mode mode) {
  v1::CreateCustomerRequest request;
  request.set_customer_id(customer.customer_id);
  wire::ToProto(customer, {model::World(), model::Date()}, request.mutable_customer());
  return MutationOf(request, mode);
}

Mutation UpdateNote(const std::string& customer, const std::string& note, const std::string& etag) {
  v1::UpdateCustomerRequest request;
  request.mutable_customer()->set_name(domain::CustomerName(customer));
  request.mutable_customer()->set_note(note);
  request.mutable_customer()->set_etag(etag);
  request.mutable_update_mask()->add_paths("note");
  return MutationOf(request);
}

Mutation CreatePlan(const std::string& id, const std::string& display_name) {
  v1::CreateServicePlanRequest request;
  request.set_service_plan_id(id);
  v1::ServicePlan& plan = *request.mutable_service_plan();
  plan.set_partner(domain::PartnerName(kPartner));
  plan.set_display_name(display_name);
  plan.set_product(domain::ProductName(kService));
  plan.set_initial_term_months(12);
  return MutationOf(request);
}

Mutation UpdateGracePeriod(const std::string& plan, int days) {
  v1::UpdateServicePlanRequest request;
  request.mutable_service_plan()->set_name(domain::ServicePlanName(plan));
  request.mutable_service_plan()->set_grace_period_days(days);
  request.mutable_update_mask()->add_paths("grace_period_days");
  return MutationOf(request);
}

v1::UpdateSubscriptionRequest ChangeOfUnits(const std::string& customer, const std::string& subscription,
                                            const std::string& product, int units, std::optional<model::Date> day) {
  v1::UpdateSubscriptionRequest request;
  request.mutable_subscription()->set_name(domain::SubscriptionName(customer, subscription));
  AddUnits(request, product, units);
  if (day.has_value()) SetDate(*day, request.mutable_effective_date());
  return request;
}

v1::CancelSubscriptionRequest CancelOf(const std::string& customer, const std::string& subscription,
                                       const std::string& etag) {
  v1::CancelSubscriptionRequest request;
  request.set_name(domain::SubscriptionName(customer, subscription));
  request.set_etag(etag);
  return request;
}

v1::AddLicensePoolUnitsRequest AddPoolUnits(const std::string& product, int units) {
  v1::AddLicensePoolUnitsRequest request;
  request.set_name(domain::PoolName(kPartner, product));
  request.set_units(units);
  return request;
}

void SetDate(model::Date day, google::type::Date* out) {
  out->set_year(static_cast<int32_t>(day.year()));
  out->set_month(day.month());
  out->set_day(day.day());
}

Mutation Custom(const model::Footprint& footprint,
                const std::function<absl::Status(model::World&, const domain::Env&)>& decide) {
  Mutation mutation;
  mutation.caller = {.actor = "tester"};
  mutation.method = "Custom";
  mutation.event_kind = "CUSTOM";
  mutation.request_id = server::NewUuid();
  mutation.fingerprint = FingerprintOf("custom");
  mutation.footprint = footprint;
  mutation.decide = [decide](model::World& world, const domain::Env& env) -> absl::StatusOr<ResponseWriter> {
    RETURN_IF_ERROR(decide(world, env));
    return ResponseWriter([](const Decision&) { return "done"; });
  };
  return mutation;
}

Hold::Hold(WriteEngine& engine) {
  held_ = Start(engine, Custom({}, [this](model::World&, const domain::Env&) {
                  if (!holds_.HasBeenNotified()) holds_.Notify();
                  go_on_.WaitForNotification();
                  return absl::OkStatus();
                }));
  holds_.WaitForNotification();
}

void Hold::Release() {
  if (go_on_.HasBeenNotified()) return;
  go_on_.Notify();
  EXPECT_OK(held_.get());
}

std::future<Outcome> Start(WriteEngine& engine, Mutation mutation) {
  return Submit<Answer>(engine, std::move(mutation));
}

std::future<absl::StatusOr<std::string>> Start(ReadEngine& engine, Query query) {
  return Submit<std::string>(engine, std::move(query));
}

std::vector<Outcome> RunInParallel(WriteEngine& engine, std::vector<Mutation> mutations) {
  std::vector<Outcome> outcomes(mutations.size(), absl::UnknownError("not run"));
  absl::Notification go;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < mutations.size(); ++i) {
    threads.emplace_back([&, i] {
      go.WaitForNotification();
      outcomes[i] = Start(engine, std::move(mutations[i])).get();
    });
  }
  go.Notify();
  for (std::thread& thread : threads) thread.join();
  return outcomes;
}

std::string ReasonOf(const absl::Status& status) { return domain::RefusalOf(status).reason; }

int CountOk(const std::vector<Outcome>& outcomes) {
  int count = 0;
  for (const Outcome& outcome : outcomes) count += outcome.ok() ? 1 : 0;
  return count;
}

int CountRefused(const std::vector<Outcome>& outcomes, const std::string& reason) {
  int count = 0;
  for (const Outcome& outcome : outcomes) count += !outcome.ok() && ReasonOf(outcome.status()) == reason ? 1 : 0;
  return count;
}

EngineTest::EngineTest() : admin_(schema_.Connect()), database_(schema_.options(), 12) {
  writes_ = NewWriteEngine({.workers = 2});
  EXPECT_THAT(domain::TheDemoCatalog().problems, ::testing::IsEmpty());
  EXPECT_OK(Run(Custom({.changes_catalog = true}, [](model::World& world, const domain::Env&) {
    world.MutableCatalog() = *domain::TheDemoCatalog().catalog;
    return absl::OkStatus();
  })));
}

std::unique_ptr<WriteEngine> EngineTest::NewWriteEngine(BatcherOptions batches, storage::Database& database) {
  return std::make_unique<WriteEngine>(database, cache_, ids_,
                                       EngineOptions{.batches = batches, .clock = [this] { return Now(); }});
}

std::unique_ptr<ReadEngine> EngineTest::NewReadEngine(BatcherOptions batches, storage::Database& database) {
  return std::make_unique<ReadEngine>(database, cache_, ids_,
                                      EngineOptions{.batches = batches, .clock = [this] { return Now(); }});
}

Query EngineTest::QueryOf(const google::protobuf::Message& request, const std::string& partner,
                          std::shared_ptr<const domain::TokenSigner> signer) {
  absl::StatusOr<rpcs::Read> read = RpcOf(request).read(request, cache_, Context(std::move(signer)));
  EXPECT_OK(read);
  if (!read.ok()) return {};
  read->query.caller = {.actor = "tester", .partner_id = partner};
  return std::move(read->query);
}

std::vector<std::string> EngineTest::AddCustomers(int count) {
  constexpr size_t kAtOnce = 100;  // fewer than wait in an overload: on a slow machine more may look like one
  std::vector<std::string> names;
  std::vector<std::future<Outcome>> pending;
  for (int i = 1; i <= count; ++i) {
    names.push_back(absl::StrCat("customer-", i));
    pending.push_back(Start(*writes_, CreateCustomer(SomeCustomer(names.back()))));
    if (pending.size() < kAtOnce) continue;
    for (auto& outcome : pending) EXPECT_OK(outcome.get());
    pending.clear();
  }
  for (auto& outcome : pending) EXPECT_OK(outcome.get());
  return names;
}

void EngineTest::AddPool(const std::string& product, int total, int minimum) {
  model::LicensePool pool{.partner_id = kPartner, .product_id = product, .total = total, .minimum = minimum};
  EXPECT_OK(Run(Custom({}, [pool](model::World& world, const domain::Env&) {
    world.pools[KeyOf(pool)] = pool;
    return absl::OkStatus();
  })));
}

std::vector<std::string> EngineTest::Texts(const std::string& sql) {
  std::vector<std::string> texts;
  auto rows = admin_->Query(sql, {});
  EXPECT_OK(rows);
  if (!rows.ok()) return texts;
  while ((*rows)->Next()) texts.push_back((*rows)->String(0));
  EXPECT_OK((*rows)->status());
  return texts;
}

int64_t EngineTest::Number(const std::string& sql) {
  auto rows = admin_->Query(sql, {});
  EXPECT_OK(rows);
  if (!rows.ok() || !(*rows)->Next()) return -1;
  const int64_t number = (*rows)->Int64(0);
  EXPECT_OK((*rows)->status());
  return number;
}

std::map<std::string, int64_t> EngineTest::AllCounts() {
  std::map<std::string, int64_t> counts;
  for (const char* table : {"customers", "subscriptions", "licenses", "license_pools", "events", "requests"}) {
    counts[table] = CountOf(table);
  }
  return counts;
}

int64_t EngineTest::ServerStatus(const std::string& name) {
  auto rows = admin_->Query(absl::StrCat("SHOW GLOBAL STATUS LIKE '", name, "'"), {});
  EXPECT_OK(rows);
  if (!rows.ok() || !(*rows)->Next()) return -1;
  return std::stoll((*rows)->String(1));
}

int64_t EngineTest::RoundTrips(storage::Database& database) {
  const auto lease = database.pool().Acquire(absl::Now() + absl::Seconds(10));
  EXPECT_OK(lease);
  return lease.ok() ? (*lease)->round_trips() : -1;
}

int64_t EngineTest::LockWaits() {
  return Number("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'");
}

void EngineTest::AwaitLockWaits(int64_t count) {
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  do {
    ASSERT_LT(absl::Now(), deadline) << "not " << count << " transactions wait for a lock";
    // InnoDB shows what it showed before unless nobody has asked for a tenth of a second.
    absl::SleepFor(absl::Milliseconds(150));
  } while (LockWaits() != count);
}

std::vector<std::string> EngineTest::Violations() {
  std::vector<std::string> found;
  const auto report =
      server::CheckDatabase(*admin_, kToday, [&](const std::string& violation) { found.push_back(violation); });
  EXPECT_OK(report);
  if (report.ok()) {
    EXPECT_EQ(report->violations, static_cast<int64_t>(found.size()));
    EXPECT_GT(report->rows, 0);
  }
  return found;
}

}  // namespace lmp::engine
