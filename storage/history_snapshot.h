// All rows as they are, in parts, each as of a place in the history: what a stream shows first (server/rpcs/watch.cc).
//
// No transaction is held while a client takes what was read. So each part is read in a snapshot of its own, and is as
// of that snapshot's head; whoever reads it has told all events up to that head before. Events that were committed by
// then and have no sequence yet come after the head: their rows are set back to what they were before. So a row and the
// events that follow it fit together exactly, and after the last part what was shown is what there is at its head.
#ifndef LMP_STORAGE_HISTORY_SNAPSHOT_H_
#define LMP_STORAGE_HISTORY_SNAPSHOT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/model/event.h"
#include "storage/model/row.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// Whose rows. Products are shown whatever it says, and partners but for `visible_to`.
struct SnapshotScope {
  std::string visible_to;   // what this partner may see, of its own and of its resellers; empty: all
  std::string partner_id;   // only what is this partner's; empty: of all
  std::string customer_id;  // only this customer with its rows; empty: of all
  bool with_sales = true;   // service plans, pools and registration keys, too
};

// Which part is next.
struct SnapshotCursor {
  enum class Kind { kPartners, kProducts, kServicePlans, kPools, kRegistrationKeys, kCustomers, kDone };
  Kind kind = Kind::kPartners;
  std::optional<model::RowKey> after;  // of the kind; none: from its first row
};

// Inside a snapshot: the next rows as events that make them (with kind and time of `header`, without id and sequence),
// parents before children, a customer together with all its rows; the cursor then is at the part after it. Errors:
// those of the connection; UNAVAILABLE if so many events have no sequence that it is better to wait.
absl::StatusOr<std::vector<model::Event>> LoadSnapshotPart(Connection& connection, const SnapshotScope& scope,
                                                           const model::Event& header, SnapshotCursor& cursor);

// Sets rows, given as events that make them, back to before these events, which must be in order of their ids. Rows
// that they made are not among them any more.
std::vector<model::Event> SetBack(std::vector<model::Event> rows, const std::vector<model::Event>& events);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_HISTORY_SNAPSHOT_H_
