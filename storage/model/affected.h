// How much hangs on a row. Somebody who is about to end a partner, a product or a suite wants to know that first.
#ifndef LMP_STORAGE_MODEL_AFFECTED_H_
#define LMP_STORAGE_MODEL_AFFECTED_H_

#include <string>
#include <tuple>
#include <vector>

#include "storage/model/row.h"

namespace lmp::model {

// The row on which it hangs.
struct AffectedBy {
  enum class What { kPartner, kCustomer, kProduct, kSuite };
  What what = What::kPartner;
  std::string id;
  auto operator<=>(const AffectedBy&) const = default;
};

struct Affected {
  AffectedBy::What what = AffectedBy::What::kPartner;
  // For a partner: its customers that are not deleted. For a product or suite: the customers with counted licenses or
  // subscriptions.
  int customers = 0;
  int subscriptions = 0;  // those that are ACTIVE or SUSPENDED
  int licenses = 0;       // those that are not closed
  int service_plans = 0;  // for a product (also through suites) or a suite: the plans that are not deleted
  bool more = false;      // counting ended at kMaxCounted: there are more
  // The first of them, by id: customers of a partner, plans of a suite, licenses of a customer or a product.
  std::vector<RowKey> first;
  bool operator==(const Affected&) const = default;
};

inline constexpr int kMaxCounted = 100'000;  // of each noun; all writers wait while it is counted
inline constexpr int kMaxFirst = 10;

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_AFFECTED_H_
