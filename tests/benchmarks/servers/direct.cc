#include "tests/benchmarks/servers/direct.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/domain/decision/complete.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/engine/slice.h"
#include "server/engine/write_engine.h"
#include "server/wire/license.h"
#include "server/wire/mutation_response.h"
#include "server/wire/subscription.h"
#include "storage/events.h"
#include "storage/idempotency.h"
#include "storage/license_checks.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"
#include "tests/benchmarks/fill/catalog.h"

namespace lmp::bench {
namespace {

constexpr int kCheckColumns = 21;
constexpr char kActor[] = "local-admin";

// Queries run and are written down; everything else is only written down.
class Recorder final : public storage::Connection {
 public:
  explicit Recorder(storage::Connection& connection) : connection_(connection) {}

  absl::Status Execute(absl::string_view sql) override {
    transaction_.push_back({Statement::Kind::kText, std::string(sql), {}});
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<storage::ResultSet>> Query(const std::string& sql,
                                                            const std::vector<storage::Value>& params) override {
    transaction_.push_back({Statement::Kind::kQuery, sql, params});
    return connection_.Query(sql, params);
  }
  absl::StatusOr<int64_t> Update(const std::string& sql, const std::vector<storage::Value>& params) override {
    transaction_.push_back({Statement::Kind::kUpdate, sql, params});
    return 1;
  }
  absl::Status LimitStatements(absl::Duration) override { return absl::OkStatus(); }
  bool broken() const override { return connection_.broken(); }
  absl::Status TakeLostTransaction() override { return absl::OkStatus(); }
  bool is_mariadb() const override { return connection_.is_mariadb(); }
  bool is_cluster_node() const override { return connection_.is_cluster_node(); }
  int64_t round_trips() const override { return static_cast<int64_t>(transaction_.size()); }

  Transaction Take() { return std::move(transaction_); }

 private:
  storage::Connection& connection_;
  Transaction transaction_;
};

domain::AssignServicePlanCommand Command(const std::string& customer_id) {
  domain::AssignServicePlanCommand command{.customer_id = customer_id, .service_plan_id = kPlan};
  for (const char* product : kProducts) command.units[product] = kUnits;
  return command;
}

}  // namespace

storage::DatabaseOptions BenchDatabase(const std::string& socket) {
  return {.socket = socket, .user = "root", .database = "lmp"};
}

absl::Status CheckDirectly(storage::Connection& connection, const std::vector<model::RowKey>& checks) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(storage::LicenseChecksSql(), {storage::PairsToJson(checks)}));
  size_t count = 0;
  while (rows->Next()) {
    ++count;
    for (int column = 0; column < kCheckColumns; ++column) rows->String(column);
  }
  RETURN_IF_ERROR(rows->status());
  if (count == checks.size()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(count, " rows for ", checks.size(), " checks"));
}

// The engine's transaction (WriteEngine::RunOnce), step by step.
absl::StatusOr<Transaction> AssignRecorder::Record(const std::vector<std::string>& customer_ids) {
  Recorder recorder(connection_);
  RETURN_IF_ERROR(recorder.Execute("BEGIN"));
  std::vector<storage::RequestKey> keys;
  for (size_t i = 0; i < customer_ids.size(); ++i) keys.emplace_back(kActor, server::NewUuid());
  ASSIGN_OR_RETURN(const model::World before, LoadWorld(recorder, {.service_plans = {kPlan}, .customers = customer_ids},
                                                        storage::Locking::kWrite, cache_));
  RETURN_IF_ERROR(storage::LoadIdempotencyRecords(recorder, keys).status());

  const domain::Caller caller{.actor = kActor};
  const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(absl::Now()));
  const domain::Env env{now, absl::ToCivilDay(now, absl::UTCTimeZone()), caller, ids_};
  model::World world = before;
  std::vector<model::Event> events;
  std::vector<model::IdempotencyRecord> requests;
  for (size_t i = 0; i < customer_ids.size(); ++i) {
    const domain::AssignServicePlanCommand command = Command(customer_ids[i]);
    model::World after = engine::SliceOf(world, command.footprint());
    ASSIGN_OR_RETURN(const auto result, AssignServicePlan(after, command, env));
    RETURN_IF_ERROR(domain::Complete(world, after, env.today));
    StampChanges(world, after, now);
    const model::ChangeSet changes = Diff(world, after);
    for (auto& event : storage::EventsOf(
             changes,
             {.event_time = now, .actor = kActor, .request_id = keys[i].second, .kind = "SERVICE_PLAN_ASSIGNED"})) {
      events.push_back(std::move(event));
    }
    const std::vector<domain::Advisory> advisories = domain::Advisories(world, after, env.today);
    v1::AssignServicePlanResponse answer;
    const engine::Decision decided{world, after, changes, env, events, advisories, {}};
    wire::RenderAssignment(decided, result, &answer);
    ASSIGN_OR_RETURN(const std::string response, wire::FinishResponse(decided, wire::Asked{}, &answer));
    requests.push_back({.caller = kActor,
                        .request_id = keys[i].second,
                        .method = "AssignServicePlan",
                        .fingerprint = std::string(32, 'f'),
                        .response = response,
                        .create_time = now});
    engine::Merge(std::move(after), changes, world);
  }
  RETURN_IF_ERROR(storage::SaveChanges(recorder, Diff(before, world)));
  RETURN_IF_ERROR(storage::InsertEvents(recorder, events));
  RETURN_IF_ERROR(storage::InsertIdempotencyRecords(recorder, requests));
  RETURN_IF_ERROR(recorder.Execute("COMMIT"));
  return recorder.Take();
}

Statement AsBlock(const Transaction& transaction) {
  Statement block{Statement::Kind::kUpdate,
                  "BEGIN NOT ATOMIC DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END; ",
                  {}};
  for (const Statement& statement : transaction) {
    switch (statement.kind) {
      case Statement::Kind::kText:
        absl::StrAppend(&block.sql, statement.sql == "BEGIN" ? "START TRANSACTION" : statement.sql, "; ");
        break;
      case Statement::Kind::kQuery:
        absl::StrAppend(&block.sql, "SELECT COUNT(*) INTO @bench_rows FROM (", statement.sql, ") AS counted; ");
        break;
      case Statement::Kind::kUpdate:
        absl::StrAppend(&block.sql, statement.sql, "; ");
        break;
    }
    block.params.insert(block.params.end(), statement.params.begin(), statement.params.end());
  }
  block.sql += "END";
  return block;
}

absl::Status Send(storage::Connection& connection, const Transaction& transaction) {
  for (const Statement& statement : transaction) {
    absl::Status status;
    if (statement.kind == Statement::Kind::kText) {
      status = connection.Execute(statement.sql);
    } else if (statement.kind == Statement::Kind::kUpdate) {
      status = connection.Update(statement.sql, statement.params).status();
    } else {
      const auto rows = connection.Query(statement.sql, statement.params);
      status = rows.status();
      while (rows.ok() && (*rows)->Next()) {
      }
    }
    if (!status.ok()) {
      connection.Execute("ROLLBACK").IgnoreError();
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace lmp::bench
