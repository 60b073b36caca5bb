#include "server/engine/write_engine.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/decision/affected.h"
#include "server/domain/decision/complete.h"
#include "server/domain/decision/room.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/due.h"
#include "server/engine/catch_up.h"
#include "server/engine/guarded.h"
#include "server/engine/locked_for.h"
#include "server/engine/locked_out.h"
#include "server/engine/shared_pools.h"
#include "server/engine/slice.h"
#include "storage/events.h"
#include "storage/mysql/errors.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::engine {
namespace {

// How often a batch is run again because a unique value was taken meanwhile, besides the reruns of the transaction
// itself.
constexpr int kMaxRuns = 5;
constexpr absl::Duration kPause = absl::Milliseconds(20);
// How long the engine tries to find out what became of a COMMIT, whatever the deadline.
constexpr absl::Duration kSettling = absl::Seconds(3);
constexpr absl::Duration kMaxSettlingPause = absl::Milliseconds(300);

// The most licenses that a transaction loads for several commands: who has so many that others would wait for them is
// set aside, as if others had locked them, and comes alone.
constexpr size_t kMostLicenses = 10'000;

absl::Status DeadlinePassed() { return absl::DeadlineExceededError("the deadline passed before the call was run"); }

// True if the footprint has all of these customers.
bool HasAll(const model::Footprint& footprint, const std::set<model::Due>& due) {
  const std::set<std::string> customers(footprint.customers.begin(), footprint.customers.end());
  return std::all_of(due.begin(), due.end(),
                     [&](const model::Due& one) { return customers.contains(one.customer_id); });
}

std::vector<Mutation*> PointersTo(std::vector<Mutation>& mutations) {
  std::vector<Mutation*> pointers;
  for (Mutation& mutation : mutations) pointers.push_back(&mutation);
  return pointers;
}

// What the row that the command acts on affects.
std::optional<model::Affected> AffectedBy(const model::Footprint& footprint, const model::World& world) {
  if (footprint.affected.empty()) return std::nullopt;
  return domain::AffectedOf(world, footprint.affected.front());
}

// Of the first `count` events, which tell what was due, returns those of the command's customers.
std::vector<model::Event> PassedFor(const model::Footprint& footprint, const std::vector<model::Event>& events,
                                    size_t count) {
  std::vector<model::Event> passed;
  for (size_t i = 0; i < count; ++i) {
    const bool own =
        std::find(footprint.customers.begin(), footprint.customers.end(), events[i].key1) != footprint.customers.end();
    if (own && events[i].row_table != model::LicensePool::kTable) passed.push_back(events[i]);
  }
  return passed;
}

// Whoever can't take the answer would not know that it was done.
absl::Status AnswerTooLarge(size_t most) {
  return domain::Precondition(domain::reason::kAnswerTooLarge, "",
                              absl::StrCat("the answer would be larger than ", most, " bytes: do less in one call"),
                              {{"limit", absl::StrCat(most)}});
}

// What a failure of the storage means for one of the commands.
absl::Status FailureOf(const absl::Status& status, const Mutation& mutation) {
  if (!storage::IsOutcomeUnknown(status) || mutation.validate_only || mutation.request_id.empty()) return status;
  return domain::Refuse(absl::StatusCode::kUnavailable,
                        absl::StrCat("the outcome is unknown: ask again with request_id ", mutation.request_id),
                        {.reason = domain::reason::kOutcomeUnknown, .metadata = {{"request_id", mutation.request_id}}});
}

// The keys under which answers to these mutations may be stored.
std::vector<storage::RequestKey> RequestKeysOf(const std::vector<Mutation*>& mutations) {
  std::vector<storage::RequestKey> keys;
  for (const Mutation* mutation : mutations) {
    if (mutation->validate_only || mutation->request_id.empty()) continue;
    keys.emplace_back(mutation->caller.actor, mutation->request_id);
    if (!mutation->request_id_as_sent.empty()) keys.emplace_back(mutation->caller.actor, mutation->request_id_as_sent);
  }
  return keys;
}

}  // namespace

// The work of one transaction, in memory.
struct WriteEngine::Batch {
  model::World world;  // with all decisions so far
  std::map<storage::RequestKey, model::IdempotencyRecord> answered;
  absl::Time now;
  std::set<model::RowKey> stuck;  // rows of the catalog that others have locked for long: whoever writes to them waits
  bool keeps = false;             // a command did something that is stored; otherwise what was due is not stored either
  std::vector<model::Event> events;
  size_t passed = 0;  // how many events at the front tell what was due before any decision
  std::vector<model::IdempotencyRecord> requests;
};

WriteEngine::WriteEngine(storage::Database& database, storage::CatalogCache& cache, domain::IdSource& ids,
                         EngineOptions options)
    : database_(database),
      cache_(cache),
      ids_(ids),
      options_(std::move(options)),
      time_store_(database_, cache_, options_.clock, options_.passed_over),
      locked_out_(std::make_unique<LockedOut>(
          database_, options_.batches, [this](std::vector<Mutation> mutations) { RunBatch(PointersTo(mutations)); })),
      batcher_(options_.batches, [this](std::vector<Mutation> mutations) { RunBatch(PointersTo(mutations)); }) {}

WriteEngine::~WriteEngine() { Stop(); }

// locked_out_ stops last, because the batcher's last runs may still set commands aside.
void WriteEngine::Stop() {
  batcher_.Stop();
  locked_out_->Stop();
}

void WriteEngine::Submit(Mutation mutation) {
  const absl::Status queued = batcher_.Submit(mutation);
  if (!queued.ok()) mutation.done(queued);
}

void WriteEngine::RunBatch(const std::vector<Mutation*>& mutations) {
  Results results;
  storage::DatabaseWork work;
  for (const Mutation* mutation : mutations) EndWait(mutation->times);
  const absl::Status status = RunTogether(mutations, work, results);
  counters_.Sent(work.statements);
  NoteWork(work, mutations);
  if (!status.ok() && mutations.size() > 1 && !absl::IsUnavailable(status)) {
    counters_.Split();
    for (Mutation* mutation : mutations) RunBatch({mutation});
    return;
  }
  if (status.ok() && options_.stored) options_.stored(std::move(results.events));
  std::vector<Mutation*> again;
  for (size_t i = 0; i < mutations.size(); ++i) {
    if (!status.ok()) {
      mutations[i]->done(FailureOf(status, *mutations[i]));
    } else if (results[i].answer.has_value()) {
      mutations[i]->done(*std::move(results[i].answer));
    } else if (!results[i].locked.empty()) {
      counters_.SetAside();
      BeginWait(mutations[i]->times);
      locked_out_->Add(std::move(*mutations[i]), std::move(results[i].locked));
    } else {
      again.push_back(mutations[i]);
    }
  }
  if (!again.empty()) RunBatch(again);
}

// Runs one transaction. It is run again if a unique value was taken between looking and writing: the second run sees
// who has it.
absl::Status WriteEngine::RunTogether(const std::vector<Mutation*>& mutations, storage::DatabaseWork& work,
                                      Results& results) {
  absl::Time deadline = absl::InfinitePast();
  for (const Mutation* mutation : mutations) deadline = std::max(deadline, mutation->deadline);
  for (int run = 1;; ++run) {
    const absl::Status status = RunWithSharers(mutations, storage::Until(deadline).NotedIn(work), results);
    if (storage::IsOutcomeUnknown(status)) return Settle(mutations, status, work, results);
    if (!storage::IsDuplicateKey(status)) return status;
    if (run == kMaxRuns || absl::Now() >= deadline)
      return absl::AbortedError("another call took the same unique value");
    absl::SleepFor(run * kPause);
  }
}

// Finds out what became of a COMMIT that got no answer, by running everything again. A run that gets the locks finds
// the stored answers, or knows that nothing was done; then it does it now, unless the deadline has passed. Returns
// `unknown` if kSettling is over.
absl::Status WriteEngine::Settle(const std::vector<Mutation*>& mutations, const absl::Status& unknown,
                                 storage::DatabaseWork& work, Results& results) {
  std::vector<bool> replayed;  // as in the run that may have been stored
  for (const Result& result : results) {
    replayed.push_back(result.answer.has_value() && result.answer->ok() && (*result.answer)->replayed);
  }
  const absl::Time until = absl::Now() + kSettling;
  for (absl::Duration pause = kPause; absl::Now() + pause < until; pause = std::min(2 * pause, kMaxSettlingPause)) {
    absl::SleepFor(pause);
    const absl::Status status = RunWithSharers(mutations, storage::Until(until).NotedIn(work), results);
    if (IsOfRows(status) && !storage::IsDuplicateKey(status)) return status;
    // Another session has the locks; maybe it is the lost one.
    const bool all_ran =
        std::all_of(results.begin(), results.end(), [](const Result& result) { return result.answer.has_value(); });
    if (!status.ok() || !all_ran) continue;
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i].answer->ok())
        (*results[i].answer)->replayed = replayed[i];  // because this very call may have stored the answer
    }
    return absl::OkStatus();
  }
  return unknown;
}

// Runs the transaction again, with more customers besides its own, as long as it finds customers that come first.
absl::Status WriteEngine::RunWithSharers(const std::vector<Mutation*>& mutations, const storage::Until& until,
                                         Results& results) {
  const absl::Time deadline = until.deadline;
  const auto look = [this](const storage::LockedRows& rows) { return locked_out_->Look(rows); };
  for (Sharers sharers{.passed_over = time_store_.StillLocked(look)};;) {
    const absl::Status status = database_.Transact(until, [&](storage::Connection& connection) {
      sharers.due.clear();
      sharers.locked.clear();
      sharers.blocked = false;
      return Guarded("the engine", [&] { return RunOnce(connection, mutations, sharers, results); });
    });
    if (sharers.blocked && FindStuck(sharers)) {
      // Run again: whoever needs what is stuck is set aside.
    } else if (sharers.blocked && mutations.size() == 1) {
      results.assign(1, Result{.locked = {.elsewhere = true}});
      return absl::OkStatus();
    } else if (!sharers.locked.empty()) {
      time_store_.AwaitLocked(sharers);
    } else if (!sharers.due.empty()) {
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
  for (const Mutation* mutation : mutations) AddFootprint(mutation->footprint, footprint);
  storage::LockedRows locked;
  storage::LockedRows stuck = locked_out_->Stuck();
  stuck.rows.insert(sharers.stuck.begin(), sharers.stuck.end());
  locked.known_pools = std::move(stuck.pools);
  locked.most_licenses = mutations.size() > 1 ? kMostLicenses : 0;
  locked.always.insert(sharers.customers.begin(), sharers.customers.end());
  ASSIGN_OR_RETURN(const model::World before,
                   LoadWorld(connection, footprint, storage::Locking::kWrite, cache_, &locked));
  sharers.locked = storage::Among<model::Customer>(sharers.customers, locked.rows);
  if (!sharers.locked.empty()) return absl::AbortedError("time passes first for others, who are locked");
  results.assign(mutations.size(), Result());
  results.events.clear();
  if (SetAside(mutations, locked, before, sharers, results)) return absl::OkStatus();
  Batch batch{.world = before, .stuck = std::move(stuck.rows)};
  ASSIGN_OR_RETURN(batch.answered, storage::LoadIdempotencyRecords(connection, RequestKeysOf(mutations)));
  // Read after the locks are held, so that the events of a customer are also in order of time. In microseconds, so that
  // what is answered equals what is stored.
  batch.now = absl::FromUnixMicros(absl::ToUnixMicros(options_.clock()));
  const model::Date today = absl::ToCivilDay(batch.now, absl::UTCTimeZone());
  ASSIGN_OR_RETURN(sharers.due, DueBefore(connection, footprint, before, today));
  std::erase_if(sharers.due, [&](const model::Due& due) { return sharers.passed_over.contains(due.customer_id); });
  if (!sharers.due.empty()) {
    if (!HasAll(footprint, sharers.due)) return absl::AbortedError("time passes for others first");
    sharers.due.clear();
  }
  // Applied before any decision, so that decisions are made from what readers see, and tell that.
  batch.events = ApplyDue(batch.world, {.event_time = batch.now}, model::EndOfDay(today));
  batch.passed = batch.events.size();

  for (size_t i = 0; i < mutations.size(); ++i) {
    if (!results[i].locked.empty()) continue;
    results[i].answer = Timed(mutations[i]->times, &CallTimes::decided,
                              [&] { return DecideOne(*mutations[i], batch, results[i].locked); });
    if (!results[i].locked.empty()) results[i].answer.reset();
  }
  if (!batch.keeps) return absl::OkStatus();
  return Store(connection, before, batch, sharers, results);
}

// Notes for each command what of it others have locked. Returns true if nothing may be decided in this run: the others
// go on without the commands that want the catalog, or draw on a pool, that is locked.
bool WriteEngine::SetAside(const std::vector<Mutation*>& mutations, const storage::LockedRows& locked,
                           const model::World& world, const Sharers& sharers, Results& results) {
  bool pools = false;
  for (size_t i = 0; i < mutations.size(); ++i) {
    results[i].locked = LockedFor(mutations[i]->footprint, locked, world, sharers.customers);
    pools = pools || !results[i].locked.pools.empty();
  }
  return locked.catalog || pools;
}

bool WriteEngine::FindStuck(Sharers& sharers) const {
  const auto locked = locked_out_->Look({.rows = std::exchange(sharers.waited_for, {})});
  if (!locked.ok()) return false;
  const size_t known = sharers.stuck.size();
  sharers.stuck.insert(locked->rows.begin(), locked->rows.end());
  return sharers.stuck.size() > known;
}

absl::Status WriteEngine::Store(storage::Connection& connection, const model::World& before, Batch& batch,
                                Sharers& sharers, Results& results) {
  const model::ChangeSet changes = Diff(before, batch.world);
  const absl::Status saved = Save(connection, changes, batch);
  results.events = std::move(batch.events);
  if (!storage::IsLockWaitTimeout(saved)) return saved;
  sharers.blocked = true;
  sharers.waited_for = storage::CatalogRowsOfWrite(changes);
  return absl::AbortedError("another session has locked what a write needs");
}

absl::Status WriteEngine::Save(storage::Connection& connection, const model::ChangeSet& changes, Batch& batch) {
  RETURN_IF_ERROR(storage::SaveChanges(connection, changes));
  storage::NamePartners(batch.world, batch.events);
  RETURN_IF_ERROR(storage::InsertEvents(connection, batch.events));
  return storage::InsertIdempotencyRecords(connection, batch.requests);
}

// The answer that was given before to the command's request_id.
std::optional<absl::StatusOr<Answer>> WriteEngine::Replay(const Mutation& mutation, const Batch& batch) {
  if (mutation.validate_only || mutation.request_id.empty()) return std::nullopt;
  const auto answered = batch.answered.find(storage::RequestKey(mutation.caller.actor, mutation.request_id));
  if (answered == batch.answered.end()) return std::nullopt;
  const model::IdempotencyRecord& record = answered->second;
  if (record.fingerprint != mutation.fingerprint || record.method != mutation.method) {
    return domain::AlreadyExists(domain::reason::kRequestIdReused, mutation.request_id,
                                 absl::StrCat("request_id ", mutation.request_id, " was used for another request"));
  }
  return Answer{.response = record.response, .replayed = true};
}

// Has the batch store the answer, for callers that repeat the request.
void WriteEngine::Keep(const Mutation& mutation, const Answer& answer, Batch& batch) {
  if (mutation.request_id.empty()) return;
  model::IdempotencyRecord record{.caller = mutation.caller.actor,
                                  .request_id = mutation.request_id,
                                  .method = mutation.method,
                                  .fingerprint = mutation.fingerprint,
                                  .response = answer.response,
                                  .create_time = batch.now};
  batch.requests.push_back(record);
  batch.answered.emplace(storage::RequestKey(record.caller, record.request_id), std::move(record));
}

absl::StatusOr<Answer> WriteEngine::DecideOne(const Mutation& mutation, Batch& batch, storage::LockedRows& locked) {
  if (std::optional<absl::StatusOr<Answer>> answered = Replay(mutation, batch)) return *std::move(answered);
  if (absl::Now() >= mutation.deadline) return DeadlinePassed();
  if (mutation.gone && mutation.gone()) return absl::CancelledError("the caller gave up before the call was decided");

  const model::World& before = batch.world;
  model::World after = SliceOf(before, mutation.footprint);
  const domain::Env env{batch.now, absl::ToCivilDay(batch.now, absl::UTCTimeZone()), mutation.caller, ids_};
  const model::Event header{.event_time = batch.now,
                            .actor = mutation.caller.actor,
                            .reason = mutation.caller.reason,
                            .request_id = mutation.request_id,
                            .kind = mutation.event_kind};
  ASSIGN_OR_RETURN(const ResponseWriter write, Guarded(mutation.method, [&] { return mutation.decide(after, env); }));
  RETURN_IF_ERROR(domain::CheckRoom(before, after, options_.room));
  RETURN_IF_ERROR(domain::Complete(before, after, env.today));
  const std::vector<domain::Advisory> advisories = domain::Advisories(before, after, env.today);
  StampChanges(before, after, batch.now);
  const model::ChangeSet changes = Diff(before, after);
  std::vector<model::Event> events = PassedFor(mutation.footprint, batch.events, batch.passed);
  const auto passed = static_cast<std::ptrdiff_t>(events.size());
  for (model::Event& event : storage::EventsOf(changes, header)) events.push_back(std::move(event));
  // What the decision makes due is applied for its answer, because the next reader would see it so.
  std::vector<model::Event> at_once = ApplyDue(after, header, model::EndOfDay(env.today));
  std::optional<model::ChangeSet> all;
  if (!at_once.empty()) all = Diff(before, after);
  if (!mutation.validate_only && !batch.stuck.empty()) {
    locked.rows = Both(storage::CatalogRowsOfWrite(all.has_value() ? *all : changes), batch.stuck);
    if (!locked.rows.empty()) return absl::AbortedError("another session has locked what the command writes to");
  }
  std::move(at_once.begin(), at_once.end(), std::back_inserter(events));
  Answer answer;
  const std::optional<model::Affected> affected = AffectedBy(mutation.footprint, before);
  const Decision decided{before, after, changes, env, events, advisories, affected, mutation.validate_only};
  ASSIGN_OR_RETURN(answer.response, Timed(mutation.times, &CallTimes::rendered, [&] { return write(decided); }));
  if (mutation.validate_only) return answer;
  if (answer.response.size() > options_.max_answer_bytes) return AnswerTooLarge(options_.max_answer_bytes);

  batch.keeps = true;
  std::move(events.begin() + passed, events.end(), std::back_inserter(batch.events));
  Keep(mutation, answer, batch);
  Merge(std::move(after), all.has_value() ? *all : changes, batch.world);
  return answer;
}

}  // namespace lmp::engine
