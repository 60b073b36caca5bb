// When time has something to do for a customer, and in what order it does it for customers that draw on the same pools:
// day by day, and of one day first what gives units back or leaves them alone (ends, renewals), then what may take them
// (scheduled changes), each in order of customer. One order for all who let time pass, so that they come to one state.
#ifndef LMP_STORAGE_MODEL_DUE_H_
#define LMP_STORAGE_MODEL_DUE_H_

#include <compare>
#include <string>

#include "storage/model/row.h"

namespace lmp::model {

struct Due {
  Date day;
  bool change = false;  // the customer's next is a scheduled change
  std::string customer_id;
  int what = 0;    // of one customer renewals before ends,
  std::string id;  // each in order of subscription or license
  std::strong_ordering operator<=>(const Due&) const = default;
};

// After all that is due by this day, before anything of the next.
inline Due EndOfDay(Date day) { return {.day = day + 1, .customer_id = ""}; }

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_DUE_H_
