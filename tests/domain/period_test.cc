// Month arithmetic against an oracle that shares no code with it: std::chrono's calendar.
#include "server/domain/period.h"

#include <gtest/gtest.h>

#include <chrono>

namespace lmp::domain {
namespace {

using std::chrono::year_month_day;

Date FromChrono(const year_month_day& day) {
  return Date(static_cast<int>(day.year()), static_cast<int>(static_cast<unsigned>(day.month())),
              static_cast<int>(static_cast<unsigned>(day.day())));
}

// The same day some months later, or the last day of that month if there is no such day.
year_month_day MonthsLater(const year_month_day& day, int months) {
  const year_month_day later = day + std::chrono::months(months);
  return later.ok() ? later : year_month_day(later.year() / later.month() / std::chrono::last);
}

// Calls `visit` for every day from 2023-01-01 to 2032-12-31.
template <class Visitor>
void ForEachDay(Visitor&& visit) {
  using std::chrono::sys_days;
  const sys_days last{std::chrono::year(2032) / 12 / 31};
  for (sys_days day{std::chrono::year(2023) / 1 / 1}; day <= last; day += std::chrono::days(1)) {
    visit(year_month_day(day));
  }
}

TEST(AddMonths, AgreesWithTheCalendarOnEveryDayOfTenYearsAndEveryTerm) {
  int cases = 0, wrong = 0;
  ForEachDay([&](const year_month_day& day) {
    const Date anchor = FromChrono(day);
    for (int months = 1; months <= kMaxTermMonths; ++months, ++cases) {
      const Date expected = FromChrono(MonthsLater(day, months));
      if (AddMonths(anchor, months) == expected) continue;
      if (++wrong > 10) continue;
      ADD_FAILURE() << anchor << " + " << months << " = " << AddMonths(anchor, months) << ", not " << expected;
    }
  });
  EXPECT_EQ(cases, 3653 * 66);
  EXPECT_EQ(wrong, 0);
}

TEST(MonthsBetween, IsTheInverseOfAddMonths) {
  int wrong = 0;
  ForEachDay([&](const year_month_day& day) {
    const Date anchor = FromChrono(day);
    for (int months = 0; months <= kMaxTermMonths; ++months) {
      const Date end = FromChrono(MonthsLater(day, months));
      const bool right = MonthsBetween(anchor, end) == months && MonthsBetween(anchor, end - 1) == months - 1 &&
                         MonthsBetween(anchor, end + 1) == months;
      if (!right && ++wrong <= 10) ADD_FAILURE() << anchor << " to " << end << ", around " << months << " months";
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST(MonthsBetween, IsTheLargestNumberOfMonthsThatFits) {
  ForEachDay([&](const year_month_day& day) {
    if (day.year() != std::chrono::year(2024)) return;
    const Date anchor = FromChrono(day);
    for (int days = -400; days <= 400; ++days) {
      const Date other = anchor + days;
      const int months = MonthsBetween(anchor, other);
      ASSERT_LE(AddMonths(anchor, months), other) << anchor << " to " << other;
      ASSERT_GT(AddMonths(anchor, months + 1), other) << anchor << " to " << other;
    }
  });
}

TEST(AddMonths, ClampsToTheEndOfTheMonthAndKeepsTheAnchorDay) {
  EXPECT_EQ(AddMonths(Date(2026, 1, 31), 1), Date(2026, 2, 28));
  EXPECT_EQ(AddMonths(Date(2028, 1, 31), 1), Date(2028, 2, 29));
  EXPECT_EQ(AddMonths(Date(2026, 1, 31), 2), Date(2026, 3, 31));
  EXPECT_EQ(AddMonths(Date(2026, 1, 31), 3), Date(2026, 4, 30));
  EXPECT_EQ(AddMonths(Date(2028, 2, 29), 12), Date(2029, 2, 28));
  EXPECT_EQ(AddMonths(Date(2028, 2, 29), 48), Date(2032, 2, 29));
  EXPECT_EQ(AddMonths(Date(2026, 12, 15), 1), Date(2027, 1, 15));
}

TEST(AddMonths, OfNoMonthsIsTheSameDay) { EXPECT_EQ(AddMonths(Date(2028, 2, 29), 0), Date(2028, 2, 29)); }

TEST(AddMonths, CountsBackwardsToo) {
  EXPECT_EQ(AddMonths(Date(2026, 3, 31), -1), Date(2026, 2, 28));
  EXPECT_EQ(AddMonths(Date(2026, 1, 31), -2), Date(2025, 11, 30));
}

// What is true for a century's exception: 2100 is no leap year.
TEST(AddMonths, KnowsThat2100IsNoLeapYear) { EXPECT_EQ(AddMonths(Date(2100, 1, 31), 1), Date(2100, 2, 28)); }

TEST(AddMonthsFrom, KeepsTheAnchorsDayWhereTheDayIsATermOfIt) {
  const Date leap(2028, 2, 29);
  EXPECT_EQ(AddMonthsFrom(leap, Date(2029, 2, 28), 66), Date(2034, 8, 29));  // 12 months from the anchor, and 66 more
  EXPECT_EQ(AddMonthsFrom(leap, Date(2029, 2, 27), 66), Date(2034, 8, 27));  // no whole months: counted from itself
  EXPECT_EQ(AddMonthsFrom(leap, leap, 12), Date(2029, 2, 28));
  EXPECT_EQ(AddMonthsFrom(Date(2027, 1, 31), Date(2026, 6, 30), 1), Date(2026, 7, 31));  // before the anchor, too
}

}  // namespace
}  // namespace lmp::domain
