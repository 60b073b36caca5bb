#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "server/domain/lookup.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/load/workloads.h"
#include "tests/benchmarks/scenarios/judged.h"
#include "tests/benchmarks/scenarios/limits.h"

namespace lmp::bench {
namespace {

constexpr absl::Duration kUsualDay = absl::Seconds(1), kFirstOfDay = absl::Seconds(5);
constexpr absl::Duration kPause = absl::Milliseconds(50);
constexpr double kMostPerPage = 2.0;
constexpr double kMostMsOfPage = 500;
constexpr double kMostSecondsOfFirstWrite = 10;

// A list whose first page is measured.
struct Page {
  const char* name;
  Work work;
};

template <class Request, class Response>
Work PageWork(const Stubs& stubs,
              void (LicensingRpcs::*method)(grpc::ClientContext*, const Request*, Response*,
                                            std::function<void(grpc::Status)>),
              const std::string& parent) {
  return Unary(stubs, method, [parent](int64_t) {
    Request request;
    request.set_parent(parent);
    request.set_page_size(kPage);
    return request;
  });
}

std::vector<Page> PagesOf(const Stubs& stubs) {
  return {{"ListLicenses", PageWork(stubs, &LicensingRpcs::ListLicenses, "customers/-")},
          {"ListSubscriptions", PageWork(stubs, &LicensingRpcs::ListSubscriptions, "customers/-")},
          {"ListLicensePools", PageWork(stubs, &LicensingRpcs::ListLicensePools, "partners/-")}};
}

// Days from today to the first day on which something is due.
absl::StatusOr<int64_t> DaysToCome(storage::Connection& side) {
  ASSIGN_OR_RETURN(const auto rows, side.Query("SELECT MIN(DATEDIFF(due_date, UTC_DATE())) FROM licenses", {}));
  if (!rows->Next() || rows->IsNull(0)) return absl::InternalError("nothing will ever be due");
  return rows->Int64(0);
}

// Moves all dates, as if as many days had passed, at one moment.
absl::Status LetPass(storage::Connection& side, int64_t days) {
  const auto move = [&](const std::string& table, const std::vector<std::string>& columns) {
    std::string sql;
    for (const std::string& column : columns) {
      absl::StrAppend(&sql, sql.empty() ? absl::StrCat("UPDATE ", table, " SET ") : ", ", column, " = DATE_SUB(",
                      column, ", INTERVAL ", days, " DAY)");
    }
    return side.Execute(sql);
  };
  RETURN_IF_ERROR(side.Execute("BEGIN"));
  RETURN_IF_ERROR(side.Execute("UPDATE customers SET customer_id = customer_id"));  // as who writes to them locks them
  RETURN_IF_ERROR(move("licenses", {"start_date", "expiration_date", "grace_end_date", "anchor_date", "due_date"}));
  RETURN_IF_ERROR(move("subscriptions", {"start_date"}));
  RETURN_IF_ERROR(move("scheduled_changes", {"effective_date"}));
  return side.Execute("COMMIT");
}

absl::Status AddPools(storage::Connection& side, int customers) {
  for (const char* product : kProducts) {
    RETURN_IF_ERROR(
        side.Update("INSERT INTO license_pools (partner_id, product_id, total, assigned, minimum, revision, "
                    "create_time, update_time) SELECT DISTINCT partner_id, ?, 100000000, ?, 0, 1, "
                    "UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM customers",
                    {std::string(product), int64_t{kUnits} * customers})
            .status());
  }
  return absl::OkStatus();
}

// A change of each subscription to so many units, for tomorrow.
absl::Status ScheduleChanges(const Testbed& testbed, const std::vector<std::string>& subscriptions, int to) {
  const absl::CivilDay tomorrow = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) + 1;
  const Work work = Unary(testbed.service(), &LicensingRpcs::UpdateSubscription, [&](int64_t number) {
    v1::UpdateSubscriptionRequest request;
    request.mutable_subscription()->set_name(subscriptions[static_cast<size_t>(number)]);
    v1::LicenseUnits* units = request.add_units();
    units->set_product(domain::ProductName(kProducts[0]));
    units->set_units(to);
    request.mutable_effective_date()->set_year(static_cast<int>(tomorrow.year()));
    request.mutable_effective_date()->set_month(tomorrow.month());
    request.mutable_effective_date()->set_day(tomorrow.day());
    return request;
  });
  return FirstError(RunClosed(16, {.calls = static_cast<int64_t>(subscriptions.size())}, work));
}

// Asks for all kinds of pages again and again, as somebody does who looks at a list. Returns how long each kind took,
// in microseconds.
absl::StatusOr<std::vector<Histogram>> WatchPages(const std::vector<Page>& pages, absl::Duration time) {
  std::vector<Histogram> watched(pages.size());
  const absl::Time start = absl::Now();
  while (absl::Now() - start < time) {
    for (size_t i = 0; i < pages.size(); ++i) {
      const Run run = RunClosed(1, {.calls = 1}, pages[i].work);
      RETURN_IF_ERROR(FirstError(run));
      watched[i].Add(run.latencies);
    }
    absl::SleepFor(kPause);
  }
  return watched;
}

// Rounds of pages on a usual day, and while the next one begins, on which `what` is due, which `prepare` sees to.
// Another server on the same database has the time worker; it begins within a second.
absl::Status MeasurePages(Testbed& testbed, const std::string& what, const std::function<absl::Status()>& prepare,
                          std::vector<Verdict>& verdicts) {
  const std::vector<Page> pages = PagesOf(testbed.service());
  std::vector<std::vector<double>> usual(pages.size()), midnight(pages.size()), slowest(pages.size());
  ASSIGN_OR_RETURN(ServerProcess worker, testbed.StartBeside({"--time-worker=1"}));
  for (int round = 0; round <= testbed.options().rounds; ++round) {  // round 0 warms up
    RETURN_IF_ERROR(prepare());
    ASSIGN_OR_RETURN(const std::vector<Histogram> before, WatchPages(pages, kUsualDay));
    ASSIGN_OR_RETURN(const int64_t days, DaysToCome(testbed.side()));
    RETURN_IF_ERROR(LetPass(testbed.side(), days));
    ASSIGN_OR_RETURN(const std::vector<Histogram> after, WatchPages(pages, kFirstOfDay));
    for (size_t i = 0; round > 0 && i < pages.size(); ++i) {
      usual[i].push_back(before[i].Percentile(0.5));
      midnight[i].push_back(after[i].Percentile(0.5));
      slowest[i].push_back(after[i].Percentile(1) / 1000);
    }
  }
  StopServer(worker);
  for (size_t i = 0; i < pages.size(); ++i) {
    const std::string page = absl::StrCat(pages[i].name, ", a page in the first five seconds, ", what);
    verdicts.push_back(
        JudgeRatio("B11", absl::StrCat(page, " / usual"), midnight[i], usual[i], "us", Bound::kAtMost, kMostPerPage));
    verdicts.push_back(JudgeAtMost("B11", absl::StrCat(page, ", the slowest"), slowest[i], "ms", kMostMsOfPage));
  }
  return absl::OkStatus();
}

// The first command on the pools has time pass for all who draw on them, if no worker came before.
absl::Status MeasureFirstWrite(Testbed& testbed, const std::string& what, const std::function<absl::Status()>& prepare,
                               std::vector<Verdict>& verdicts) {
  RETURN_IF_ERROR(prepare());
  ASSIGN_OR_RETURN(const int64_t days, DaysToCome(testbed.side()));
  RETURN_IF_ERROR(LetPass(testbed.side(), days));
  ASSIGN_OR_RETURN(const std::vector<std::string> fresh, testbed.customers().Make(1));
  const Run run = RunClosed(1, {.calls = 1}, AssignWork(testbed.service(), fresh));
  RETURN_IF_ERROR(FirstError(run));
  verdicts.push_back(JudgeAtMost("B11", absl::StrCat("the first AssignServicePlan, ", what), {run.seconds}, "s",
                                 kMostSecondsOfFirstWrite));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Verdict>> MeasureMidnight(const Options& options) {
  ASSIGN_OR_RETURN(const auto testbed, StartApart(options, {"--time-worker=0"}));
  std::vector<Verdict> verdicts;
  ASSIGN_OR_RETURN(const Licensed renewing, MakeLicensed(*testbed, options.due_customers));
  RETURN_IF_ERROR(AddPools(testbed->side(), options.due_customers));
  int units = kUnits;
  const std::pair<std::string, std::function<absl::Status()>> kinds[] = {
      {"renewals", [] { return absl::OkStatus(); }},
      {"scheduled changes", [&] { return ScheduleChanges(*testbed, renewing.subscriptions, ++units); }}};
  for (const auto& [kind, prepare] : kinds) {
    const std::string what = absl::StrCat(options.due_customers, " ", kind, " due");
    RETURN_IF_ERROR(MeasurePages(*testbed, what, prepare, verdicts));
    RETURN_IF_ERROR(MeasureFirstWrite(*testbed, what, prepare, verdicts));
  }
  return verdicts;
}

}  // namespace lmp::bench
