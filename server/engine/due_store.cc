#include "server/engine/due_store.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

#include "server/domain/subscription/due.h"
#include "server/engine/catch_up.h"
#include "server/engine/guarded.h"
#include "server/engine/locked_for.h"
#include "storage/events.h"
#include "storage/locked_rows.h"
#include "storage/model/change_set.h"
#include "storage/mysql/errors.h"
#include "storage/related_rows.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::engine {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(3);  // the other session may have many due, too
constexpr absl::Duration kPause = absl::Milliseconds(5);
constexpr int64_t kMaxRows = 10'000;  // of several customers that one transaction takes besides its own

}  // namespace

bool IsOfRows(const absl::Status& status) {
  return !status.ok() && !absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status) &&
         !absl::IsAborted(status) && !storage::IsReadOnly(status);
}

DueStore::DueStore(storage::Database& database, storage::CatalogCache& cache, std::function<absl::Time()> clock,
                   PassedOver passed_over)
    : database_(database), cache_(cache), clock_(std::move(clock)), passed_over_(std::move(passed_over)) {}

absl::StatusOr<std::vector<std::string>> DueStore::First(absl::Time deadline, const std::set<model::Due>& due) const {
  std::vector<std::string> first;
  for (auto it = due.begin(); it != due.end() && first.size() < kMaxSharers; ++it) first.push_back(it->customer_id);
  if (first.size() <= 1) return first;
  std::map<std::string, int64_t> counts;
  RETURN_IF_ERROR(database_.Read(deadline, [&](storage::Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(counts, storage::CountRowsOfCustomers(connection, first));
    return absl::OkStatus();
  }));
  int64_t rows = 0;
  const auto end = std::find_if(first.begin(), first.end(), [&](const std::string& id) {
    rows += counts[id];
    return rows > kMaxRows && id != first.front();
  });
  first.erase(end, first.end());
  return first;
}

absl::Status DueStore::MakeWay(absl::Time deadline, Sharers& sharers) const {
  for (std::set<model::Due> due = std::exchange(sharers.due, {});;) {
    if (absl::Now() >= deadline) return absl::DeadlineExceededError("the deadline passed before the call was run");
    ASSIGN_OR_RETURN(std::vector<std::string> first, First(deadline, due));
    if (first.size() == due.size()) {
      sharers.customers = std::move(first);
      return absl::OkStatus();
    }
    due.erase(due.begin(), std::next(due.begin(), std::ssize(first)));
    std::set<model::Due> left;
    absl::Status status =
        Guarded("the pass of time", [&] { return Store(deadline, first, *due.begin(), sharers, left); });
    if (IsOfRows(status)) status = StoreEach(deadline, first, *due.begin(), sharers, left);
    RETURN_IF_ERROR(status);
    due.merge(left);
  }
}

void DueStore::AwaitLocked(Sharers& sharers) const {
  sharers.locked_since = std::min(sharers.locked_since, absl::Now());
  const std::set<std::string> locked = std::exchange(sharers.locked, {});
  if (absl::Now() < sharers.locked_since + kPatience) return absl::SleepFor(kPause);
  for (const std::string& customer_id : locked) {
    sharers.passed_over.insert(customer_id);
    if (passed_over_) passed_over_(customer_id, absl::AbortedError("another session has it locked"));
  }
  std::erase_if(sharers.customers, [&](const std::string& id) { return locked.contains(id); });
  absl::MutexLock lock(&mutex_);
  stay_locked_.insert(locked.begin(), locked.end());
}

std::set<std::string> DueStore::StillLocked(const Look& look) const {
  std::vector<std::string> ids;
  {
    absl::MutexLock lock(&mutex_);
    ids.assign(stay_locked_.begin(), stay_locked_.end());
  }
  if (ids.empty()) return {};
  storage::LockedRows wanted;
  for (const std::string& id : ids) wanted.rows.insert(storage::NameOf<model::Customer>(id));
  const absl::StatusOr<storage::LockedRows> locked = look(wanted);
  if (!locked.ok()) return {};
  std::set<std::string> still = storage::Among<model::Customer>(ids, locked->rows);
  absl::MutexLock lock(&mutex_);
  for (const std::string& id : ids) {
    if (!still.contains(id)) stay_locked_.erase(id);
  }
  return still;
}

absl::Status DueStore::PassOver(absl::Time deadline, Sharers& sharers) const {
  const std::vector<std::string> customers = std::exchange(sharers.customers, {});
  const model::Due until = model::EndOfDay(absl::ToCivilDay(clock_(), absl::UTCTimeZone()));
  std::set<model::Due> left;
  return StoreEach(deadline, customers, until, sharers, left);
}

absl::Status DueStore::StoreEach(absl::Time deadline, const std::vector<std::string>& customers,
                                 const model::Due& until, Sharers& sharers, std::set<model::Due>& left) const {
  for (const std::string& customer_id : customers) {
    const absl::Status status =
        Guarded("the pass of time", [&] { return Store(deadline, {customer_id}, until, sharers, left); });
    if (!IsOfRows(status)) {
      RETURN_IF_ERROR(status);
      continue;
    }
    sharers.passed_over.insert(customer_id);
    if (passed_over_) passed_over_(customer_id, status);
  }
  return absl::OkStatus();
}

absl::Status DueStore::Store(absl::Time deadline, const std::vector<std::string>& customers, const model::Due& until,
                             Sharers& sharers, std::set<model::Due>& left) const {
  for (std::vector<std::string> wanted = customers; !wanted.empty();) {
    sharers.locked.clear();
    const absl::Status status = StoreFree(deadline, wanted, until, sharers, left);
    if (sharers.locked.empty()) return status;
    if (absl::Now() >= deadline) return absl::DeadlineExceededError("the deadline passed before the call was run");
    AwaitLocked(sharers);
    std::erase_if(wanted, [&](const std::string& id) { return sharers.passed_over.contains(id); });
  }
  return absl::OkStatus();
}

absl::Status DueStore::StoreFree(absl::Time deadline, const std::vector<std::string>& customers,
                                 const model::Due& until, Sharers& sharers, std::set<model::Due>& left) const {
  std::set<model::Due> later;
  std::set<std::string> idle;
  RETURN_IF_ERROR(database_.Transact(deadline, [&](storage::Connection& connection) -> absl::Status {
    later.clear();
    idle.clear();
    storage::LockedRows locked;
    ASSIGN_OR_RETURN(const model::World before,
                     LoadWorld(connection, {.customers = customers}, storage::Locking::kWrite, cache_, &locked));
    sharers.locked = storage::Among<model::Customer>(customers, locked.rows);
    sharers.locked.merge(DrawingOnLocked(customers, locked, before));
    if (!sharers.locked.empty()) return absl::AbortedError("another session has customers locked");
    model::World after = before;
    const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(clock_()));
    const model::Due end_of_today = model::EndOfDay(absl::ToCivilDay(now, absl::UTCTimeZone()));
    std::vector<model::Event> events = ApplyDue(after, {.event_time = now}, std::min(until, end_of_today));
    storage::NamePartners(after, events);
    for (const std::string& id : customers) {
      const auto next = domain::NextDue(after, id);
      if (next.has_value() && *next < end_of_today) later.insert(*next);
      const bool moved =
          std::any_of(events.begin(), events.end(), [&](const model::Event& event) { return event.key1 == id; });
      if (!moved && !(next.has_value() && *next < end_of_today)) idle.insert(id);
    }
    RETURN_IF_ERROR(storage::SaveChanges(connection, Diff(before, after)));
    return storage::InsertEvents(connection, events);
  }));
  left.merge(later);
  sharers.passed_over.merge(idle);
  return absl::OkStatus();
}

}  // namespace lmp::engine
