// Stores what time did to customers who share pools with those that a writer is about to decide about: a few of them in
// the writer's own transaction, more in transactions before it, so that a midnight with thousands due neither locks nor
// loads without bound.
#ifndef LMP_SERVER_ENGINE_DUE_STORE_H_
#define LMP_SERVER_ENGINE_DUE_STORE_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/catalog_cache.h"
#include "storage/model/due.h"
#include "storage/mysql/database.h"

namespace lmp::engine {

// Customers that one transaction takes beside its own.
inline constexpr size_t kMaxSharers = 32;

// Whether it is about the rows, and not about the database or the hour.
bool IsOfRows(const absl::Status& status);

// Those who share pools with the customers of a batch, and have something due.
struct Sharers {
  std::vector<std::string> customers;  // locked and loaded with the batch, so that their time passes first
  std::set<std::string> passed_over;   // for whom it can't pass: they hold up nobody
  std::set<std::string> locked;        // of those that a run wanted, by another session
  absl::Time locked_since = absl::InfiniteFuture();
  std::set<model::Due> due;  // if not empty: what a run found that could not go on without more of them
};

class DueStore final {
 public:
  // Told of each customer for whom time could not pass, and why.
  using PassedOver = std::function<void(const std::string& customer_id, const absl::Status& why)>;

  DueStore(storage::Database& database, storage::CatalogCache& cache, std::function<absl::Time()> clock,
           PassedOver passed_over);

  // Makes sharers.due short: stores what comes first until no more than kMaxSharers are left, which become
  // sharers.customers. Errors: DEADLINE_EXCEEDED, and those of the database that are not one customer's; what was
  // stored by then stays so.
  absl::Status MakeWay(absl::Time deadline, Sharers& sharers) const;

  // Some of sharers.customers are locked: gives whoever holds them a moment, as it most likely does the same. After
  // some seconds of it they are passed over.
  void AwaitLocked(Sharers& sharers) const;

  // Finds out for which of sharers.customers time can't pass, by storing each alone. Errors: as above.
  absl::Status PassOver(absl::Time deadline, Sharers& sharers) const;

 private:
  // Of these customers, what is due before `until`, in one transaction. Puts what is due to them afterwards, by today,
  // into `left`; those for whom there was nothing to do pass for passed over.
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
};

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_DUE_STORE_H_
