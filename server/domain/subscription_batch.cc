#include "server/domain/subscription_batch.h"

#include <algorithm>
#include <set>
#include <utility>

#include "server/domain/lookup.h"
#include "server/domain/subscription_terms.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

absl::StatusOr<SubscriptionResult> Do(model::World& world, const UpdateSubscriptionCommand& command, const Env& env) {
  return UpdateSubscription(world, command, env);
}
absl::StatusOr<SubscriptionResult> Do(model::World& world, const RenewSubscriptionCommand& command, const Env& env) {
  return RenewSubscription(world, command, env);
}
absl::StatusOr<SubscriptionResult> Do(model::World& world, const SuspendSubscriptionCommand& command, const Env& env) {
  return SuspendSubscription(world, command, env);
}
absl::StatusOr<SubscriptionResult> Do(model::World& world, const UnsuspendSubscriptionCommand& command, const Env& env) {
  return UnsuspendSubscription(world, command, env);
}
absl::StatusOr<SubscriptionResult> Do(model::World& world, const CancelSubscriptionCommand& command, const Env& env) {
  return CancelSubscription(world, command, env);
}

// The subscriptions that run and that the filters let through.
std::set<std::string> Running(model::World& world, const BatchUpdateSubscriptionsCommand& command, Date today) {
  std::set<std::string> ids;
  for (const auto& [key, subscription] : Range(world.subscriptions, command.customer_id)) {
    if (!command.service_plan_id.empty() && subscription.service_plan_id != command.service_plan_id) continue;
    if (!Runs(subscription)) continue;
    for (const model::License* license : LiveLicenses(world, subscription, today)) {
      if (command.product_id.empty() || license->product_id == command.product_id) ids.insert(key.second);
    }
  }
  return ids;
}

}  // namespace

model::Footprint BatchUpdateSubscriptionsCommand::footprint() const {
  model::Footprint footprint{.customers = {customer_id}};
  for (const std::string& id : subscription_ids) footprint.subscriptions.emplace_back(customer_id, id);
  return footprint;
}

const char* BatchUpdateSubscriptionsCommand::event_kind() const {
  static constexpr const char* kKinds[] = {"SUBSCRIPTION_UPDATED", "SUBSCRIPTION_RENEWED", "SUBSCRIPTION_SUSPENDED",
                                           "SUBSCRIPTION_UNSUSPENDED", "SUBSCRIPTION_CANCELED"};
  static_assert(std::size(kKinds) == std::variant_size_v<SubscriptionAction>);
  return kKinds[action.index()];
}

absl::StatusOr<BatchUpdateSubscriptionsResult> BatchUpdateSubscriptions(model::World& world,
                                                                        const BatchUpdateSubscriptionsCommand& command,
                                                                        const Env& env) {
  ASSIGN_OR_RETURN(const model::Customer* customer, FindWritableCustomer(world, env.caller, command.customer_id));
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(customer->stamp), CustomerName(command.customer_id)));
  const bool named = !command.subscription_ids.empty();
  const std::set<std::string> ids =
      named ? std::set(command.subscription_ids.begin(), command.subscription_ids.end()) : Running(world, command, env.today);
  BatchUpdateSubscriptionsResult result{.customer_id = command.customer_id};
  for (const std::string& id : ids) {
    model::World tried = world;  // a refusal leaves no trace
    auto done = std::visit(
        [&](auto verb) {
          verb.customer_id = command.customer_id;
          verb.subscription_id = id;
          return Do(tried, verb, env);
        },
        command.action);
    if (done.ok()) {
      world = std::move(tried);
      result.results.push_back(*std::move(done));
    } else if (named || absl::IsInvalidArgument(done.status())) {
      return done.status();
    } else {
      result.skipped.push_back({id, done.status()});
    }
  }
  return result;
}

}  // namespace lmp::domain
