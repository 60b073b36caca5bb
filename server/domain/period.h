// Terms in whole months of civil days.
#ifndef LMP_SERVER_DOMAIN_PERIOD_H_
#define LMP_SERVER_DOMAIN_PERIOD_H_

#include "storage/model/row.h"

namespace lmp::domain {

using model::Date;

inline constexpr int kMaxTermMonths = 66;
inline constexpr int kMaxMonthsAhead = 132;     // months from today to a license's expiration [ours]
inline constexpr int kMaxStartDaysBack = 31;    // how long ago a start may be [ours]
inline constexpr int kMaxStartDaysAhead = 366;  // how far ahead a start may be [ours]

// Returns `anchor` plus whole months: the same day of the month, or the last day if that month is shorter. Always count
// from the anchor (31 Jan + 1 = 28 Feb, + 2 = 31 Mar): adding one month twice would lose the day.
Date AddMonths(Date anchor, int months);

// The number of whole months m with AddMonths(anchor, m) <= day; negative if `day` is before the anchor.
int MonthsBetween(Date anchor, Date day);

// Returns `from` plus whole months. If `from` is itself a date of AddMonths(anchor, …), the months are counted from the
// anchor, so that a shortened month does not lose the day (28 Feb with the anchor 29 Feb, + 6 = 29 Aug). Terms go on
// this way, and limits in months are compared this way.
Date AddMonthsFrom(Date anchor, Date from, int months);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_PERIOD_H_
