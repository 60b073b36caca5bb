// One assignment of a service plan to a customer. It copies the plan's terms and from then on is independent of the
// plan.
#ifndef LMP_STORAGE_MODEL_SUBSCRIPTION_H_
#define LMP_STORAGE_MODEL_SUBSCRIPTION_H_

#include "storage/model/row.h"
#include "storage/model/service_plan.h"

namespace lmp::model {

// ENDED is computed (server/domain/subscription/status.h) and never stored.
enum class SubscriptionState { kUnspecified, kActive, kSuspended, kDisabled, kUnbundled, kEnded };

template <>
struct EnumNames<SubscriptionState> {
  static constexpr absl::string_view kNames[] = {"STATE_UNSPECIFIED", "ACTIVE",    "SUSPENDED",
                                                 "DISABLED",          "UNBUNDLED", "ENDED"};
};

struct Subscription {
  static constexpr absl::string_view kTable = "subscriptions";
  static constexpr int kKeyColumns = 2;

  std::string customer_id;
  std::string subscription_id;
  std::string service_plan_id;
  std::string display_name;  // the plan's display name when it was assigned
  SubscriptionState state = SubscriptionState::kActive;
  PlanTerms terms;
  Date start_date;
  std::vector<std::string> components;     // product ids of the plan as this subscription has them, sorted
  bool renewal_paused = false;             // auto-renewal was on, and is turned on again when the suspension ends
  int pending_changes = 0;                 // number of scheduled changes that wait; set by the engine
  std::optional<std::string> replaced_by;  // id of the subscription that took the licenses
  Stamp stamp;

  bool operator==(const Subscription&) const = default;

  template <class Self, class Visitor>
  static void Visit(Self& row, Visitor&& visit) {
    visit("customer_id", row.customer_id);
    visit("subscription_id", row.subscription_id);
    visit("service_plan_id", row.service_plan_id);
    visit("display_name", row.display_name);
    visit("state", row.state);
    VisitTerms(row, visit);
    visit("start_date", row.start_date);
    visit("components", row.components);
    visit("renewal_paused", row.renewal_paused);
    visit("pending_changes", row.pending_changes);
    visit("replaced_by", row.replaced_by);
    VisitStamp(row, visit);
  }
};

// True if the subscription is ACTIVE or SUSPENDED. Otherwise the subscription has ended for good: nothing changes it
// any more, and no decision depends on it.
inline bool Runs(const Subscription& subscription) {
  return subscription.state == SubscriptionState::kActive || subscription.state == SubscriptionState::kSuspended;
}

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_SUBSCRIPTION_H_
