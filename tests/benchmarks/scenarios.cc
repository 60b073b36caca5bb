#include "tests/benchmarks/scenarios.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/direct.h"

namespace lmp::bench {
namespace {

constexpr size_t kBatch = 32;        // as the engine's
constexpr int kBatchThreads = 2;     // as the engine's
constexpr int kLonelyAssigns = 200;  // calls of a run with one caller
constexpr int kOneCustomerAssigns = 400;

// The i-th of a fixed random order: neighbours in time are not neighbours in the table.
class Pick {
 public:
  explicit Pick(std::vector<std::string> ids) : ids_(std::move(ids)) {
    std::shuffle(ids_.begin(), ids_.end(), std::mt19937(1));
  }
  const std::string& Customer(int64_t i) const { return ids_[static_cast<size_t>(i) % ids_.size()]; }
  const char* Product(int64_t i) const { return kProducts[static_cast<size_t>(i / 7) % std::size(kProducts)]; }

 private:
  std::vector<std::string> ids_;
};

Run Check(const Stubs& stubs, int callers, double seconds, const Pick& pick) {
  return RunUnary<v1::CheckLicenseRequest, v1::CheckLicenseResponse>(
      stubs, callers, {.time = absl::Seconds(seconds)}, &AsyncStub::CheckLicense,
      [&](int64_t i) { return CheckRequest(pick.Customer(i), pick.Product(i)); });
}

Run Assign(const Stubs& stubs, int callers, const std::vector<std::string>& ids, int64_t calls) {
  return RunUnary<v1::AssignServicePlanRequest, v1::AssignServicePlanResponse>(
      stubs, callers, {.calls = calls}, &AsyncStub::AssignServicePlan,
      [&](int64_t i) { return AssignRequest(ids[static_cast<size_t>(i) % ids.size()]); });
}

absl::Status FirstError(const Run& run) {
  return run.errors == 0 ? absl::OkStatus() : absl::InternalError(run.first_error);
}

// Customers that have the suite, assigned by the service.
absl::StatusOr<std::vector<std::string>> MakeLicensed(Testbed& testbed, int count) {
  ASSIGN_OR_RETURN(std::vector<std::string> ids, testbed.customers().Make(count));
  RETURN_IF_ERROR(FirstError(Assign(testbed.service(), std::min(64, count), ids, count)));
  return ids;
}

absl::Status MeasureService(Testbed& testbed, int callers, int count) {
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, testbed.customers().Make(count));
  return testbed.Measure(kAssign, callers, [&] { return Assign(testbed.service(), callers, ids, count); });
}

absl::StatusOr<std::vector<Transaction>> Record(Testbed& testbed, AssignRecorder& recorder, int count, size_t batch) {
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, testbed.customers().Make(count));
  std::vector<Transaction> transactions;
  for (size_t i = 0; i < ids.size(); i += batch) {
    const auto from = ids.begin() + static_cast<std::ptrdiff_t>(i);
    const auto to = ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), i + batch));
    ASSIGN_OR_RETURN(transactions.emplace_back(), recorder.Record({from, to}));
  }
  return transactions;
}

absl::Status MeasureDirect(Testbed& testbed, AssignRecorder& recorder, int callers, int count) {
  ASSIGN_OR_RETURN(const std::vector<Transaction> transactions, Record(testbed, recorder, count, 1));
  return testbed.Measure(kAssignDirect, callers, [&] {
    return RunDirect(testbed.connections(), callers, {.calls = count}, [&](storage::Connection& connection, int64_t i) {
      return Send(connection, transactions[static_cast<size_t>(i)]);
    });
  });
}

absl::Status MeasureBlocks(Testbed& testbed, AssignRecorder& recorder, int callers, int count) {
  if (!testbed.side().is_mariadb()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Transaction> transactions, Record(testbed, recorder, count, 1));
  std::vector<Transaction> blocks;
  for (const Transaction& transaction : transactions) blocks.push_back({AsBlock(transaction)});
  return testbed.Measure(kAssignBlock, callers, [&] {
    return RunDirect(testbed.connections(), callers, {.calls = count}, [&](storage::Connection& connection, int64_t i) {
      return Send(connection, blocks[static_cast<size_t>(i)]);
    });
  });
}

// Counts customers, not transactions.
absl::Status MeasureBatches(Testbed& testbed, AssignRecorder& recorder, int callers, int count) {
  ASSIGN_OR_RETURN(const std::vector<Transaction> transactions, Record(testbed, recorder, count, kBatch));
  return testbed.Measure(kAssignBatch, callers, [&] {
    Run run = RunDirect(testbed.connections(), std::min(callers, kBatchThreads),
                        {.calls = static_cast<int64_t>(transactions.size())},
                        [&](storage::Connection& connection, int64_t i) {
                          return Send(connection, transactions[static_cast<size_t>(i)]);
                        });
    run.calls = count;
    return run;
  });
}

// A fresh customer each round: what one has had grows with every assignment.
absl::Status MeasureOneCustomer(Testbed& testbed, int count) {
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, MakeLicensed(testbed, 1));
  return testbed.Measure(kAssignOne, kOneCustomerCallers, [&] {
    return Assign(testbed.service(), kOneCustomerCallers, ids, count);
  });
}

}  // namespace

absl::Status MeasureReads(Testbed& testbed) {
  const Options& options = testbed.options();
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, MakeLicensed(testbed, options.check_customers));
  const Pick pick(ids);
  const int most = options.callers.back();
  for (const Stubs* stubs : {&testbed.echo(), &testbed.service()}) {  // warm up
    RETURN_IF_ERROR(FirstError(Check(*stubs, most, options.seconds / 2, pick)));
  }
  for (int round = 0; round < options.rounds; ++round) {
    for (const int callers : options.callers) {
      RETURN_IF_ERROR(testbed.Measure(kEcho, callers, [&] {
        return Check(testbed.echo(), callers, options.seconds, pick);
      }));
      RETURN_IF_ERROR(testbed.Measure(kCheck, callers, [&] {
        return Check(testbed.service(), callers, options.seconds, pick);
      }));
      RETURN_IF_ERROR(testbed.Measure(kCheckDirect, callers, [&] {
        return RunDirect(testbed.connections(), callers, {.time = absl::Seconds(options.seconds)},
                         [&](storage::Connection& connection, int64_t i) {
                           return CheckDirectly(connection, pick.Customer(i), pick.Product(i));
                         });
      }));
    }
  }
  return absl::OkStatus();
}

absl::Status MeasureWrites(Testbed& testbed) {
  const Options& options = testbed.options();
  AssignRecorder recorder(testbed.side());
  const int most = options.callers.back();
  RETURN_IF_ERROR(MakeLicensed(testbed, options.assigns / 2).status());  // warm up
  for (int round = 0; round < options.rounds; ++round) {
    RETURN_IF_ERROR(MeasureService(testbed, most, options.assigns * 2));
    RETURN_IF_ERROR(MeasureDirect(testbed, recorder, most, options.assigns));
    RETURN_IF_ERROR(MeasureBlocks(testbed, recorder, most, options.assigns));
    RETURN_IF_ERROR(MeasureBatches(testbed, recorder, most, options.assigns * 2));
    RETURN_IF_ERROR(MeasureOneCustomer(testbed, std::min(options.assigns, kOneCustomerAssigns)));
    const int lonely = std::min(options.assigns, kLonelyAssigns);
    RETURN_IF_ERROR(MeasureService(testbed, 1, lonely));
    RETURN_IF_ERROR(MeasureDirect(testbed, recorder, 1, lonely));
  }
  return absl::OkStatus();
}

absl::StatusOr<ProcessFigures> MeasureProcess(Testbed& testbed) {
  ProcessFigures figures{.start_with_database_seconds = testbed.start_with_database_seconds()};
  for (int round = 0; round < testbed.options().rounds; ++round) {
    ASSIGN_OR_RETURN(const Testbed::StartFigures start, testbed.StartAnother());
    figures.start_seconds.push_back(start.seconds);
    figures.idle_mb.push_back(start.idle_mb);
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, MakeLicensed(testbed, 64));
  RETURN_IF_ERROR(FirstError(Check(testbed.service(), kCrowd, testbed.options().seconds, Pick(ids))));
  figures.loaded_mb = MemoryMb(testbed.service_pid(), "VmHWM");
  return figures;
}

}  // namespace lmp::bench
