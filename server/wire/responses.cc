#include "server/wire/responses.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <tuple>

#include "absl/time/time.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/refusal.h"
#include "server/wire/fields.h"
#include "server/wire/status.h"

namespace lmp::wire {
namespace {

View After(const engine::Decision& decided) { return {decided.after, decided.env.today}; }
View Before(const engine::Decision& decided) { return {decided.before, decided.env.today}; }

using Plan = v1::AssignableServicePlan;

void SetAssignability(const absl::Status& status, Plan* out) {
  if (status.ok()) {
    out->set_assignability(Plan::ASSIGNABLE);
    return;
  }
  const domain::Refusal refusal = domain::RefusalOf(status);
  v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
  v1::ErrorReason_Parse(refusal.reason, &reason);
  if (reason == v1::CROSSGRADE_REQUIRED) {
    out->set_assignability(Plan::CROSSGRADE_REQUIRED);
    for (const domain::Duplicate& duplicate : refusal.duplicates) ToProto(duplicate, out->add_duplicates());
    return;
  }
  out->set_assignability(Plan::NOT_ASSIGNABLE);
  out->set_reason(reason);
  out->set_explanation(std::string(status.message()));
}

// The subscription that got licenses, and what the crossgrade did. Responses name these fields alike.
template <class Response>
void RenderCrossgrade(const engine::Decision& decided, const domain::CrossgradeResult& result, Response* out) {
  const View after = After(decided);
  ToProto(*Find(after.world.subscriptions, result.customer_id, result.subscription_id), after,
          out->mutable_subscription());
  for (const domain::DuplicateOutcome& duplicate : result.duplicates) {
    v1::CrossgradeOutcome* outcome = out->add_crossgrade_outcomes();
    outcome->set_product(domain::ProductName(duplicate.product_id));
    outcome->set_license(domain::LicenseName(result.customer_id, duplicate.license_id));
    if (duplicate.from_subscription_id.has_value()) {
      outcome->set_from_subscription(domain::SubscriptionName(result.customer_id, *duplicate.from_subscription_id));
    }
    outcome->set_resolution(static_cast<v1::Crossgrade::Resolution::Choice>(duplicate.resolution));
    ToProto(duplicate.before, Before(decided), outcome->mutable_before());
    ToProto(*Find(after.world.licenses, result.customer_id, duplicate.license_id), after, outcome->mutable_after());
    outcome->set_shortened(duplicate.shortened);
    for (const std::string& id : duplicate.others) {
      outcome->add_other_licenses(domain::LicenseName(result.customer_id, id));
    }
  }
  for (const std::string& id : result.replaced_subscriptions) {
    ToProto(*Find(after.world.subscriptions, result.customer_id, id), after, out->add_replaced_subscriptions());
  }
}

// Sets `advisories`, if the response has them.
void AddAdvisories(const engine::Decision& decided, google::protobuf::Message* response) {
  const google::protobuf::FieldDescriptor* field = response->GetDescriptor()->FindFieldByName("advisories");
  if (field == nullptr) return;
  for (const domain::Advisory& advisory : decided.advisories) {
    auto* out = static_cast<v1::Advisory*>(response->GetReflection()->AddMessage(response, field));
    out->set_code(static_cast<v1::AdvisoryCode>(advisory.code));
    out->set_resource(advisory.resource);
    out->set_text(advisory.text);
  }
}

// Sets `affected`, if the response has it and the decision does.
void AddAffected(const engine::Decision& decided, google::protobuf::Message* response) {
  const google::protobuf::FieldDescriptor* field = response->GetDescriptor()->FindFieldByName("affected");
  if (field == nullptr || !decided.affected.has_value()) return;
  const model::Affected& affected = *decided.affected;
  auto* out = static_cast<v1::Affected*>(response->GetReflection()->MutableMessage(response, field));
  out->set_customers(affected.customers);
  out->set_subscriptions(affected.subscriptions);
  out->set_licenses(affected.licenses);
  out->set_service_plans(affected.service_plans);
  out->set_more(affected.more);
  for (const auto& [id, child] : affected.first) {
    switch (affected.what) {
      case model::AffectedBy::What::kPartner:
        out->add_first(domain::CustomerName(id));
        break;
      case model::AffectedBy::What::kSuite:
        out->add_first(domain::ServicePlanName(id));
        break;
      case model::AffectedBy::What::kCustomer:
      case model::AffectedBy::What::kProduct:
        out->add_first(domain::LicenseName(id, child));
        break;
    }
  }
}

}  // namespace

void RenderPartner(const engine::Decision& decided, const std::string& partner_id, v1::Partner* out) {
  ToProto(*Find(decided.after.catalog->partners, partner_id), After(decided), out);
}

void RenderCustomer(const engine::Decision& decided, const std::string& customer_id, v1::Customer* out) {
  ToProto(*Find(decided.after.customers, customer_id), After(decided), out);
}

void RenderEnabledCustomer(const engine::Decision& decided, const domain::EnableCustomerResult& result, v1::Customer* out) {
  RenderCustomer(decided, result.customer_id, out);
  for (const std::string& id : result.ended_licenses) {
    const model::License& license = *Find(decided.after.licenses, result.customer_id, id);
    v1::Customer::Loss* loss = out->add_losses();
    loss->set_resource(domain::LicenseName(result.customer_id, id));
    loss->set_text(absl::StrCat("ended on ", absl::FormatCivilTime(license.grace_end_date),
                                ": disabled, it was not renewed on ", absl::FormatCivilTime(license.expiration_date)));
  }
  for (const auto& [key, change] : Range(decided.after.scheduled_changes, result.customer_id)) {
    const model::ScheduledChange* before = Find(decided.before.scheduled_changes, key.first, key.second);
    if (change.state != model::ChangeState::kDropped || before == nullptr ||
        before->state != model::ChangeState::kPending) {
      continue;
    }
    v1::Customer::Loss* loss = out->add_losses();
    loss->set_resource(domain::ScheduledChangeName(result.customer_id, key.second));
    loss->set_text(absl::StrCat("dropped: ", change.outcome));
  }
}

void RenderProduct(const engine::Decision& decided, const std::string& product_id, v1::Product* out) {
  ToProto(*Find(decided.after.catalog->products, product_id), After(decided), out);
}

void RenderServicePlan(const engine::Decision& decided, const std::string& service_plan_id, v1::ServicePlan* out) {
  ToProto(*Find(decided.after.catalog->service_plans, service_plan_id), After(decided), out);
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

void RenderRegistrationKey(const engine::Decision& decided, const std::string& key_id, v1::RegistrationKey* out) {
  ToProto(*Find(decided.after.registration_keys, key_id), After(decided), out);
}

void RenderRedemption(const engine::Decision& decided, const domain::RedeemRegistrationKeyResult& result,
            v1::RedeemRegistrationKeyResponse* out) {
  RenderRegistrationKey(decided, result.key_id, out->mutable_registration_key());
  RenderCrossgrade(decided, result, out);
}

void RenderBatchUpdate(const engine::Decision& decided, const domain::BatchUpdateSubscriptionsResult& result,
            v1::BatchUpdateSubscriptionsResponse* out) {
  for (const domain::SubscriptionResult& one : result.results) RenderSubscriptionChange(decided, one, out->add_results());
  for (const domain::SkippedSubscription& one : result.skipped) {
    auto* skipped = out->add_skipped();
    skipped->set_subscription(domain::SubscriptionName(result.customer_id, one.subscription_id));
    std::string reason;
    *skipped->mutable_error() = ToRpcStatus(one.why, "", &reason);
  }
}

void RenderSubscriptionChange(const engine::Decision& decided, const domain::SubscriptionResult& result, v1::SubscriptionChangeResponse* out) {
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

void RenderCanceledChange(const engine::Decision& decided, const domain::SubscriptionResult& result, v1::ScheduledChange* out) {
  ToProto(*Find(decided.after.scheduled_changes, result.customer_id, result.scheduled_change_id), After(decided), out);
}

void RenderLicense(const engine::Decision& decided, const model::RowKey& license, v1::License* out) {
  ToProto(*Find(decided.after.licenses, license.first, license.second), After(decided), out);
}

void RenderLicensePool(const engine::Decision& decided, const model::RowKey& pool, v1::LicensePool* out) {
  ToProto(*Find(decided.after.pools, pool.first, pool.second), After(decided), out);
}

void RenderLicenseCheck(const domain::LicenseCheck& check, absl::Time read_time, v1::CheckLicenseResponse* out) {
  out->set_usable(check.usable);
  out->set_reason(static_cast<v1::CheckLicenseResponse::Reason>(check.reason));
  ToProto(read_time, out->mutable_read_time());
  if (check.license == nullptr) return;
  out->set_license(domain::LicenseName(check.license->customer_id, check.license->license_id));
  out->set_state(static_cast<v1::License::State>(check.state));
  out->set_units(Capped(check.units));
  if (check.used_units.has_value()) out->set_used_units(Capped(*check.used_units));
  ToProto(check.dates.expiration, out->mutable_expiration_date());
  ToProto(check.dates.grace_end, out->mutable_grace_end_date());
}

void RenderAssignable(const View& view, const model::Customer& customer, const domain::Env& env,
                      v1::ListAssignableServicePlansResponse* out) {
  const model::Catalog& catalog = *view.world.catalog;
  for (const auto& [key, plan] : catalog.service_plans) {
    if (plan.partner_id != customer.partner_id || plan.delete_time.has_value()) continue;
    Plan item;
    ToProto(plan, view, item.mutable_service_plan());
    if (item.service_plan().state() == v1::ServicePlan::END_OF_LIFE) continue;
    SetAssignability(domain::CheckPlanForCustomer(view.world, customer, plan, env), &item);
    for (const std::string& id : plan.components) {
      ToProto(*Find(catalog.products, id), view, item.add_products());
    }
    *out->add_plans() = std::move(item);
  }
  std::sort(out->mutable_plans()->begin(), out->mutable_plans()->end(), [](const Plan& a, const Plan& b) {
    const auto order = [](const Plan& plan) {
      return std::make_tuple(plan.assignability() == Plan::NOT_ASSIGNABLE, plan.service_plan().display_name());
    };
    return order(a) < order(b);
  });
}

absl::StatusOr<std::string> FinishResponse(const engine::Decision& decided, const Asked& asked, google::protobuf::Message* response) {
  AddAdvisories(decided, response);
  AddAffected(decided, response);
  RETURN_IF_ERROR(AddPreview(decided, asked, response));
  return response->SerializeAsString();
}

}  // namespace lmp::wire
