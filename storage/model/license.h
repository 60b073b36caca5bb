// One product for one customer. The license is live on [start_date, expiration_date), and grace lasts until
// grace_end_date.
#ifndef LMP_STORAGE_MODEL_LICENSE_H_
#define LMP_STORAGE_MODEL_LICENSE_H_

#include "storage/model/product.h"
#include "storage/model/row.h"
#include "storage/model/service_plan.h"

namespace lmp::model {

// The state is computed from the row, its overlays and the time (server/domain/license/license_status.h); it is never
// stored.
enum class LicenseState {
  kUnspecified,
  kPending,
  kActive,
  kExpiringSoon,
  kGrace,
  kExpired,
  kNotActivated,
  kSuspended,
  kDisabled
};

template <>
struct EnumNames<LicenseState> {
  static constexpr absl::string_view kNames[] = {"STATE_UNSPECIFIED", "PENDING",   "ACTIVE",
                                                 "EXPIRING_SOON",     "GRACE",     "EXPIRED",
                                                 "NOT_ACTIVATED",     "SUSPENDED", "DISABLED"};
};

struct License {
  static constexpr absl::string_view kTable = "licenses";
  static constexpr int kKeyColumns = 2;
  static constexpr absl::string_view kMark = "due_date";

  std::string customer_id;
  std::string license_id;
  std::string product_id;
  ProductKind product_kind = ProductKind::kUnspecified;  // SERVICE or SOFTWARE
  ProductUnit unit = ProductUnit::kUnspecified;
  int units = 0;
  std::optional<int> used_units;  // as last reported
  Date start_date;
  Date expiration_date;
  Date grace_end_date;
  Date anchor_date;  // terms are counted in whole months from here, which keeps the 31st through a February
  int expiration_notice_days = 30;
  PlanVersion version = PlanVersion::kFull;
  bool nfr = false;
  ActivationPolicy activation_policy = ActivationPolicy::kOnAssignment;
  std::optional<absl::Time> activate_time;
  std::optional<std::string> activation_code;  // only for software; unique over all partners
  std::optional<std::string> subscription_id;  // empty: the license is unbundled
  std::optional<Date> suspend_date;            // the license is suspended from this day on, until it is unsuspended
  // The next day on which time changes something by itself (a renewal, a scheduled change, what the history tells of
  // the coming end, the end); empty if nothing will. The engine sets it, so that a reader and the worker need not look
  // further. It is a mark and no fact: it follows from the rows (server/domain/subscription/due.h). So a new due date
  // is no change of the license: it makes no event and no revision, and is in no image.
  std::optional<Date> due_date;
  // True once the license has ended for good, and its units and its place as the one license of a service are free
  // again. It is set when time or a cancellation ends the license. That is the last change of the row, so the stamp
  // says when.
  bool closed = false;
  // How far the history has told of the coming end: the expiration_date once it said that the notice begins, the
  // grace_end_date once it said that the license has expired. Any other date is of an end that was moved since: of the
  // end that is coming now nothing was told (server/domain/license/announcement.h).
  std::optional<Date> announced_date;
  Stamp stamp;

  bool operator==(const License&) const = default;

  template <class Self, class Visitor>
  static void Visit(Self& row, Visitor&& visit) {
    visit("customer_id", row.customer_id);
    visit("license_id", row.license_id);
    visit("product_id", row.product_id);
    visit("product_kind", row.product_kind);
    visit("unit", row.unit);
    visit("units", row.units);
    visit("used_units", row.used_units);
    visit("start_date", row.start_date);
    visit("expiration_date", row.expiration_date);
    visit("grace_end_date", row.grace_end_date);
    visit("anchor_date", row.anchor_date);
    visit("expiration_notice_days", row.expiration_notice_days);
    visit("version", row.version);
    visit("nfr", row.nfr);
    visit("activation_policy", row.activation_policy);
    visit("activate_time", row.activate_time);
    visit("activation_code", row.activation_code);
    visit("subscription_id", row.subscription_id);
    visit("suspend_date", row.suspend_date);
    visit("due_date", row.due_date);
    visit("closed", row.closed);
    visit("announced_date", row.announced_date);
    VisitStamp(row, visit);
  }
};

// True if two rows that differ do so only in a mark of the engine.
template <class Row>
bool OnlyMarkDiffers(const Row&, const Row&) {
  return false;
}
inline bool OnlyMarkDiffers(const License& one, const License& other) {
  if (one.due_date == other.due_date) return false;
  License marked = one;
  marked.due_date = other.due_date;
  return marked == other;
}

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_LICENSE_H_
