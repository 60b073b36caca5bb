#include "server/domain/period.h"

#include <algorithm>

namespace lmp::domain {

Date AddMonths(Date anchor, int months) {
  const absl::CivilMonth month = absl::CivilMonth(anchor) + months;
  const int last_day = (Date(month + 1) - 1).day();  // CivilDay would turn 31 Feb into a day of March
  return Date(month.year(), month.month(), std::min(anchor.day(), last_day));
}

int MonthsBetween(Date anchor, Date day) {
  const int months = static_cast<int>(absl::CivilMonth(day) - absl::CivilMonth(anchor));
  return AddMonths(anchor, months) <= day ? months : months - 1;
}

Date AddMonthsFrom(Date anchor, Date from, int months) {
  const int passed = MonthsBetween(anchor, from);
  return AddMonths(anchor, passed) == from ? AddMonths(anchor, passed + months) : AddMonths(from, months);
}

}  // namespace lmp::domain
