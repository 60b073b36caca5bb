// Stores what is due to the customers that share pools with those of a writer's batch. A few are stored in the writer's
// own transaction, the others in transactions before it, so that even a midnight with thousands due neither locks nor
// loads without bound.
#ifndef LMP_SERVER_ENGINE_DUE_STORE_H_
#define LMP_SERVER_ENGINE_DUE_STORE_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/catalog_cache.h"
#include "storage/locked_rows.h"
#include "storage/model/due.h"
#include "storage/mysql/database.h"

namespace lmp::engine {

// The number of customers that one transaction takes besides its own, if they have not too many rows together.
inline constexpr size_t kMaxSharers = 32;

// True if the error is about the rows, and not about the database or the moment.
bool IsOfRows(const absl::Status& status);

// The customers that share pools with those of a batch and have something due.
struct Sharers {
  std::vector<std::string> customers;  // locked and loaded with the batch, so that what is due to them is applied first
  std::set<std::string> passed_over;   // what is due to them can't be stored: they hold up nobody
  std::set<std::string> locked;        // those of `customers` that another session has locked
  absl::Time locked_since = absl::InfiniteFuture();
  // A write of the run waited in vain for a lock, on a row that no writer asks for. It may be one of these.
  bool blocked = false;
  std::set<model::RowKey> waited_for;
  std::set<model::RowKey> stuck;  // rows of the catalog that a run waited for in vain: the next does without
  // If not empty: a run found that these are due as well, and could not go on without their customers.
  std::set<model::Due> due;
};

class DueStore final {
 public:
  // Called for each customer to whom what is due could not be stored, with the reason.
  using PassedOver = std::function<void(const std::string& customer_id, const absl::Status& why)>;

  DueStore(storage::Database& database, storage::CatalogCache& cache, std::function<absl::Time()> clock,
           PassedOver passed_over);

  // Makes sharers.due short: stores what comes first, until no more customers are left than one transaction takes,
  // which become sharers.customers. Errors: DEADLINE_EXCEEDED, and those database errors that are not one customer's;
  // what was stored before the error stays stored.
  absl::Status MakeWay(absl::Time deadline, Sharers& sharers) const;

  // Some of sharers.customers are locked. Gives the holder of the locks a moment, as it most likely stores the same.
  // After some seconds those customers are passed over.
  void AwaitLocked(Sharers& sharers) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Those who were passed over because they stayed locked, and who are locked still: a batch need not wait for them
  // again. `look` tells which of the rows that it is given others have locked.
  using Look = std::function<absl::StatusOr<storage::LockedRows>(const storage::LockedRows& wanted)>;
  std::set<std::string> StillLocked(const Look& look) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Finds out for which of sharers.customers what is due can't be stored, by storing each alone. Errors: as above.
  absl::Status PassOver(absl::Time deadline, Sharers& sharers) const;

 private:
  // Of those to whom something is due, the first that one transaction takes; at least one. Errors: of the connection.
  absl::StatusOr<std::vector<std::string>> First(absl::Time deadline, const std::set<model::Due>& due) const;
  // Stores what is due to these customers before `until`, in one transaction. Puts what is due to them afterwards, by
  // today, into `left`. Customers for whom there was nothing to do count as passed over.
  absl::Status Store(absl::Time deadline, const std::vector<std::string>& customers, const model::Due& until,
                     Sharers& sharers, std::set<model::Due>& left) const;
  absl::Status StoreFree(absl::Time deadline, const std::vector<std::string>& customers, const model::Due& until,
                         Sharers& sharers, std::set<model::Due>& left) const;
  absl::Status StoreEach(absl::Time deadline, const std::vector<std::string>& customers, const model::Due& until,
                         Sharers& sharers, std::set<model::Due>& left) const;

  storage::Database& database_;
  storage::CatalogCache& cache_;
  const std::function<absl::Time()> clock_;
  const PassedOver passed_over_;
  mutable absl::Mutex mutex_;
  mutable std::set<std::string> stay_locked_ ABSL_GUARDED_BY(mutex_);  // customers, when somebody waited last
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_DUE_STORE_H_
