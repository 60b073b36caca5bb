// A tenant: a distributor, or an MSP or reseller below one.
#ifndef LMP_STORAGE_MODEL_PARTNER_H_
#define LMP_STORAGE_MODEL_PARTNER_H_

#include "storage/model/row.h"

namespace lmp::model {

enum class PartnerTier { kUnspecified, kDistributor, kReseller };
enum class PartnerState { kUnspecified, kActive, kSuspended, kCanceled };

template <>
struct EnumNames<PartnerTier> {
  static constexpr absl::string_view kNames[] = {"TIER_UNSPECIFIED", "DISTRIBUTOR", "RESELLER"};
};
template <>
struct EnumNames<PartnerState> {
  static constexpr absl::string_view kNames[] = {"STATE_UNSPECIFIED", "ACTIVE", "SUSPENDED", "CANCELED"};
};

struct Partner {
  static constexpr absl::string_view kTable = "partners";
  static constexpr int kKeyColumns = 1;

  std::string partner_id;
  std::string display_name;
  PartnerTier tier = PartnerTier::kUnspecified;
  std::optional<std::string> parent_id;  // id of a distributor; set only for tier 2
  PartnerState state = PartnerState::kActive;
  Stamp stamp;

  bool operator==(const Partner&) const = default;

  template <class Self, class Visitor>
  static void Visit(Self& row, Visitor&& visit) {
    visit("partner_id", row.partner_id);
    visit("display_name", row.display_name);
    visit("tier", row.tier);
    visit("parent_id", row.parent_id);
    visit("state", row.state);
    VisitStamp(row, visit);
  }
};

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_PARTNER_H_
