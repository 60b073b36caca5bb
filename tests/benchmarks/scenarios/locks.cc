#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "server/domain/lookup.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/load/workloads.h"
#include "tests/benchmarks/scenarios/judged.h"
#include "tests/benchmarks/scenarios/limits.h"

namespace lmp::bench {
namespace {

constexpr int kCallers = 16;
constexpr int kWaiting = 4;           // calls that need what is locked
constexpr double kRunsInSeconds = 3;  // times Options::seconds
constexpr double kMostOfP99 = 3.0;
constexpr char kOtherPartner[] = "bench-msp-two";

Work NoteWork(const Stubs& stubs, const std::vector<std::string>& customer_ids) {
  return Unary(stubs, &CustomerRpcs::UpdateCustomer, [pick = Shuffled(customer_ids)](int64_t number) {
    v1::UpdateCustomerRequest request;
    request.mutable_customer()->set_name(domain::CustomerName(pick[number]));
    request.mutable_customer()->set_note(absl::StrCat("note ", number));
    return request;
  });
}

// Gives customers to another partner, who like the first has pools of all that they have.
absl::Status MoveToOtherPartner(storage::Connection& side, const std::vector<std::string>& customer_ids) {
  RETURN_IF_ERROR(side.Execute(
      absl::StrCat("CREATE TEMPORARY TABLE other AS SELECT * FROM partners WHERE partner_id = '", kPartner, "'")));
  RETURN_IF_ERROR(side.Execute(absl::StrCat("UPDATE other SET partner_id = '", kOtherPartner, "'")));
  RETURN_IF_ERROR(side.Execute("INSERT INTO partners SELECT * FROM other"));
  for (const std::string& id : customer_ids) {
    RETURN_IF_ERROR(
        side.Update("UPDATE customers SET partner_id = ? WHERE customer_id = ?", {std::string(kOtherPartner), id})
            .status());
  }
  return side
      .Update(
          "INSERT INTO license_pools (partner_id, product_id, total, assigned, minimum, revision, "
          "create_time, update_time) SELECT c.partner_id, l.product_id, 100000000, SUM(l.units), 0, 1, "
          "UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM licenses l JOIN customers c USING (customer_id) "
          "GROUP BY c.partner_id, l.product_id",
          {})
      .status();
}

// One load while another session holds `rows`, and calls wait for them.
absl::Status MeasureBeside(Testbed& testbed, const std::string& name, const std::string& rows, const Work& waiting,
                           const std::function<absl::Status()>& measure) {
  storage::Connection& locker = *testbed.connections().front();
  RETURN_IF_ERROR(locker.Execute("BEGIN"));
  RETURN_IF_ERROR(locker.Execute(absl::StrCat("SELECT * FROM ", rows, " FOR UPDATE")));
  absl::BlockingCounter pending(kWaiting);
  for (int i = 0; i < kWaiting; ++i) {
    waiting(i, static_cast<size_t>(i), [&](const grpc::Status&) { pending.DecrementCount(); });
  }
  const absl::Status measured = measure();
  RETURN_IF_ERROR(locker.Execute("ROLLBACK"));
  pending.Wait();
  return measured.ok() ? measured : absl::InternalError(absl::StrCat(name, ": ", measured.message()));
}

}  // namespace

absl::StatusOr<std::vector<Verdict>> MeasureLocks(const Options& options) {
  ASSIGN_OR_RETURN(const auto testbed, StartApart(options, {"--time-worker=0"}));
  ASSIGN_OR_RETURN(const Licensed ours, MakeLicensed(*testbed, options.check_customers));
  ASSIGN_OR_RETURN(const Licensed theirs, MakeLicensed(*testbed, kWaiting));
  RETURN_IF_ERROR(MoveToOtherPartner(testbed->side(), theirs.customers));
  const Work notes = NoteWork(testbed->service(), ours.customers);
  const Work waiting = NoteWork(testbed->service(), theirs.customers);
  const std::string usual = "UpdateCustomer", customer = "UpdateCustomer beside a locked customer",
                    pool = "UpdateCustomer beside a locked pool";
  const auto measure = [&](const std::string& name) {
    const Limit limit{.time = absl::Seconds(options.seconds * kRunsInSeconds)};
    return testbed->Measure(name, kCallers, [&] { return RunClosed(kCallers, limit, notes); });
  };
  RETURN_IF_ERROR(measure("warm up"));
  for (int round = 0; round < options.rounds; ++round) {
    RETURN_IF_ERROR(measure(usual));
    RETURN_IF_ERROR(MeasureBeside(*testbed, customer,
                                  absl::StrCat("customers WHERE partner_id = '", kOtherPartner, "'"), waiting,
                                  [&] { return measure(customer); }));
    RETURN_IF_ERROR(MeasureBeside(*testbed, pool,
                                  absl::StrCat("license_pools WHERE partner_id = '", kOtherPartner, "'"), waiting,
                                  [&] { return measure(pool); }));
  }
  std::vector<Verdict> verdicts;
  const auto p99 = [&](const std::string& name) {
    return Field(testbed->measurements().at({name, kCallers}), &Sample::p99_us);
  };
  for (const std::string& name : {customer, pool}) {
    verdicts.push_back(JudgeRatio("B16", absl::StrCat("p99 of ", name, " / usual"), p99(name), p99(usual), "us",
                                  Bound::kAtMost, kMostOfP99));
  }
  return verdicts;
}

}  // namespace lmp::bench
