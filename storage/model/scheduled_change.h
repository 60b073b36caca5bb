// A change of a subscription that waits for its day.
#ifndef LMP_STORAGE_MODEL_SCHEDULED_CHANGE_H_
#define LMP_STORAGE_MODEL_SCHEDULED_CHANGE_H_

#include "storage/model/row.h"

namespace lmp::model {

enum class ChangeState { kUnspecified, kPending, kApplied, kCanceled, kDropped };

template <>
struct EnumNames<ChangeState> {
  static constexpr absl::string_view kNames[] = {"STATE_UNSPECIFIED", "PENDING", "APPLIED", "CANCELED", "DROPPED"};
};

struct ScheduledChange {
  static constexpr absl::string_view kTable = "scheduled_changes";
  static constexpr int kKeyColumns = 2;

  std::string customer_id;
  std::string change_id;
  std::string subscription_id;
  Date effective_date;
  StringMap units;  // by product id, as decimal text; only products whose units change
  std::optional<Date> expiration_date;
  // The day from which terms after expiration_date are counted, if it is another subscription's; empty: from that date.
  std::optional<Date> anchor_date;
  std::optional<bool> auto_renewal;
  std::optional<int> renewal_term_months;
  std::optional<int> expiration_notice_days;
  ChangeState state = ChangeState::kPending;
  std::string outcome;  // the reason why it was dropped, for people
  Stamp stamp;

  bool operator==(const ScheduledChange&) const = default;

  template <class Self, class Visitor>
  static void Visit(Self& row, Visitor&& visit) {
    visit("customer_id", row.customer_id);
    visit("change_id", row.change_id);
    visit("subscription_id", row.subscription_id);
    visit("effective_date", row.effective_date);
    visit("units", row.units);
    visit("expiration_date", row.expiration_date);
    visit("anchor_date", row.anchor_date);
    visit("auto_renewal", row.auto_renewal);
    visit("renewal_term_months", row.renewal_term_months);
    visit("expiration_notice_days", row.expiration_notice_days);
    visit("state", row.state);
    visit("outcome", row.outcome);
    VisitStamp(row, visit);
  }
};

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_SCHEDULED_CHANGE_H_
