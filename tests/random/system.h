// The server under test: its engines on a schema of a real database, a clock that the test moves, and ids that the test
// can foresee, so that a preview and the call itself must answer with the same bytes. One history at a time; one
// thread.
#ifndef LMP_TESTS_RANDOM_SYSTEM_H_
#define LMP_TESTS_RANDOM_SYSTEM_H_

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lmp/v1/customer.pb.h"
#include "lmp/v1/license.pb.h"
#include "lmp/v1/license_pool.pb.h"
#include "lmp/v1/license_requests.pb.h"
#include "lmp/v1/subscription.pb.h"
#include "server/domain/env.h"
#include "server/engine/read_engine.h"
#include "server/engine/write_engine.h"
#include "server/rpcs/rpc.h"
#include "storage/catalog_cache.h"
#include "storage/model/event.h"
#include "storage/mysql/database.h"
#include "tests/random/model.h"
#include "tests/random/step.h"
#include "tests/support/test_database.h"

namespace lmp::random_test {

// Names what the server makes after the step that makes it, see IdOf.
class StepIds final : public domain::IdSource {
 public:
  // From here on, the ids of this step from its first one.
  void Begin(int step) {
    step_ = step;
    ids_ = codes_ = 0;
  }
  std::string NewId(absl::Time) override { return IdOf(step_, ids_++); }
  std::string NewActivationCode() override;

 private:
  int step_ = 0, ids_ = 0, codes_ = 0;
};

// A row as the database has it: column → text; none for NULL.
using RawRow = std::map<std::string, std::optional<std::string>>;
struct RowName {
  std::string table, key1, key2;
  auto operator<=>(const RowName&) const = default;
};
using RawRows = std::map<RowName, RawRow>;

// Rows of these tables whose first key is one of these. Empty: of all tables that have events, all rows.
struct Selection {
  std::set<std::string> tables, keys;
  bool Has(const RowName& row) const {
    return (tables.empty() || tables.contains(row.table)) && (keys.empty() || keys.contains(row.key1));
  }
};

struct RawEvent {
  int64_t id = 0;
  RowName row;
  std::string actor, request_id, kind, time;
  std::optional<std::string> effective_date, before;
  int revision = 0;
  std::string after;
};

// A customer as a reader sees it now.
struct CustomerView {
  v1::Customer customer;
  std::map<std::string, v1::Subscription> subscriptions;  // by name, with their licenses
  std::map<std::string, v1::License> licenses;            // by name
};

class System final {
 public:
  System();

  // Empties the database and starts anew with the partners and the catalog of `world`.
  absl::Status Restart(const World& world);

  void SetNow(absl::Time now) { now_micros_ = absl::ToUnixMicros(now); }
  absl::StatusOr<engine::Answer> Run(engine::Mutation mutation, int step);
  // A mutation or a read as this caller. Errors: also PERMISSION_DENIED.
  absl::StatusOr<engine::Answer> Ask(const Caller& caller, const Verb& verb, const google::protobuf::Message& request,
                                     int step);
  absl::StatusOr<std::string> Ask(const Caller& caller, const rpcs::Rpc& rpc, const google::protobuf::Message& request);
  // One pass of the worker; the number of customers that were brought up to date.
  absl::StatusOr<int> RunTimeWorker();
  absl::StatusOr<CustomerView> Read(const std::string& customer);
  // Of these pools, those that a reader sees now.
  absl::StatusOr<std::map<Key, v1::LicensePool>> ReadPools(const std::vector<Key>& keys);
  // What CheckLicense answers, without the time; the keys are (customer, product).
  absl::StatusOr<std::vector<v1::CheckLicenseResponse>> CheckLicenses(const std::vector<Key>& keys);
  // Gives events their numbers, as the sequencer does.
  absl::Status Sequence();
  // All rows as of the head of the history, and then the events behind it.
  absl::StatusOr<std::vector<model::Event>> Snapshot();
  // What `lmp-server check` finds.
  absl::StatusOr<std::vector<std::string>> Check();

  absl::StatusOr<RawRows> Load(const Selection& selection);
  absl::StatusOr<std::vector<RawEvent>> EventsAfter(int64_t id);
  // Pools whose `assigned` is not the sum of the licenses that are not closed, in the database's own words.
  absl::StatusOr<std::vector<std::string>> WrongPools();

 private:
  absl::Time Now() const { return absl::FromUnixMicros(now_micros_); }
  absl::Status ReadColumns();
  absl::Status Clear();

  testing::TestDatabase schema_;
  std::unique_ptr<storage::Connection> admin_;
  storage::Database database_;
  StepIds ids_;
  std::atomic<int64_t> now_micros_ = 0;
  std::map<std::string, std::vector<std::string>> columns_;  // by table: the stored ones, key first
  std::unique_ptr<storage::CatalogCache> cache_;
  std::unique_ptr<engine::WriteEngine> writes_;
  std::unique_ptr<engine::ReadEngine> reads_;
};

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_SYSTEM_H_
