// Goes through the history of customers that were erased (storage/erasure.h), so that nothing in it tells of people any
// more. What a server leaves that is killed in the middle, any server goes on with.
#ifndef LMP_SERVER_WORKERS_CUSTOMER_ERASER_H_
#define LMP_SERVER_WORKERS_CUSTOMER_ERASER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/workers/periodic_task.h"
#include "storage/erasure.h"
#include "storage/mysql/database.h"

namespace lmp::server {

// Any number of servers may run it.
class CustomerEraser final {
 public:
  explicit CustomerEraser(storage::Database& database) : database_(database) {}

  // Runs at once and then every `period` until Stop(), except when `may_run` returns false.
  void Start(absl::Duration period, std::function<bool()> may_run);
  void AskToStop() { periodic_.AskToStop(); }
  void Stop() { periodic_.Stop(); }
  PeriodicTask::Stats stats() const { return periodic_.stats(); }

  // Erases what is to be erased, a part in each transaction; returns how many events. A customer that can't be erased
  // is logged and passed over until the next pass. Errors: those of the database, if nothing could be erased; what was
  // done before an error stays done.
  absl::StatusOr<int64_t> RunOnce();

 private:
  using Part = absl::FunctionRef<absl::StatusOr<storage::ErasedPart>(
      storage::Connection& connection, absl::Time deleted, const storage::ErasedPart& before)>;
  absl::StatusOr<int64_t> EraseCustomer(const std::string& customer_id);
  // Runs it until it is done, each time behind the last. False: not now, so that the next step has to wait, too.
  absl::StatusOr<bool> Run(const std::string& customer_id, int64_t& total, Part part);

  storage::Database& database_;
  PeriodicTask periodic_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_WORKERS_CUSTOMER_ERASER_H_
