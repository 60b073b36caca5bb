// Load → decide → diff → store, once for every mutation there is. The engine knows no verb, no protobuf and no gRPC.
//
// Commands that wait are taken together: one transaction locks and loads the customers they touch; each command is
// decided in memory on the result of the one before it; and all changes are written in a few bulk statements with one
// COMMIT. A refusal changes nothing. If the storage fails, each command runs alone, so that none pays for another's
// failure. Commands on a row that another session has locked are set aside (locked_out.h), so that none waits for
// another's lock. Before a decision that depends on a pool, what is due to all who draw on the pool is applied
// (shared_pools.h).
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
#include "server/domain/decision/room.h"
#include "server/domain/env.h"
#include "server/engine/batcher.h"
#include "server/engine/call_times.h"
#include "server/engine/due_store.h"
#include "server/engine/run_counters.h"
#include "storage/catalog_cache.h"
#include "storage/idempotency.h"
#include "storage/model/change_set.h"
#include "storage/model/event.h"
#include "storage/mysql/database.h"
#include "storage/world_store.h"

namespace lmp::engine {

// What a command decided: the rows before (as readers saw them: what was due has happened) and after (stamped), their
// difference, and the events that tell of it. The events are in order: what was due before to the command's customers
// (with an effective date), the command itself, then what the command made due at once. `before` also has rows of the
// batch's other commands: look rows up, do not list them.
struct Decision {
  const model::World& before;
  const model::World& after;
  const model::ChangeSet& changes;  // changes of the command alone
  const domain::Env& env;
  const std::vector<model::Event>& events;
  const std::vector<domain::Advisory>& advisories;  // advisories about the command alone
  // What the rows that the command acts on affect, if its footprint asks for that.
  const std::optional<model::Affected>& affected;
  bool validate_only = false;  // nothing of it will be stored
};

// Returns the bytes of the response, or the reason why the command must not be done after all. Called at most once for
// each decision.
using ResponseWriter = std::function<absl::StatusOr<std::string>(const Decision& decided)>;

struct Answer {
  std::string response;   // serialized
  bool replayed = false;  // `response` is the stored answer of an earlier call with this request_id
};

// One command on its way through the engine.
struct Mutation {
  domain::Caller caller;
  std::string method;      // "AssignServicePlan"
  std::string event_kind;  // one of event_kinds.h
  // The caller's, in lower case, or made by the server; empty: the answer is not stored (the server's own work).
  std::string request_id;
  std::string request_id_as_sent;  // set if it differs from request_id: older servers stored it as it came
  std::string fingerprint;         // SHA-256 of the request
  bool validate_only = false;
  absl::Time deadline = absl::InfiniteFuture();
  size_t bytes = 0;            // size of its request
  std::function<bool()> gone;  // returns true if nobody waits for the answer any more; empty: somebody does
  CallTimes* times = nullptr;  // filled, if set
  model::Footprint footprint;
  // A pure function: it changes the world that it is given, or refuses. It may run several times, each time on a fresh
  // slice.
  std::function<absl::StatusOr<ResponseWriter>(model::World& world, const domain::Env& env)> decide;
  // Adds to the answer what its caller is told once and nobody keeps; empty: nothing. For who has `done` called.
  std::function<void(Answer&)> complete;
  // Called exactly once, on an engine thread.
  std::function<void(absl::StatusOr<Answer>)> done;
};

struct EngineOptions {
  BatcherOptions batches;
  std::function<absl::Time()> clock = absl::Now;  // business time; deadlines are by the real one
  DueStore::PassedOver passed_over;               // see there
  // Called when events may have been committed, with those that a transaction is known to have written, in that order;
  // quick, from any thread.
  std::function<void(std::vector<model::Event> events)> stored;
  domain::Room room;                  // of each customer
  size_t max_answer_bytes = 4 << 20;  // as gRPC clients have it unless they are told otherwise
};

class LockedOut;

class WriteEngine final {
 public:
  WriteEngine(storage::Database& database, storage::CatalogCache& cache, domain::IdSource& ids, EngineOptions options);
  ~WriteEngine();

  // Calls mutation.done exactly once: at once with RESOURCE_EXHAUSTED if too many wait; with DEADLINE_EXCEEDED if the
  // deadline passes before the decision, or CANCELLED if the caller is gone by then (the mutation is not run in either
  // case); with the refusal; with the answer once it is committed; or with UNAVAILABLE and OUTCOME_UNKNOWN if a COMMIT
  // was lost and nothing more could be found out about it.
  void Submit(Mutation mutation);
  LaneStats stats() const { return counters_.AddTo(batcher_.stats()); }
  // Runs the mutations that wait, except those that wait for another's lock, and ends the threads.
  void Stop();

 private:
  // What a run made of a command: its answer; or, if the command was not run, the rows of it that others have locked,
  // or nothing if it merely shared a batch with a command that has to wait.
  struct Result {
    std::optional<absl::StatusOr<Answer>> answer;
    storage::LockedRows locked;
  };
  struct Results : std::vector<Result> {
    std::vector<model::Event> events;  // that the run stored
  };
  struct Batch;

  void RunBatch(const std::vector<Mutation*>& mutations);
  absl::Status RunTogether(const std::vector<Mutation*>& mutations, storage::DatabaseWork& work, Results& results);
  absl::Status Settle(const std::vector<Mutation*>& mutations, const absl::Status& unknown, storage::DatabaseWork& work,
                      Results& results);
  absl::Status RunWithSharers(const std::vector<Mutation*>& mutations, const storage::Until& until, Results& results);
  absl::Status RunOnce(storage::Connection& connection, const std::vector<Mutation*>& mutations, Sharers& sharers,
                       Results& results);
  static bool SetAside(const std::vector<Mutation*>& mutations, const storage::LockedRows& locked,
                       const model::World& world, const Sharers& sharers, Results& results);
  // A write waited in vain. Finds out for which rows of the catalog; returns false if for none that can be told.
  bool FindStuck(Sharers& sharers) const;
  static absl::Status Store(storage::Connection& connection, const model::World& before, Batch& batch, Sharers& sharers,
                            Results& results);
  static absl::Status Save(storage::Connection& connection, const model::ChangeSet& changes, Batch& batch);
  static std::optional<absl::StatusOr<Answer>> Replay(const Mutation& mutation, const Batch& batch);
  static void Keep(const Mutation& mutation, const Answer& answer, Batch& batch);
  // Names in `locked` what the command would have to wait for; then its answer means nothing.
  absl::StatusOr<Answer> DecideOne(const Mutation& mutation, Batch& batch, storage::LockedRows& locked);

  storage::Database& database_;
  storage::CatalogCache& cache_;
  domain::IdSource& ids_;
  const EngineOptions options_;
  const DueStore time_store_;
  RunCounters counters_;
  std::unique_ptr<LockedOut> locked_out_;  // declared before the batcher, whose workers use it
  Batcher<Mutation> batcher_;
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_WRITE_ENGINE_H_
