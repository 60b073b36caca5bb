#include "server/wire/resources.h"

#include "absl/time/time.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/subscription/registration_key.h"
#include "server/domain/subscription/status.h"
#include "server/domain/subscription/terms.h"
#include "server/wire/fields.h"

namespace lmp::wire {
namespace {

// etag, create_time and update_time, which every resource has.
template <class Proto>
void SetStamp(const model::Stamp& stamp, Proto* out) {
  out->set_etag(domain::EtagOf(stamp));
  ToProto(stamp.create_time, out->mutable_create_time());
  ToProto(stamp.update_time, out->mutable_update_time());
}

// The settings that a plan has and a subscription copies.
template <class Proto>
void SetTerms(const model::PlanTerms& terms, Proto* out) {
  out->set_version(static_cast<v1::ServicePlan::Version>(terms.version));
  out->set_nfr(terms.nfr);
  out->set_initial_term_months(terms.initial_term_months);
  out->set_auto_renewal(terms.auto_renewal);
  out->set_renewal_term_months(terms.renewal_term_months);
  out->set_grace_period_days(terms.grace_period_days);
  out->set_expiration_notice_days(terms.expiration_notice_days);
  out->set_activation_policy(static_cast<v1::ServicePlan::ActivationPolicy>(terms.activation_policy));
  out->set_data_center(terms.data_center);
}

}  // namespace

void ToProto(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  out->set_seconds(seconds);
  out->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

void ToProto(const model::Partner& row, const View&, v1::Partner* out) {
  out->set_name(domain::PartnerName(row.partner_id));
  out->set_display_name(row.display_name);
  out->set_tier(static_cast<v1::Partner::Tier>(row.tier));
  if (row.parent_id.has_value()) out->set_parent(domain::PartnerName(*row.parent_id));
  out->set_state(static_cast<v1::Partner::State>(row.state));
  SetStamp(row.stamp, out);
}

void ToProto(const model::Customer& row, const View&, v1::Customer* out) {
  out->set_name(domain::CustomerName(row.customer_id));
  out->set_partner(domain::PartnerName(row.partner_id));
  out->set_display_name(row.display_name);
  out->set_city(row.city);
  out->set_region(row.region);
  out->set_country(row.country);
  out->set_address(row.address);
  out->set_postal_code(row.postal_code);
  out->set_industry(row.industry);
  out->set_note(row.note);
  for (const std::string& email : row.emergency_emails) out->add_emergency_emails(email);
  out->mutable_contact()->set_given_name(row.contact_given_name);
  out->mutable_contact()->set_family_name(row.contact_family_name);
  out->mutable_contact()->set_email(row.contact_email);
  if (row.external_id.has_value()) out->set_external_id(*row.external_id);
  out->mutable_annotations()->insert(row.annotations.begin(), row.annotations.end());
  out->set_state(static_cast<v1::Customer::State>(row.state));
  if (row.delete_time.has_value()) ToProto(*row.delete_time, out->mutable_delete_time());
  if (row.state == model::CustomerState::kDisabled && row.disable_time.has_value()) {
    ToProto(*row.disable_time, out->mutable_disable_time());
  }
  SetStamp(row.stamp, out);
}

void ToProto(const model::Product& row, const View&, v1::Product* out) {
  out->set_name(domain::ProductName(row.product_id));
  out->set_display_name(row.display_name);
  out->set_kind(static_cast<v1::Product::Kind>(row.kind));
  out->set_unit(static_cast<v1::Product::Unit>(row.unit));
  if (row.kind != model::ProductKind::kSuite) {
    out->set_min_units(row.min_units);
    out->set_max_units(row.max_units);
  }
  out->set_nfr_allowed(row.nfr_allowed);
  out->set_family(row.family);
  out->set_level(row.level);
  out->set_lifecycle(static_cast<v1::Product::Lifecycle>(row.lifecycle));
  for (const std::string& id : row.components) out->add_components(domain::ProductName(id));
  if (row.end_of_life_date.has_value()) ToProto(*row.end_of_life_date, out->mutable_end_of_life_date());
  SetStamp(row.stamp, out);
}

void ToProto(const model::ServicePlan& row, const View& view, v1::ServicePlan* out) {
  out->set_name(domain::ServicePlanName(row.service_plan_id));
  out->set_partner(domain::PartnerName(row.partner_id));
  out->set_display_name(row.display_name);
  out->set_product(domain::ProductName(row.product_id));
  SetTerms(row.terms, out);
  out->set_enabled(row.enabled);
  for (const std::string& id : row.components) out->add_components(domain::ProductName(id));
  out->set_state(static_cast<v1::ServicePlan::State>(domain::PlanStateOf(*view.world.catalog, row)));
  if (row.delete_time.has_value()) ToProto(*row.delete_time, out->mutable_delete_time());
  SetStamp(row.stamp, out);
}

void ToProto(const model::Subscription& row, const View& view, v1::Subscription* out) {
  out->set_name(domain::SubscriptionName(row.customer_id, row.subscription_id));
  out->set_service_plan(domain::ServicePlanName(row.service_plan_id));
  out->set_display_name(row.display_name);
  const model::SubscriptionState state = domain::SubscriptionStateIn(view.world, row, view.today);
  const bool runs = state == model::SubscriptionState::kActive || state == model::SubscriptionState::kSuspended;
  out->set_state(static_cast<v1::Subscription::State>(state));
  SetTerms(row.terms, out);
  if (!runs) {  // it promises nothing any more
    out->set_auto_renewal(false);
    out->set_renewal_term_months(0);
  }
  ToProto(row.start_date, out->mutable_start_date());
  if (row.replaced_by.has_value()) out->set_replaced_by(domain::SubscriptionName(row.customer_id, *row.replaced_by));
  out->set_renewal_paused(row.renewal_paused && runs);
  out->set_pending_changes(row.pending_changes);
  for (const std::string& id : row.components) out->add_components(domain::ProductName(id));
  const model::ServicePlan* plan = Find(view.world.catalog->service_plans, row.service_plan_id);
  out->set_updates_available(runs && plan != nullptr &&
                             plan->components != row.components);
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

void ToProto(const model::License& row, const View& view, v1::License* out) {
  out->set_name(domain::LicenseName(row.customer_id, row.license_id));
  out->set_product(domain::ProductName(row.product_id));
  out->set_product_kind(static_cast<v1::Product::Kind>(row.product_kind));
  out->set_unit(static_cast<v1::Product::Unit>(row.unit));
  out->set_units(row.units);
  if (row.used_units.has_value()) {
    out->set_used_units(*row.used_units);
    out->set_over_allocated(*row.used_units > row.units);
  }
  ToProto(row.start_date, out->mutable_start_date());
  const domain::StateOverlays overlays = domain::OverlaysIn(view.world, row);
  const domain::LicenseDates dates = domain::DatesOf(row, overlays);
  ToProto(dates.expiration, out->mutable_expiration_date());
  ToProto(dates.grace_end, out->mutable_grace_end_date());
  out->set_auto_renewal(dates.renewal.has_value());
  if (dates.renewal.has_value()) ToProto(*dates.renewal, out->mutable_renewal_date());
  out->set_expiration_notice_days(row.expiration_notice_days);
  ToProto(row.anchor_date, out->mutable_anchor_date());
  if (row.activation_code.has_value()) out->set_activation_code(*row.activation_code);
  if (row.subscription_id.has_value()) {
    out->set_subscription(domain::SubscriptionName(row.customer_id, *row.subscription_id));
  }
  out->set_state(static_cast<v1::License::State>(domain::LicenseStateOf(row, overlays, view.today)));
  out->set_nfr(row.nfr);
  out->set_trial(row.version == model::PlanVersion::kTrial);
  if (row.activate_time.has_value()) ToProto(*row.activate_time, out->mutable_activate_time());
  if (row.suspend_date.has_value()) ToProto(*row.suspend_date, out->mutable_suspend_date());
  SetStamp(row.stamp, out);
}

void ToProto(const model::LicensePool& row, const View&, v1::LicensePool* out) {
  out->set_name(domain::PoolName(row.partner_id, row.product_id));
  out->set_product(domain::ProductName(row.product_id));
  out->set_total_units(row.total);
  out->set_assigned_units(row.assigned);
  out->set_minimum_units(row.minimum);
  SetStamp(row.stamp, out);
}

void ToProto(const model::ScheduledChange& row, const View&, v1::ScheduledChange* out) {
  out->set_name(domain::ScheduledChangeName(row.customer_id, row.change_id));
  out->set_subscription(domain::SubscriptionName(row.customer_id, row.subscription_id));
  ToProto(row.effective_date, out->mutable_effective_date());
  const domain::TermsChange terms = domain::TermsOf(row);
  for (const auto& [product_id, units] : terms.units) {
    v1::ScheduledChange::Units* entry = out->add_units();
    entry->set_product(domain::ProductName(product_id));
    entry->set_units(units);
  }
  if (row.expiration_date.has_value()) ToProto(*row.expiration_date, out->mutable_expiration_date());
  if (row.auto_renewal.has_value()) out->set_auto_renewal(*row.auto_renewal);
  if (row.renewal_term_months.has_value()) out->set_renewal_term_months(*row.renewal_term_months);
  if (row.expiration_notice_days.has_value()) out->set_expiration_notice_days(*row.expiration_notice_days);
  out->set_state(static_cast<v1::ScheduledChange::State>(row.state));
  out->set_outcome(row.outcome);
  SetStamp(row.stamp, out);
}

void ToProto(const model::RegistrationKey& row, const View& view, v1::RegistrationKey* out) {
  out->set_name(domain::RegistrationKeyName(row.key_id));
  out->set_service_plan(domain::ServicePlanName(row.service_plan_id));
  for (const auto& [product_id, units] : domain::UnitsOf(row.units)) {
    v1::LicenseUnits* entry = out->add_units();
    entry->set_product(domain::ProductName(product_id));
    entry->set_units(units);
  }
  ToProto(row.expire_date, out->mutable_expire_date());
  out->set_note(row.note);
  out->set_state(static_cast<v1::RegistrationKey::State>(domain::StateOf(row, view.today)));
  out->set_partner(domain::PartnerName(row.partner_id));
  if (row.customer_id.has_value()) out->set_customer(domain::CustomerName(*row.customer_id));
  if (row.subscription_id.has_value()) {
    out->set_subscription(domain::SubscriptionName(*row.customer_id, *row.subscription_id));
  }
  if (row.redeem_time.has_value()) ToProto(*row.redeem_time, out->mutable_redeem_time());
  out->set_stale(domain::IsStale(*view.world.catalog, row, view.today));
  SetStamp(row.stamp, out);
}

void ToProto(const model::LicenseToken& row, const View&, v1::LicenseToken* out) {
  out->set_name(domain::LicenseTokenName(row.customer_id, row.token_id));
  out->set_license(domain::LicenseName(row.customer_id, row.license_id));
  out->set_key_id(row.key_id);
  out->set_token_id(row.token_id);
  ToProto(row.issue_time, out->mutable_issue_time());
  ToProto(row.expire_time, out->mutable_expire_time());
}

}  // namespace lmp::wire
