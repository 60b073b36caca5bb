// When something is due to a customer, and in what order it is applied to customers that draw on the same pools. The
// order is by day. On one day, what gives units back or leaves them alone (ends, renewals, what is told of coming ends)
// comes before what may take units (scheduled changes); each of these is in order of customer. All who apply what is
// due use this one order, so that they come to the same state.
#ifndef LMP_STORAGE_MODEL_DUE_H_
#define LMP_STORAGE_MODEL_DUE_H_

#include <compare>
#include <string>

#include "storage/model/row.h"

namespace lmp::model {

struct Due {
  Date day;
  bool change = false;  // true if the next thing due to the customer is a scheduled change
  std::string customer_id;
  int what = 0;    // of one customer: renewals come before what is told of coming ends, that before ends,
  std::string id;  // each in order of the id of its subscription or license
  std::strong_ordering operator<=>(const Due&) const = default;
};

// A Due after everything that is due by this day, and before anything that is due later.
inline Due EndOfDay(Date day) { return {.day = day + 1, .customer_id = ""}; }

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_DUE_H_
