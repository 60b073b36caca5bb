// The engines on a real database with the demo catalog (tests/domain/vectors/catalog.txt), and the RPCs' mutations and
// reads, without gRPC.
#ifndef LMP_TESTS_ENGINE_ENGINE_FIXTURE_H_
#define LMP_TESTS_ENGINE_ENGINE_FIXTURE_H_

#include <google/protobuf/message.h>

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/license/license_token.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/engine/read_engine.h"
#include "server/engine/write_engine.h"
#include "server/ids.h"
#include "server/rpcs/rpc.h"
#include "storage/catalog_cache.h"
#include "storage/mysql/database.h"
#include "storage/status_macros.h"
#include "tests/support/test_database.h"

namespace lmp::engine {

using Outcome = absl::StatusOr<Answer>;

enum class Mode { kLive, kValidateOnly };

// Names in the demo catalog that most tests use.
inline constexpr char kPartner[] = "msp-one";
inline constexpr char kService[] = "cloud-app-security";
inline constexpr char kServicePlan[] = "cas-annual";
inline constexpr char kSuitePlan[] = "suite-annual";
inline const std::map<std::string, int> kSuiteUnits = {
    {"cloud-app-security", 10}, {"hosted-email-security", 10}, {"worry-free-services-advanced", 10}};

// 32 bytes, as the column wants them; the same for the same text.
std::string FingerprintOf(const std::string& text);

// The mutation of a request, as the services make it of a call, with a new request_id unless it has one.
Mutation MutationOf(const google::protobuf::Message& request, Mode mode = Mode::kLive,
                    std::shared_ptr<const domain::TokenSigner> signer = nullptr);

Mutation Assign(const std::string& customer, const std::string& plan, const std::map<std::string, int>& units,
                domain::CrossgradeMode crossgrade = domain::CrossgradeMode::kReject, Mode mode = Mode::kLive);
// One unit of the service "cloud-app-security".
Mutation AssignService(const std::string& customer,
                       domain::CrossgradeMode crossgrade = domain::CrossgradeMode::kReject);
// A customer as a person would enter it.
model::Customer SomeCustomer(const std::string& id);
Mutation CreateCustomer(const model::Customer& customer, Mode mode = Mode::kLive);
Mutation UpdateNote(const std::string& customer, const std::string& note, const std::string& etag = "");
Mutation CreatePlan(const std::string& id, const std::string& display_name);
Mutation UpdateGracePeriod(const std::string& plan, int days);
// Requests of verbs that many tests use; with a day, scheduled for it.
v1::UpdateSubscriptionRequest ChangeOfUnits(const std::string& customer, const std::string& subscription,
                                            const std::string& product, int units,
                                            std::optional<model::Date> day = std::nullopt);
v1::CancelSubscriptionRequest CancelOf(const std::string& customer, const std::string& subscription,
                                       const std::string& etag = "");
v1::AddLicensePoolUnitsRequest AddPoolUnits(const std::string& product, int units);
void SetDate(model::Date day, google::type::Date* out);
template <class Request>
void AddUnits(Request& request, const std::string& product, int count) {
  v1::LicenseUnits* entry = request.add_units();
  entry->set_product("products/" + product);
  entry->set_units(count);
}

// A mutation of no verb: any change of the rows of a footprint. Its answer is "done".
Mutation Custom(const model::Footprint& footprint,
                const std::function<absl::Status(model::World&, const domain::Env&)>& decide);

// Holds a worker of an engine until it is told to go on.
class Hold final {
 public:
  explicit Hold(WriteEngine& engine);
  ~Hold() { Release(); }
  // Returns once the engine has decided and committed.
  void Release();

 private:
  absl::Notification holds_, go_on_;
  std::future<Outcome> held_;
};

std::future<Outcome> Start(WriteEngine& engine, Mutation mutation);
std::future<absl::StatusOr<std::string>> Start(ReadEngine& engine, Query query);
// Starts all at once, each from a thread of its own, and waits for all.
std::vector<Outcome> RunInParallel(WriteEngine& engine, std::vector<Mutation> mutations);
int CountOk(const std::vector<Outcome>& outcomes);
// Those refused with this reason.
int CountRefused(const std::vector<Outcome>& outcomes, const std::string& reason);
std::string ReasonOf(const absl::Status& status);

template <class Response>
Response ResponseOf(const Outcome& outcome) {
  Response response;
  EXPECT_TRUE(outcome.ok() && response.ParseFromString(outcome->response));
  return response;
}

class EngineTest : public ::testing::Test {
 protected:
  EngineTest();

  std::unique_ptr<WriteEngine> NewWriteEngine(BatcherOptions batches, storage::Database& database);
  std::unique_ptr<WriteEngine> NewWriteEngine(BatcherOptions batches) { return NewWriteEngine(batches, database_); }
  std::unique_ptr<ReadEngine> NewReadEngine(BatcherOptions batches, storage::Database& database);
  std::unique_ptr<ReadEngine> NewReadEngine(BatcherOptions batches) { return NewReadEngine(batches, database_); }

  Outcome Run(Mutation mutation) { return Start(*writes_, std::move(mutation)).get(); }
  Outcome Run(const google::protobuf::Message& request, Mode mode = Mode::kLive) {
    return Run(MutationOf(request, mode));
  }

  // The read of a request, as the services make it of a call by a caller bound to `partner`, or to none; and its
  // answer.
  Query QueryOf(const google::protobuf::Message& request, const std::string& partner = "",
                std::shared_ptr<const domain::TokenSigner> signer = nullptr);
  template <class Response>
  absl::StatusOr<Response> Ask(const google::protobuf::Message& request, const std::string& partner = "",
                               std::shared_ptr<const domain::TokenSigner> signer = nullptr) {
    const auto engine = NewReadEngine({.workers = 1});
    ASSIGN_OR_RETURN(const std::string bytes, Start(*engine, QueryOf(request, partner, std::move(signer))).get());
    Response response;
    EXPECT_TRUE(response.ParseFromString(bytes));
    return response;
  }

  // Customers of kPartner named "customer-1" … "customer-N"; returns the names.
  std::vector<std::string> AddCustomers(int count);
  void AddPool(const std::string& product, int total, int minimum = 0);

  // The first column of all rows, and the only number of a query.
  std::vector<std::string> Texts(const std::string& sql);
  int64_t Number(const std::string& sql);
  int64_t CountOf(const std::string& table) { return Number("SELECT COUNT(*) FROM " + table); }
  // Rows of all tables but the catalog's.
  std::map<std::string, int64_t> AllCounts();
  // A counter of the whole (private) database server, e.g. "Com_commit".
  int64_t ServerStatus(const std::string& name);
  // Of the one connection of a database that has no more.
  static int64_t RoundTrips(storage::Database& database);
  // Transactions that wait for a lock; up to a tenth of a second old.
  int64_t LockWaits();
  // Returns once as many transactions wait for a lock; fails after ten seconds.
  void AwaitLockWaits(int64_t count);
  // What `lmp-server check` finds.
  std::vector<std::string> Violations();

  const absl::Time kNow = absl::FromUnixSeconds(1'773'576'000);  // 2026-03-15 12:00:00 UTC
  const model::Date kToday{2026, 3, 15};

  // Moves the clock of all engines made here.
  void SetNow(absl::Time now) { now_micros_ = absl::ToUnixMicros(now); }
  absl::Time Now() const { return absl::FromUnixMicros(now_micros_); }
  std::atomic<int64_t> now_micros_ = absl::ToUnixMicros(kNow);

  testing::TestDatabase schema_;
  std::unique_ptr<storage::Connection> admin_;
  storage::Database database_;
  storage::CatalogCache cache_;
  server::SystemIds ids_;
  std::unique_ptr<WriteEngine> writes_;  // two workers
};

}  // namespace lmp::engine

#endif  // LMP_TESTS_ENGINE_ENGINE_FIXTURE_H_
