// Load → decide → diff → store, once for every mutation there is. Knows no verb, no protobuf and no gRPC.
//
// Commands that wait are taken together: one transaction locks and loads the customers they touch, each is decided in
// memory on the result of the one before it, and what they changed is written in a few bulk statements with one COMMIT.
// A refusal changes nothing. If the storage fails, each command runs alone, so that none pays for another's poison.
// Commands on a row that another session has locked are set aside (locked_out.h), so that none waits for another's
// lock. Before anything is decided that depends on a pool, time passes for all who draw on it (shared_pools.h).
#ifndef LMP_SERVER_ENGINE_WRITE_ENGINE_H_
#define LMP_SERVER_ENGINE_WRITE_ENGINE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/decision/advisories.h"
#include "server/domain/env.h"
#include "server/engine/batcher.h"
#include "server/engine/due_store.h"
#include "storage/catalog_cache.h"
#include "storage/idempotency.h"
#include "storage/model/change_set.h"
#include "storage/model/event.h"
#include "storage/mysql/database.h"
#include "storage/world_store.h"

namespace lmp::engine {

// What a command decided: the rows before (as readers saw them: what was due has happened) and after (stamped), their
// difference, and the events that tell of it, in order: what time did before to the customers that the command is about
// (with an effective date), the command itself, then what it made due at once. `before` also has rows of the batch's
// other commands: look rows up, do not list them.
struct Decision {
  const model::World& before;
  const model::World& after;
  const model::ChangeSet& changes;  // of the command alone
  const domain::Env& env;
  const std::vector<model::Event>& events;
  const std::vector<domain::Advisory>& advisories;  // about the command alone
  const std::optional<model::Affected>& affected;   // what hangs on what it acts on, if its footprint asks
  bool validate_only = false;                       // nothing of it will be kept
};

// The bytes of the response, or why it must not be done after all. Called at most once for each decision.
using ResponseWriter = std::function<absl::StatusOr<std::string>(const Decision& decided)>;

struct Answer {
  std::string response;   // serialized
  bool replayed = false;  // the stored answer of an earlier call with this request_id
};

// One command on its way through the engine.
struct Mutation {
  domain::Caller caller;
  std::string method;      // "AssignServicePlan"
  std::string event_kind;  // one of event_kinds.h
  std::string request_id;  // the caller's, in small letters, or made by the server; empty: the answer is not kept (the
                           // server's own work)
  std::string request_id_as_sent;  // if that is another: older servers kept it as it came
  std::string fingerprint;         // SHA-256 of the request
  bool validate_only = false;
  absl::Time deadline = absl::InfiniteFuture();
  size_t bytes = 0;            // of its request
  std::function<bool()> gone;  // whether nobody waits for the answer any more; empty: somebody does
  model::Footprint footprint;
  // Pure: changes the world it is given, or refuses. May run several times, each time on a fresh slice.
  std::function<absl::StatusOr<ResponseWriter>(model::World& world, const domain::Env& env)> decide;
  // Called exactly once, on an engine thread.
  std::function<void(absl::StatusOr<Answer>)> done;
};

struct EngineOptions {
  BatcherOptions batches;
  std::function<absl::Time()> clock = absl::Now;  // business time; deadlines are by the real one
  DueStore::PassedOver passed_over;               // see there
  size_t max_open_licenses = 10'000;  // of a customer: all are read and kept in mind for each of its commands
};

class LockedOut;

class WriteEngine final {
 public:
  WriteEngine(storage::Database& database, storage::CatalogCache& cache, domain::IdSource& ids, EngineOptions options);
  ~WriteEngine();

  // Calls mutation.done exactly once: with RESOURCE_EXHAUSTED at once if too many wait, DEADLINE_EXCEEDED if the
  // deadline passes before it is decided, CANCELLED if it is gone by then (it is not run in either case), the refusal,
  // or the answer once it is committed. UNAVAILABLE with OUTCOME_UNKNOWN if a COMMIT was lost and nothing more could be
  // found out about it.
  void Submit(Mutation mutation);
  LaneStats stats() const { return batcher_.stats(); }
  // Runs what waits, but for what others have locked, and ends the threads.
  void Stop();

 private:
  // What a run made of a command: its answer; or, if it was not run, what others have locked of it, or nothing if it
  // merely shared a batch with one that has to wait.
  struct Result {
    std::optional<absl::StatusOr<Answer>> answer;
    storage::LockedRows locked;
  };
  using Results = std::vector<Result>;
  struct Batch;

  void RunBatch(const std::vector<Mutation*>& mutations);
  absl::Status RunTogether(const std::vector<Mutation*>& mutations, Results& results);
  absl::Status Settle(const std::vector<Mutation*>& mutations, const absl::Status& unknown, Results& results);
  absl::Status RunWithSharers(const std::vector<Mutation*>& mutations, absl::Time deadline, Results& results);
  absl::Status RunOnce(storage::Connection& connection, const std::vector<Mutation*>& mutations, Sharers& sharers,
                       Results& results);
  static std::optional<absl::StatusOr<Answer>> Replay(const Mutation& mutation, const Batch& batch);
  static void Keep(const Mutation& mutation, const Answer& answer, Batch& batch);
  absl::StatusOr<Answer> DecideOne(const Mutation& mutation, Batch& batch);

  storage::Database& database_;
  storage::CatalogCache& cache_;
  domain::IdSource& ids_;
  const EngineOptions options_;
  const DueStore time_store_;
  std::unique_ptr<LockedOut> locked_out_;  // before the batcher, whose workers use it
  Batcher<Mutation> batcher_;
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_WRITE_ENGINE_H_
