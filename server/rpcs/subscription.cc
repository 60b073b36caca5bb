#include "server/wire/subscription.h"

#include <string>
#include <vector>

#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/batch.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/domain/subscription/plan_updates.h"
#include "server/domain/subscription/verbs.h"
#include "server/rpcs/list.h"
#include "server/rpcs/mutation.h"
#include "server/rpcs/of_customer.h"
#include "server/rpcs/plan_rollout.h"
#include "server/rpcs/query.h"
#include "server/wire/mutation_request.h"
#include "server/wire/scheduled_change.h"
#include "server/wire/subscription_batch.h"

namespace lmp::rpcs {
namespace {

using Changes = wire::IndexedField::Changes;

model::Footprint FootprintOfSubscription(const model::RowKey& key) { return {.lone_subscriptions = {key}}; }

absl::Status RespondSubscription(const model::World& world, const model::RowKey& key, const domain::Env& env,
                                 v1::Subscription* response) {
  RETURN_IF_ERROR(domain::FindCustomer(world, env.caller, key.first).status());
  const model::Subscription* subscription = Find(world.subscriptions, key.first, key.second);
  if (subscription == nullptr) {
    return domain::NotFound(domain::reason::kSubscriptionNotFound, domain::SubscriptionName(key.first, key.second));
  }
  wire::ToProto(*subscription, {world, env.today}, response);
  return absl::OkStatus();
}

Listing<v1::ListSubscriptionsRequest, v1::ListSubscriptionsResponse, model::Subscription, v1::Subscription>
Subscriptions() {
  return {.find = {{"service_plan", "service_plan_id", "servicePlans"}},
          .check = CheckCustomer<v1::ListSubscriptionsRequest>,
          .select = SelectOfCustomer};
}

model::RowKey ParseSubscription(const v1::ListScheduledChangesRequest& request, wire::Fields& fields) {
  return fields.ChildOrAll("parent", request.parent(), "customers", "subscriptions");
}

absl::Status CheckChanges(const v1::ListScheduledChangesRequest& request) {
  wire::Fields fields;
  ParseSubscription(request, fields);
  return fields.status();
}

absl::StatusOr<Selection> SelectChanges(const Reading& reading, const v1::ListScheduledChangesRequest& request,
                                        std::optional<absl::Time> read_time) {
  wire::Fields checked;
  const model::RowKey parent = ParseSubscription(request, checked);
  ASSIGN_OR_RETURN(Selection selection, OfCustomer(reading, parent.first, read_time));
  if (!parent.second.empty()) selection.emplace_back("subscription_id", parent.second);
  // With a read_time, a change that waited then may be done by now.
  if (!request.show_all() && !read_time.has_value()) selection.emplace_back("state", "PENDING");
  return selection;
}

bool ShowsChange(const v1::ListScheduledChangesRequest& request, const v1::ScheduledChange& change) {
  return request.show_all() || change.state() == v1::ScheduledChange::PENDING;
}

Listing<v1::ListScheduledChangesRequest, v1::ListScheduledChangesResponse, model::ScheduledChange, v1::ScheduledChange>
ScheduledChanges() {
  return {.orders = {{"effective_date", "effective_date", "", Changes::kNever}},
          .default_order = "effective_date",
          .check = CheckChanges,
          .select = SelectChanges,
          .shows = ShowsChange};
}

}  // namespace

std::vector<Rpc> SubscriptionRpcs() {
  return {
      MutationRpc{.name = "AssignServicePlan",
                  .event = event::kServicePlanAssigned,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseAssignServicePlan,
                  .decide = domain::AssignServicePlan,
                  .render = wire::RenderAssignment},
      QueryRpc{.name = "GetSubscription",
               .needs = Permission::kReadSubscriptions,
               .parse = wire::ParseGetSubscription,
               .footprint = FootprintOfSubscription,
               .respond = RespondSubscription},
      ListRpc{.name = "ListSubscriptions", .needs = Permission::kReadSubscriptions, .list = Subscriptions()},
      MutationRpc{.name = "UpdateSubscription",
                  .event = event::kSubscriptionUpdated,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseUpdateSubscription,
                  .decide = domain::UpdateSubscription,
                  .render = wire::RenderSubscriptionChange},
      MutationRpc{.name = "ChangeServicePlan",
                  .event = event::kServicePlanChanged,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseChangeServicePlan,
                  .decide = domain::ChangeServicePlan,
                  .render = wire::RenderSubscriptionChange},
      MutationRpc{.name = "RenewSubscription",
                  .event = event::kSubscriptionRenewed,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseRenewSubscription,
                  .decide = domain::RenewSubscription,
                  .render = wire::RenderSubscriptionChange},
      MutationRpc{.name = "SuspendSubscription",
                  .event = event::kSubscriptionSuspended,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseSuspendSubscription,
                  .decide = domain::SuspendSubscription,
                  .render = wire::RenderSubscriptionChange},
      MutationRpc{.name = "UnsuspendSubscription",
                  .event = event::kSubscriptionUnsuspended,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseUnsuspendSubscription,
                  .decide = domain::UnsuspendSubscription,
                  .render = wire::RenderSubscriptionChange},
      MutationRpc{.name = "CancelSubscription",
                  .event = event::kSubscriptionCanceled,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseNamed<v1::CancelSubscriptionRequest, domain::CancelSubscriptionCommand>,
                  .decide = domain::CancelSubscription,
                  .render = wire::RenderSubscriptionChange},
      MutationRpc{.name = "ApplyPlanUpdates",
                  .event = event::kPlanUpdatesApplied,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseApplyPlanUpdates,
                  .decide = domain::ApplyPlanUpdates,
                  .render = wire::RenderPlanUpdates},
      PlanRolloutRpc(),
      MutationRpc{.name = "BatchUpdateSubscriptions",
                  .event = &domain::BatchUpdateSubscriptionsCommand::event_kind,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseBatchUpdateSubscriptions,
                  .decide = domain::BatchUpdateSubscriptions,
                  .render = wire::RenderBatchUpdate},
      ListRpc{.name = "ListScheduledChanges", .needs = Permission::kReadSubscriptions, .list = ScheduledChanges()},
      MutationRpc{.name = "CancelScheduledChange",
                  .event = event::kScheduledChangeCanceled,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseNamed<v1::CancelScheduledChangeRequest, domain::CancelScheduledChangeCommand>,
                  .decide = domain::CancelScheduledChange,
                  .render = wire::RenderCanceledChange},
  };
}

}  // namespace lmp::rpcs
