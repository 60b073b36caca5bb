#include "server/engine/write_engine.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/affected.h"
#include "server/domain/complete.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/time_passing.h"
#include "server/engine/catch_up.h"
#include "server/engine/guarded.h"
#include "server/engine/shared_pools.h"
#include "server/engine/slice.h"
#include "storage/errors.h"
#include "storage/events.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::engine {
namespace {

// Runs that a lost COMMIT or a unique value taken meanwhile may cost, beyond the reruns of the transaction itself.
constexpr int kMaxSettlingRuns = 5;
constexpr absl::Duration kSettlingPause = absl::Milliseconds(20);

absl::Status DeadlinePassed() { return absl::DeadlineExceededError("the deadline passed before the call was run"); }

// Whether the footprint has all of them.
bool HasAll(const model::Footprint& footprint, const std::set<model::Due>& due) {
  const std::set<std::string> customers(footprint.customers.begin(), footprint.customers.end());
  return std::all_of(due.begin(), due.end(), [&](const model::Due& one) { return customers.contains(one.customer_id); });
}

// What hangs on the row that the command acts on.
std::optional<model::Affected> AffectedBy(const model::Footprint& footprint, const model::World& world) {
  if (footprint.affected.empty()) return std::nullopt;
  return domain::AffectedOf(world, footprint.affected.front());
}

// Of the first `count` events, which tell what time did: those of the customers that the command is about.
std::vector<model::Event> PassedFor(const model::Footprint& footprint, const std::vector<model::Event>& events, size_t count) {
  std::vector<model::Event> passed;
  for (size_t i = 0; i < count; ++i) {
    const bool own = std::find(footprint.customers.begin(), footprint.customers.end(), events[i].key1) != footprint.customers.end();
    if (own && events[i].row_table != model::LicensePool::kTable) passed.push_back(events[i]);
  }
  return passed;
}

std::vector<bool> ReplayedOf(const std::vector<absl::StatusOr<Answer>>& results) {
  std::vector<bool> replayed;
  for (const auto& result : results) replayed.push_back(result.ok() && result->replayed);
  return replayed;
}

}  // namespace

// One transaction's work in memory.
struct WriteEngine::Batch {
  model::World world;  // as decided so far
  std::map<storage::RequestKey, model::StoredRequest> answered;
  absl::Time now;
  bool keeps = false;  // a command did something that is kept; with nothing to keep, what time did is not stored either
  std::vector<model::Event> events;
  size_t passed = 0;  // how many of them, at the front, tell what time did before anything was decided
  std::vector<model::StoredRequest> requests;
};

WriteEngine::WriteEngine(storage::Database& database, storage::CatalogueCache& cache, domain::IdSource& ids,
                         EngineOptions options)
    : database_(database),
      cache_(cache),
      ids_(ids),
      options_(std::move(options)),
      time_store_(database_, cache_, options_.clock, options_.passed_over),
      batcher_(options_.batches, [this](std::vector<Mutation> mutations) { RunBatch(std::move(mutations)); }) {}

void WriteEngine::Submit(Mutation mutation) {
  const absl::Status queued = batcher_.Submit(mutation);
  if (!queued.ok()) mutation.done(queued);
}

void WriteEngine::RunBatch(std::vector<Mutation> mutations) {
  std::vector<Mutation*> batch;
  for (Mutation& mutation : mutations) batch.push_back(&mutation);
  Results results;
  const absl::Status status = RunTogether(batch, results);
  if (!status.ok() && batch.size() > 1 && !absl::IsUnavailable(status)) {
    for (Mutation* mutation : batch) {
      Results alone;
      const absl::Status own = RunTogether({mutation}, alone);
      mutation->done(own.ok() ? std::move(alone[0]) : own);
    }
    return;
  }
  for (size_t i = 0; i < batch.size(); ++i) batch[i]->done(status.ok() ? std::move(results[i]) : status);
}

// One transaction, run again while its outcome is unknown (every command has a request_id: the second run finds the
// stored answer, or nothing was done) or a unique value was taken between looking and writing (the second run sees who
// has it).
absl::Status WriteEngine::RunTogether(const std::vector<Mutation*>& mutations, Results& results) {
  absl::Time deadline = absl::InfinitePast();
  for (const Mutation* mutation : mutations) deadline = std::max(deadline, mutation->deadline);
  absl::Status status;
  bool unknown = false;
  std::vector<bool> replayed;  // as the first run that may have been stored had it
  for (int run = 0; run < kMaxSettlingRuns; ++run) {
    if (run > 0) absl::SleepFor(kSettlingPause * run);
    status = RunWithSharers(mutations, deadline, results);
    if (status.ok() && unknown) {
      for (size_t i = 0; i < results.size(); ++i) {
        if (results[i].ok()) results[i]->replayed = replayed[i];  // else it was this very call that did it
      }
    }
    if (storage::IsOutcomeUnknown(status)) {
      if (!unknown) replayed = ReplayedOf(results);
      unknown = true;
    } else if (!storage::IsDuplicateKey(status) && !(unknown && absl::IsUnavailable(status))) {
      return status;
    }
    if (absl::Now() >= deadline) break;
  }
  if (storage::IsDuplicateKey(status)) return absl::AbortedError("another call took the same unique value");
  return status;
}

// Run again with more customers beside its own as long as it finds some that come first.
absl::Status WriteEngine::RunWithSharers(const std::vector<Mutation*>& mutations, absl::Time deadline, Results& results) {
  for (Sharers sharers;;) {
    const absl::Status status = database_.Transact(deadline, [&](storage::Connection& connection) {
      sharers.due.clear();
      return Guarded("the engine", [&] { return RunOnce(connection, mutations, sharers, results); });
    });
    if (!sharers.due.empty()) {
      RETURN_IF_ERROR(time_store_.MakeWay(deadline, sharers));
    } else if (!sharers.customers.empty() && IsOfRows(status)) {
      RETURN_IF_ERROR(time_store_.PassOver(deadline, sharers));
    } else {
      return status;
    }
    if (absl::Now() >= deadline) return DeadlinePassed();
  }
}

absl::Status WriteEngine::RunOnce(storage::Connection& connection, const std::vector<Mutation*>& mutations,
                                  Sharers& sharers, Results& results) {
  model::Footprint footprint{.customers = sharers.customers};
  std::vector<storage::RequestKey> keys;
  for (const Mutation* mutation : mutations) {
    AddFootprint(mutation->footprint, footprint);
    if (mutation->validate_only || mutation->request_id.empty()) continue;
    keys.emplace_back(mutation->caller.actor, mutation->request_id);
    if (!mutation->request_id_as_sent.empty()) keys.emplace_back(mutation->caller.actor, mutation->request_id_as_sent);
  }
  ASSIGN_OR_RETURN(const model::World before, LoadWorld(connection, footprint, storage::Locking::kWrite, cache_));
  Batch batch{.world = before};
  ASSIGN_OR_RETURN(batch.answered, storage::LoadRequests(connection, keys));
  // After the locks: so the events of a customer are in order of time too. In microseconds: what is answered is what is
  // kept.
  batch.now = absl::FromUnixMicros(absl::ToUnixMicros(options_.clock()));
  const model::Date today = absl::ToCivilDay(batch.now, absl::UTCTimeZone());
  ASSIGN_OR_RETURN(sharers.due, DueBefore(connection, footprint, before, today));
  std::erase_if(sharers.due, [&](const model::Due& due) { return sharers.passed_over.contains(due.customer_id); });
  if (!sharers.due.empty()) {
    if (!HasAll(footprint, sharers.due)) return absl::AbortedError("time passes for others first");
    sharers.due.clear();
  }
  // Before anything is decided, so that it is decided from what readers see, and so told.
  batch.events = PassTime(batch.world, {.event_time = batch.now}, model::EndOfDay(today));
  batch.passed = batch.events.size();

  results.clear();
  for (const Mutation* mutation : mutations) results.push_back(DecideOne(*mutation, batch));
  if (!batch.keeps) return absl::OkStatus();

  RETURN_IF_ERROR(storage::SaveChanges(connection, Diff(before, batch.world)));
  RETURN_IF_ERROR(storage::InsertEvents(connection, batch.events));
  return storage::InsertRequests(connection, batch.requests);
}

absl::StatusOr<Answer> WriteEngine::DecideOne(const Mutation& mutation, Batch& batch) {
  if (absl::Now() >= mutation.deadline) return DeadlinePassed();
  if (mutation.gone && mutation.gone()) return absl::CancelledError("the caller gave up before the call was decided");
  const storage::RequestKey request_key(mutation.caller.actor, mutation.request_id);
  const auto answered = batch.answered.find(request_key);
  if (!mutation.validate_only && !mutation.request_id.empty() && answered != batch.answered.end()) {
    if (answered->second.fingerprint != mutation.fingerprint || answered->second.method != mutation.method) {
      return domain::AlreadyExists(domain::reason::kRequestIdReused, mutation.request_id,
                                   absl::StrCat("request_id ", mutation.request_id, " was used for another request"));
    }
    return Answer{.response = answered->second.response, .replayed = true};
  }

  const model::World& before = batch.world;
  model::World after = SliceOf(before, mutation.footprint);
  const domain::Env env{batch.now, absl::ToCivilDay(batch.now, absl::UTCTimeZone()), mutation.caller, ids_};
  const model::Event header{.event_time = batch.now,
                            .actor = mutation.caller.actor,
                            .reason = mutation.caller.reason,
                            .request_id = mutation.request_id,
                            .kind = mutation.event_kind};
  ASSIGN_OR_RETURN(const Render render, Guarded(mutation.method, [&] { return mutation.decide(after, env); }));
  RETURN_IF_ERROR(domain::Complete(before, after, env.today));
  const std::vector<domain::Advisory> advisories = domain::Advisories(before, after, env.today);
  StampChanges(before, after, batch.now);
  const model::ChangeSet changes = Diff(before, after);
  std::vector<model::Event> events = PassedFor(mutation.footprint, batch.events, batch.passed);
  const auto passed = static_cast<std::ptrdiff_t>(events.size());
  for (model::Event& event : storage::EventsOf(changes, header)) events.push_back(std::move(event));
  // What the decision made due has happened in its answer: the next reader would see it so.
  std::vector<model::Event> at_once = PassTime(after, header, model::EndOfDay(env.today));
  std::optional<model::ChangeSet> all;
  if (!at_once.empty()) all = Diff(before, after);
  std::move(at_once.begin(), at_once.end(), std::back_inserter(events));
  Answer answer;
  const std::optional<model::Affected> affected = AffectedBy(mutation.footprint, before);
  ASSIGN_OR_RETURN(answer.response, render(Decided{before, after, changes, env, events, advisories, affected, mutation.validate_only}));
  if (mutation.validate_only) return answer;

  batch.keeps = true;
  std::move(events.begin() + passed, events.end(), std::back_inserter(batch.events));
  if (!mutation.request_id.empty()) {
    model::StoredRequest request{.caller = mutation.caller.actor,
                                 .request_id = mutation.request_id,
                                 .method = mutation.method,
                                 .fingerprint = mutation.fingerprint,
                                 .response = answer.response,
                                 .create_time = batch.now};
    batch.requests.push_back(request);
    batch.answered.emplace(request_key, std::move(request));
  }
  Merge(std::move(after), all.has_value() ? *all : changes, batch.world);
  return answer;
}

}  // namespace lmp::engine
