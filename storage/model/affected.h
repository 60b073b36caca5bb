// How much hangs on a row: what somebody who is about to end a partner, a product or a suite wants to know first.
#ifndef LMP_STORAGE_MODEL_AFFECTED_H_
#define LMP_STORAGE_MODEL_AFFECTED_H_

#include <string>
#include <tuple>
#include <vector>

#include "storage/model/row.h"

namespace lmp::model {

// The row.
struct AffectedBy {
  enum class What { kPartner, kCustomer, kProduct, kSuite };
  What what = What::kPartner;
  std::string id;
  auto operator<=>(const AffectedBy&) const = default;
};

struct Affected {
  AffectedBy::What what = AffectedBy::What::kPartner;
  // Of a partner: those that are not deleted. Of a product or suite: those with licenses or subscriptions below.
  int customers = 0;
  int subscriptions = 0;  // ACTIVE and SUSPENDED ones
  int licenses = 0;       // that are not closed
  int service_plans = 0;  // of a product (on suites, too) or a suite; those that are not deleted
  bool more = false;      // counting ended at kMaxCounted
  // The first of them, by id: a partner's customers, a suite's plans, the licenses of a customer or product.
  std::vector<RowKey> first;
  bool operator==(const Affected&) const = default;
};

inline constexpr int kMaxCounted = 100'000;  // of each: all writers wait meanwhile
inline constexpr int kMaxFirst = 10;

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_AFFECTED_H_
