// Units of one product that a partner may hand out. A product without a pool is unlimited.
#ifndef LMP_STORAGE_MODEL_LICENSE_POOL_H_
#define LMP_STORAGE_MODEL_LICENSE_POOL_H_

#include "storage/model/row.h"

namespace lmp::model {

struct LicensePool {
  static constexpr absl::string_view kTable = "license_pools";
  static constexpr int kKeyColumns = 2;

  std::string partner_id;
  std::string product_id;
  int total = 0;
  int assigned = 0;  // units of all licenses of the product that are not closed, over all customers of the partner
  int minimum = 0;   // refill threshold; 0: no refill
  Stamp stamp;

  bool operator==(const LicensePool&) const = default;

  template <class Self, class Visitor>
  static void Visit(Self& row, Visitor&& visit) {
    visit("partner_id", row.partner_id);
    visit("product_id", row.product_id);
    visit("total", row.total);
    visit("assigned", row.assigned);
    visit("minimum", row.minimum);
    VisitStamp(row, visit);
  }
};

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_LICENSE_POOL_H_
