#include "tests/engine/engine_fixture.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "server/check.h"
#include "server/domain/refusal.h"
#include "server/wire/page_token.h"
#include "tests/domain/demo_catalogue.h"
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

Mutation Assign(const std::string& customer, const std::string& plan, const std::map<std::string, int>& units,
                domain::CrossgradeMode crossgrade, Mode mode) {
  domain::AssignServicePlanCommand command;
  command.customer_id = customer;
  command.service_plan_id = plan;
  command.units = units;
  command.crossgrade.mode = crossgrade;
  return MutationOf<v1::AssignServicePlanResponse>("AssignServicePlan", "SERVICE_PLAN_ASSIGNED", command,
                                                   domain::AssignServicePlan, mode);
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
  return MutationOf<v1::Customer>("CreateCustomer", "CUSTOMER_CREATED", domain::CreateCustomerCommand{customer},
                                  domain::CreateCustomer, mode);
}

Mutation UpdateNote(const std::string& customer, const std::string& note, const std::string& etag) {
  domain::UpdateCustomerCommand command{.customer_id = customer, .etag = etag};
  command.patch.columns = {"note"};
  command.patch.values.note = note;
  return MutationOf<v1::Customer>("UpdateCustomer", "CUSTOMER_UPDATED", command, domain::UpdateCustomer);
}

Mutation CreatePlan(const std::string& id, const std::string& display_name) {
  domain::CreateServicePlanCommand command;
  command.plan.service_plan_id = id;
  command.plan.partner_id = kPartner;
  command.plan.display_name = display_name;
  command.plan.product_id = kService;
  command.plan.terms.initial_term_months = 12;
  return MutationOf<v1::ServicePlan>("CreateServicePlan", "SERVICE_PLAN_CREATED", command, domain::CreateServicePlan);
}

Mutation UpdateGracePeriod(const std::string& plan, int days) {
  domain::UpdateServicePlanCommand command{.service_plan_id = plan};
  command.patch.columns = {"grace_period_days"};
  command.patch.values.terms.grace_period_days = days;
  return MutationOf<v1::ServicePlan>("UpdateServicePlan", "SERVICE_PLAN_UPDATED", command, domain::UpdateServicePlan);
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
  mutation.decide = [decide](model::World& world, const domain::Env& env) -> absl::StatusOr<Render> {
    RETURN_IF_ERROR(decide(world, env));
    return Render([](const Decided&) { return "done"; });
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
  EXPECT_THAT(domain::TheDemoCatalogue().problems, ::testing::IsEmpty());
  EXPECT_OK(Run(Custom({.changes_catalogue = true}, [](model::World& world, const domain::Env&) {
    world.MutableCatalogue() = *domain::TheDemoCatalogue().catalogue;
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

std::vector<std::string> EngineTest::AddCustomers(int count) {
  std::vector<std::string> names;
  std::vector<std::future<Outcome>> pending;
  for (int i = 1; i <= count; ++i) {
    names.push_back(absl::StrCat("customer-", i));
    pending.push_back(Start(*writes_, CreateCustomer(SomeCustomer(names.back()))));
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
  const auto report = server::CheckDatabase(*admin_, kToday,
                                            [&](const std::string& violation) { found.push_back(violation); });
  EXPECT_OK(report);
  if (report.ok()) {
    EXPECT_EQ(report->violations, static_cast<int64_t>(found.size()));
    EXPECT_GT(report->rows, 0);
  }
  return found;
}

}  // namespace lmp::engine
