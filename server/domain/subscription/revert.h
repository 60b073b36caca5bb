// Takes back what a request changed of a customer's subscriptions: a mistake is undone as what it is, with an event of
// its own, and nobody needs to know which values there were. [ours]
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_REVERT_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_REVERT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/env.h"
#include "server/domain/standing.h"
#include "storage/model/change_set.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct RevertChangeCommand {
  static constexpr Verb kVerb = Verb::kRevertChange;
  std::string customer_id;
  std::string etag;  // the customer's
  // What all events of one request changed of this customer's rows.
  model::ChangeSet changes;
  // What time did with them at once, in the same transaction, such as a renewal that the request made due.
  model::ChangeSet followed;

  model::Footprint footprint() const;
};

// The customer, the subscriptions that the request was about, and the waiting changes that are no longer possible (ids,
// in order).
struct RevertedChange {
  std::string customer_id;
  std::vector<std::string> subscription_ids;
  std::vector<std::string> dropped_change_ids;
};

// OK if changes of this kind can be taken back. Errors: NOT_REVERTIBLE, with what to do instead.
absl::Status CheckRevertible(absl::string_view event_kind, absl::string_view resource);

// Sets those fields that the request changed back to what they were; a change that it scheduled is canceled. Its rows
// must be as it left them, but for what products report (use, the first sign-in), and time must not have gone on from
// there at once. What follows from other rows, such as
// what a pool has left, follows from them anew.
//
// The rules are those of an update: not for trials, whose terms were never changed; the plan that comes back must be
// assignable, and its product not be held otherwise; no units out of the product's range; nothing added to a product at
// its end of life; no plan updates pending. And nothing that comes back may be due already: time would do at once, and
// under an old date, what did not happen on that day.
//
// Errors: CUSTOMER_NOT_FOUND; those of customer and partner; ETAG_MISMATCH; CHANGED_SINCE (ABORTED; names the rows);
// NOT_REVERTIBLE; PLAN_UPDATES_PENDING, PLAN_LOCKED, PLAN_DISABLED, PRODUCT_END_OF_SALE, PRODUCT_END_OF_LIFE,
// CROSSGRADE_NOT_ALLOWED. The engine adds POOL_EXHAUSTED.
absl::StatusOr<RevertedChange> RevertChange(model::World& world, const RevertChangeCommand& command, const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_REVERT_H_
