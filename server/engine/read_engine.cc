#include "server/engine/read_engine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/engine/catch_up.h"
#include "server/engine/guarded.h"
#include "server/engine/slice.h"
#include "storage/license_checks.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::engine {
namespace {

absl::Status CheckNotTooMany(const model::World& world) {
  if (std::ssize(world.licenses) <= storage::kMaxLicensesOfChecks) return absl::OkStatus();
  return domain::Precondition(
      domain::reason::kAnswerTooLarge, "",
      absl::StrCat("the pairs have more than ", storage::kMaxLicensesOfChecks, " licenses: ask for fewer in one call"),
      {{"limit", absl::StrCat(storage::kMaxLicensesOfChecks)}});
}

}  // namespace

ReadEngine::ReadEngine(storage::Database& database, storage::CatalogCache& cache, domain::IdSource& ids,
                       EngineOptions options)
    : database_(database),
      cache_(cache),
      ids_(ids),
      options_(std::move(options)),
      batcher_(options_.batches, [this](std::vector<Query> queries) { RunBatch(std::move(queries)); }) {}

void ReadEngine::Submit(Query query) {
  const absl::Status queued = batcher_.Submit(query);
  if (!queued.ok()) query.done(queued);
}

// In microseconds, as the time of a writer.
absl::Time ReadEngine::Now() const { return absl::FromUnixMicros(absl::ToUnixMicros(options_.clock())); }

domain::Env ReadEngine::EnvFor(const Query& query, absl::Time now) {
  return {now, absl::ToCivilDay(now, absl::UTCTimeZone()), query.caller, ids_};
}

void ReadEngine::RunBatch(std::vector<Query> queries) {
  std::vector<Query*> together;
  for (Query& query : queries) {
    if (query.list) {
      RunList(query);
    } else {
      together.push_back(&query);
    }
  }
  if (!together.empty()) RunTogether(together);
}

void ReadEngine::RunList(Query& query) {
  absl::StatusOr<std::string> answer;
  storage::DatabaseWork work;
  const storage::Until until = storage::Until(query.deadline, query.gone).NotedIn(work);
  const absl::Status status = Guarded("a read", [&] {
    const auto list = [&](storage::Connection& connection) {
      answer = query.list(connection, EnvFor(query, Now()));
      return answer.status();
    };
    return database_.Snapshot(until, list, query.reach);
  });
  counters_.Sent(work.statements);
  NoteWork(work, std::vector<Query*>{&query});
  query.done(status.ok() ? std::move(answer) : status);
}

void ReadEngine::RunTogether(const std::vector<Query*>& queries) {
  model::Footprint footprint;
  absl::Time deadline = absl::InfinitePast();
  for (const Query* query : queries) {
    AddFootprint(query->footprint, footprint);
    deadline = std::max(deadline, query->deadline);
  }
  // Each pair is asked for once, because the database would return its rows each time that it is named.
  std::vector<model::RowKey>& checks = footprint.license_checks;
  std::sort(checks.begin(), checks.end());
  checks.erase(std::unique(checks.begin(), checks.end()), checks.end());
  model::World world;
  const absl::Time now = Now();
  const auto load = [&](storage::Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(world, LoadWorld(connection, footprint, storage::Locking::kNone, cache_));
    if (footprint.only_license_checks()) RETURN_IF_ERROR(CheckNotTooMany(world));
    return CatchUp(connection, cache_, now, world, checks);
  };
  storage::DatabaseWork work;
  const storage::Until until = storage::Until(deadline).NotedIn(work);
  // A single statement needs no snapshot.
  const absl::Status status = Guarded("a read", [&] {
    return footprint.only_license_checks() ? database_.Read(until, load) : database_.Snapshot(until, load);
  });
  counters_.Sent(work.statements);
  NoteWork(work, queries);
  if (!status.ok() && queries.size() > 1 && !absl::IsUnavailable(status)) {
    counters_.Split();
    for (Query* query : queries) RunTogether({query});
    return;
  }
  for (Query* query : queries) {
    absl::StatusOr<std::string> answer = Guarded("a read", [&]() -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(status);
      return Timed(query->times, &CallTimes::rendered, [&] { return query->answer(world, EnvFor(*query, now)); });
    });
    if (answer.ok() && !query->keep_as.empty()) kept_.Put(query->keep_as, now, *answer);
    query->done(std::move(answer));
  }
}

}  // namespace lmp::engine
