// Load → answer: reads that wait are loaded together, in one snapshot, with one statement per table. The answers are
// strictly fresh.
#ifndef LMP_SERVER_ENGINE_READ_ENGINE_H_
#define LMP_SERVER_ENGINE_READ_ENGINE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/engine/answer_cache.h"
#include "server/engine/batcher.h"
#include "server/engine/call_times.h"
#include "server/engine/run_counters.h"
#include "server/engine/write_engine.h"
#include "storage/catalog_cache.h"
#include "storage/mysql/database.h"

namespace lmp::engine {

struct Query {
  domain::Caller caller;
  absl::Time deadline = absl::InfiniteFuture();
  size_t bytes = 0;            // size of its request
  std::function<bool()> gone;  // returns true if nobody waits for the answer any more; empty: somebody does
  CallTimes* times = nullptr;  // filled, if set
  // Either the query asks for rows by key, which are loaded together with those of other queries …
  model::Footprint footprint;
  std::function<absl::StatusOr<std::string>(const model::World& world, const domain::Env& env)> answer;
  // If not empty, the answer is kept under this key, and may be given again to a caller that accepts an older one.
  std::string keep_as;
  // … or it asks for a page, which it reads by itself in a snapshot.
  std::function<absl::StatusOr<std::string>(storage::Connection& connection, const domain::Env& env)> list;
  storage::Reach reach = storage::Reach::kNode;  // of that snapshot
  // Called exactly once, on an engine thread.
  std::function<void(absl::StatusOr<std::string>)> done;
};

class ReadEngine final {
 public:
  ReadEngine(storage::Database& database, storage::CatalogCache& cache, domain::IdSource& ids, EngineOptions options);

  // Calls query.done exactly once; RESOURCE_EXHAUSTED at once if too many wait.
  void Submit(Query query);
  // Returns at once an answer that was kept and is young enough: it needs neither a queue nor the database.
  std::optional<std::string> Kept(const std::string& key, absl::Duration max_staleness) {
    return kept_.Find(key, Now(), max_staleness);
  }
  absl::Time Now() const;
  LaneStats stats() const { return counters_.AddTo(batcher_.stats()); }
  void Stop() { batcher_.Stop(); }

 private:
  void RunBatch(std::vector<Query> queries);
  void RunList(Query& query);
  // If running them together fails, each query runs alone, so that none pays for another's failure.
  void RunTogether(const std::vector<Query*>& queries);
  domain::Env EnvFor(const Query& query, absl::Time now);

  storage::Database& database_;
  storage::CatalogCache& cache_;
  domain::IdSource& ids_;
  const EngineOptions options_;
  AnswerCache kept_;
  RunCounters counters_;  // before the batcher, whose workers use it
  Batcher<Query> batcher_;
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_READ_ENGINE_H_
