#include "server/wire/scheduled_change.h"

#include "server/domain/lookup.h"
#include "server/domain/subscription/scheduled_changes.h"
#include "server/domain/subscription/terms.h"

namespace lmp::wire {

void SetName(Fields& fields, const std::string& name, domain::CancelScheduledChangeCommand& command) {
  std::tie(command.customer_id, command.change_id) = fields.ChildName("name", name, "customers", "scheduledChanges");
}

void RenderCanceledChange(const engine::Decision& decided, const domain::SubscriptionResult& result,
                          v1::ScheduledChange* out) {
  ToProto(*Find(decided.after.scheduled_changes, result.customer_id, result.scheduled_change_id), After(decided), out);
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

}  // namespace lmp::wire
