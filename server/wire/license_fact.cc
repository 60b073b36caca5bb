#include "server/wire/license_fact.h"

#include <string>

#include "server/domain/lookup.h"
#include "server/wire/fields.h"
#include "server/wire/resource.h"
#include "storage/model/world.h"
#include "storage/rows/images.h"

namespace lmp::wire {
namespace {

void Set(const model::License& row, const model::Event&, v1::LicenseFact& out) {
  v1::LicenseFact::License& fact = *out.mutable_license();
  fact.set_name(domain::LicenseName(row.customer_id, row.license_id));
  fact.set_product(domain::ProductName(row.product_id));
  fact.set_units(row.units);
  if (row.used_units.has_value()) fact.set_used_units(*row.used_units);
  ToProto(row.start_date, fact.mutable_start_date());
  ToProto(row.expiration_date, fact.mutable_expiration_date());
  ToProto(row.grace_end_date, fact.mutable_grace_end_date());
  fact.set_expiration_notice_days(row.expiration_notice_days);
  fact.set_awaits_activation(row.activation_policy == model::ActivationPolicy::kOnFirstSignIn &&
                             !row.activate_time.has_value());
  if (row.subscription_id.has_value())
    fact.set_subscription(domain::SubscriptionName(row.customer_id, *row.subscription_id));
  if (row.suspend_date.has_value()) ToProto(*row.suspend_date, fact.mutable_suspend_date());
  if (row.closed) ToProto(row.stamp.update_time, fact.mutable_close_time());
}

void Set(const model::Subscription& row, const model::Event&, v1::LicenseFact& out) {
  out.mutable_subscription()->set_name(domain::SubscriptionName(row.customer_id, row.subscription_id));
  out.mutable_subscription()->set_renews(row.state == model::SubscriptionState::kActive && row.terms.auto_renewal &&
                                         row.terms.renewal_term_months > 0);
}

void Set(const model::ScheduledChange& row, const model::Event&, v1::LicenseFact& out) {
  v1::LicenseFact::ScheduledChange& fact = *out.mutable_scheduled_change();
  fact.set_name(domain::ScheduledChangeName(row.customer_id, row.change_id));
  fact.set_subscription(domain::SubscriptionName(row.customer_id, row.subscription_id));
  ToProto(row.effective_date, fact.mutable_effective_date());
  fact.set_pending(row.state == model::ChangeState::kPending);
}

void Set(const model::Customer& row, const model::Event& event, v1::LicenseFact& out) {
  v1::LicenseFact::Customer& fact = *out.mutable_customer();
  fact.set_name(domain::CustomerName(row.customer_id));
  fact.set_partner(domain::PartnerName(row.partner_id));
  fact.set_disabled(row.state == model::CustomerState::kDisabled);
  fact.set_deleted(row.delete_time.has_value());
  fact.set_whole(!event.before.has_value());
}

void Set(const model::Partner& row, const model::Event&, v1::LicenseFact& out) {
  out.mutable_partner()->set_name(domain::PartnerName(row.partner_id));
  out.mutable_partner()->set_canceled(row.state == model::PartnerState::kCanceled);
}

void Set(const model::Product& row, const model::Event&, v1::LicenseFact& out) {
  out.mutable_product()->set_name(domain::ProductName(row.product_id));
  if (row.end_of_life_date.has_value())
    ToProto(*row.end_of_life_date, out.mutable_product()->mutable_end_of_life_date());
}

template <class Row>
bool SetIf(const model::Event& event, v1::LicenseFact& out) {
  if (event.row_table != Row::kTable) return false;
  const absl::StatusOr<Row> row = storage::RowOf<Row>(event.after);
  if (row.ok()) {
    Set(*row, event, out);
  } else if (Row::kTable != model::Partner::kTable && Row::kTable != model::Product::kTable) {
    out.set_unknown(domain::CustomerName(event.key1));
  }
  return true;
}

}  // namespace

v1::LicenseFact FactOf(const model::Event& event) {
  v1::LicenseFact fact;
  // Each looks at the table's name; at most one has it.
  static_cast<void>(SetIf<model::License>(event, fact) || SetIf<model::Subscription>(event, fact) ||
                    SetIf<model::ScheduledChange>(event, fact) || SetIf<model::Customer>(event, fact) ||
                    SetIf<model::Partner>(event, fact) || SetIf<model::Product>(event, fact));
  return fact;
}

}  // namespace lmp::wire
