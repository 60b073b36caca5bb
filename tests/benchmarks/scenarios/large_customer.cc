#include "tests/benchmarks/fill/large_customer.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/load/workloads.h"
#include "tests/benchmarks/scenarios/judged.h"
#include "tests/benchmarks/scenarios/limits.h"

namespace lmp::bench {
namespace {

constexpr int kChecks = 100;  // in each round
constexpr int kAssigns = 5;
constexpr double kMostMsOfCheck = 2;
constexpr double kMostMsOfAssign = 300;

std::vector<double> Milliseconds(std::vector<double> micros) {
  for (double& value : micros) value /= 1000;
  return micros;
}

}  // namespace

absl::StatusOr<std::vector<Verdict>> MeasureLargeCustomer(const Options& options) {
  ASSIGN_OR_RETURN(const auto testbed, StartApart(options, {"--time-worker=0"}));
  RETURN_IF_ERROR(CreateLargeCustomerCatalog(testbed->side()));
  struct Kind {
    const char* name;
    int products;
    int licenses;
    std::string customer_id = "";
  };
  Kind kinds[] = {{"of 100 products", kLargeCustomerProducts, options.large_licenses},
                  {"of one product", 1, options.large_of_product}};
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, testbed->customers().Make(static_cast<int>(std::size(kinds))));
  for (size_t i = 0; i < std::size(kinds); ++i) {
    kinds[i].customer_id = ids[i];
    RETURN_IF_ERROR(GiveLicenses(testbed->side(), ids[i], kinds[i].licenses, kinds[i].products));
  }
  const auto name = [&](const char* call, const Kind& kind) {
    return absl::StrCat(call, ", a customer with ", kind.licenses, " licenses ", kind.name);
  };
  for (int round = 0; round < options.rounds; ++round) {
    for (const Kind& kind : kinds) {
      const Work check = Unary(testbed->service(), &LicensingRpcs::CheckLicense, [&kind](int64_t number) {
        return CheckRequest(kind.customer_id, LargeCustomerProduct(static_cast<int>(number % kind.products)));
      });
      RETURN_IF_ERROR(testbed->Measure(name(kCheck, kind), 1, [&] { return RunClosed(1, {.calls = kChecks}, check); }));
      const Work assign = AssignWork(testbed->service(), {kind.customer_id});
      RETURN_IF_ERROR(
          testbed->Measure(name(kAssign, kind), 1, [&] { return RunClosed(1, {.calls = kAssigns}, assign); }));
    }
  }
  std::vector<Verdict> verdicts;
  const auto judge = [&](const char* call, const Kind& kind, const char* what, double Sample::*field, double limit) {
    const std::string run = name(call, kind);
    verdicts.push_back(JudgeAtMost("B12", absl::StrCat(run, what),
                                   Milliseconds(Field(testbed->measurements().at({run, 1}), field)), "ms", limit));
  };
  for (const Kind& kind : kinds) {
    judge(kCheck, kind, ": processor time of the server", &Sample::server_us, kMostMsOfCheck);
    judge(kAssign, kind, ": p50", &Sample::p50_us, kMostMsOfAssign);
  }
  verdicts.push_back(JudgeAtMost("B12", "memory, most ever", {MemoryMb(testbed->service_pid(), "VmHWM")}, "MB", 250));
  return verdicts;
}

}  // namespace lmp::bench
