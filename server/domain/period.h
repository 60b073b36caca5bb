// Terms in whole months of civil days.
#ifndef LMP_SERVER_DOMAIN_PERIOD_H_
#define LMP_SERVER_DOMAIN_PERIOD_H_

#include "storage/model/row.h"

namespace lmp::domain {

using model::Date;

inline constexpr int kMaxTermMonths = 66;
inline constexpr int kMaxMonthsAhead = 132;     // from today to a license's expiration [ours]
inline constexpr int kMaxStartDaysBack = 31;    // [ours]
inline constexpr int kMaxStartDaysAhead = 366;  // [ours]

// `anchor` plus whole months: the same day of the month, or the last one if that month is shorter. Always count from
// the anchor (31 Jan + 1 = 28 Feb, + 2 = 31 Mar): adding one month twice would lose the day.
Date AddMonths(Date anchor, int months);

// Whole months m with AddMonths(anchor, m) <= day; negative if day is before the anchor.
int MonthsBetween(Date anchor, Date day);

// `from` plus whole months, where `from` may be such a date itself: then counted from the anchor, so that what was
// clamped is not lost (28 Feb with the anchor 29 Feb, + 6 = 29 Aug). How terms go on, and how limits in months are
// compared.
Date AddMonthsFrom(Date anchor, Date from, int months);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_PERIOD_H_
