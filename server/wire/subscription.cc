#include "server/wire/subscription.h"

#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/subscription/status.h"
#include "server/domain/subscription/terms.h"
#include "server/wire/crossgrade.h"
#include "server/wire/license.h"
#include "server/wire/mutation_request.h"
#include "server/wire/scheduled_change.h"
#include "server/wire/status.h"

namespace lmp::wire {
namespace {

// Parses the fields that an update of a subscription may set, as the mask says.
void ParseTerms(Fields& fields, const v1::UpdateSubscriptionRequest& request, domain::TermsChange& change) {
  static const auto& updatable = *new std::vector<absl::string_view>{"expiration_date", "auto_renewal",
                                                                     "renewal_term_months", "expiration_notice_days"};
  const v1::Subscription& subscription = request.subscription();
  const std::set<std::string> columns = fields.Mask(request.update_mask(), subscription, updatable);
  if (columns.contains("expiration_date")) {
    change.expiration_date = fields.Date("subscription.expiration_date", subscription.expiration_date());
  }
  if (columns.contains("auto_renewal")) change.auto_renewal = subscription.auto_renewal();
  if (columns.contains("renewal_term_months")) change.renewal_term_months = subscription.renewal_term_months();
  if (columns.contains("expiration_notice_days")) change.expiration_notice_days = subscription.expiration_notice_days();
  change.units = ParseUnits(fields, "units", request.units());
}

}  // namespace

void SetName(Fields& fields, const std::string& name, domain::SubscriptionCommand& command) {
  std::tie(command.customer_id, command.subscription_id) = fields.ChildName("name", name, "customers", "subscriptions");
}

absl::StatusOr<model::RowKey> ParseGetSubscription(const v1::GetSubscriptionRequest& request) {
  return ParseChildName("name", request.name(), "customers", "subscriptions");
}

absl::StatusOr<domain::AssignServicePlanCommand> ParseAssignServicePlan(const v1::AssignServicePlanRequest& request) {
  Fields fields;
  domain::AssignServicePlanCommand command;
  command.customer_id = fields.Name("parent", request.parent(), "customers");
  command.service_plan_id = fields.Name("service_plan", request.service_plan(), "servicePlans");
  command.etag = request.etag();
  command.units = ParseUnits(fields, "units", request.units());
  if (request.has_start_date()) command.start_date = fields.Date("start_date", request.start_date());
  command.crossgrade = ParseCrossgrade(fields, request.crossgrade());
  if (request.has_align()) {
    ParseAlignment(fields, request.align(), command.customer_id, command.align.subscription, command.align.date);
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::UpdateSubscriptionCommand> ParseUpdateSubscription(
    const v1::UpdateSubscriptionRequest& request) {
  Fields fields;
  domain::UpdateSubscriptionCommand command;
  std::tie(command.customer_id, command.subscription_id) =
      fields.ChildName("subscription.name", request.subscription().name(), "customers", "subscriptions");
  command.etag = request.subscription().etag();
  ParseTerms(fields, request, command.change);
  if (request.has_align()) {
    ParseAlignment(fields, request.align(), command.customer_id, command.align.subscription, command.align.date);
  }
  command.effective_date =
      OptionalDate(fields, "effective_date", request.has_effective_date(), request.effective_date());
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::ChangeServicePlanCommand> ParseChangeServicePlan(const v1::ChangeServicePlanRequest& request) {
  Fields fields;
  domain::ChangeServicePlanCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.service_plan_id = fields.Name("service_plan", request.service_plan(), "servicePlans");
  if (request.units() != 0) command.units = request.units();
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::RenewSubscriptionCommand> ParseRenewSubscription(const v1::RenewSubscriptionRequest& request) {
  Fields fields;
  domain::RenewSubscriptionCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  if (request.term_months() != 0) command.term_months = request.term_months();
  if (request.has_align()) {
    if (command.term_months.has_value()) {
      fields.Fail("align", "excludes term_months: both say when it ends");
      fields.Fail("term_months", "excludes align: both say when it ends");
    }
    ParseAlignment(fields, request.align(), command.customer_id, command.align.subscription, command.align.date);
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::SuspendSubscriptionCommand> ParseSuspendSubscription(
    const v1::SuspendSubscriptionRequest& request) {
  Fields fields;
  domain::SuspendSubscriptionCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.suspend_date = OptionalDate(fields, "suspend_date", request.has_suspend_date(), request.suspend_date());
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::UnsuspendSubscriptionCommand> ParseUnsuspendSubscription(
    const v1::UnsuspendSubscriptionRequest& request) {
  Fields fields;
  domain::UnsuspendSubscriptionCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.expiration_date =
      OptionalDate(fields, "expiration_date", request.has_expiration_date(), request.expiration_date());
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::ApplyPlanUpdatesCommand> ParseApplyPlanUpdates(const v1::ApplyPlanUpdatesRequest& request) {
  Fields fields;
  domain::ApplyPlanUpdatesCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.units = ParseUnits(fields, "units", request.units());
  command.crossgrade = ParseCrossgrade(fields, request.crossgrade());
  RETURN_IF_ERROR(fields.status());
  return command;
}

void RenderAssignment(const engine::Decision& decided, const domain::AssignServicePlanResult& result,
                      v1::AssignServicePlanResponse* out) {
  RenderCrossgrade(decided, result, out);
}

void RenderPlanUpdates(const engine::Decision& decided, const domain::ApplyPlanUpdatesResult& result,
                       v1::ApplyPlanUpdatesResponse* out) {
  const View after = After(decided);
  RenderCrossgrade(decided, result, out);
  for (const std::string& id : result.unbundled_licenses) {
    ToProto(*Find(after.world.licenses, result.customer_id, id), after, out->add_unbundled_licenses());
  }
  for (const std::string& id : result.dropped_change_ids) {
    ToProto(*Find(after.world.scheduled_changes, result.customer_id, id), after, out->add_dropped_changes());
  }
}

void RenderSubscriptionChange(const engine::Decision& decided, const domain::SubscriptionResult& result,
                              v1::SubscriptionChangeResponse* out) {
  const View after = After(decided);
  ToProto(*Find(after.world.subscriptions, result.customer_id, result.subscription_id), after,
          out->mutable_subscription());
  if (!result.scheduled_change_id.empty()) {
    ToProto(*Find(after.world.scheduled_changes, result.customer_id, result.scheduled_change_id), after,
            out->mutable_scheduled_change());
  }
  for (const std::string& id : result.dropped_change_ids) {
    ToProto(*Find(after.world.scheduled_changes, result.customer_id, id), after, out->add_dropped_changes());
  }
}

void ToProto(const model::Subscription& row, const View& view, v1::Subscription* out) {
  out->set_name(domain::SubscriptionName(row.customer_id, row.subscription_id));
  out->set_service_plan(domain::ServicePlanName(row.service_plan_id));
  out->set_display_name(row.display_name);
  const model::SubscriptionState state = domain::SubscriptionStateIn(view.world, row, view.today);
  const bool runs = state == model::SubscriptionState::kActive || state == model::SubscriptionState::kSuspended;
  out->set_state(static_cast<v1::Subscription::State>(state));
  SetTerms(row.terms, out);
  if (!runs) {  // a subscription that no longer runs promises nothing
    out->set_auto_renewal(false);
    out->set_renewal_term_months(0);
  }
  ToProto(row.start_date, out->mutable_start_date());
  if (row.replaced_by.has_value()) out->set_replaced_by(domain::SubscriptionName(row.customer_id, *row.replaced_by));
  out->set_renewal_paused(row.renewal_paused && runs);
  out->set_pending_changes(row.pending_changes);
  for (const std::string& id : row.components) out->add_components(domain::ProductName(id));
  const model::ServicePlan* plan = Find(view.world.catalog->service_plans, row.service_plan_id);
  out->set_updates_available(runs && plan != nullptr && plan->components != row.components);
  std::map<model::RowKey, const model::License*> by_product;
  for (const auto& [key, license] : Range(view.world.licenses, row.customer_id)) {
    if (license.subscription_id != row.subscription_id) continue;
    by_product[{license.product_id, license.license_id}] = &license;
  }
  if (const auto expiration = domain::ExpirationIn(view.world, row, view.today)) {
    ToProto(*expiration, out->mutable_expiration_date());
  }
  for (const auto& [product, license] : by_product) ToProto(*license, view, out->add_licenses());
  SetStamp(row.stamp, out);
  out->set_etag(domain::EtagOf(view.world, row));
}

}  // namespace lmp::wire
