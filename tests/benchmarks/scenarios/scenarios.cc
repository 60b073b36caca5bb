#include "tests/benchmarks/scenarios/scenarios.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/load/workloads.h"
#include "tests/benchmarks/servers/direct.h"

namespace lmp::bench {
namespace {

constexpr size_t kBatch = 32;        // as the engine's
constexpr size_t kBatchThreads = 2;  // as the engine's
constexpr int kLonelyAssigns = 200;  // calls of a run with one caller
constexpr int kOneCustomerAssigns = 400;

absl::Status MeasureService(Testbed& testbed, int callers, int count) {
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, testbed.customers().Make(count));
  const Work work = AssignWork(testbed.service(), ids);
  return testbed.Measure(kAssign, callers, [&] { return RunClosed(callers, {.calls = count}, work); });
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

// A direct form; not at all with more callers than there are connections.
absl::Status MeasureOnConnections(Testbed& testbed, const char* name, int callers, const Limit& limit,
                                  const std::function<absl::Status(storage::Connection&, int64_t)>& call) {
  if (static_cast<size_t>(callers) > testbed.connections().size()) return absl::OkStatus();
  return testbed.Measure(
      name, callers, [&] { return RunDirect(testbed.connections(), callers, limit, call); }, Target::kDatabase);
}

absl::Status MeasureCheckDirect(Testbed& testbed, int callers, const Limit& limit, const Shuffled& ids) {
  return MeasureOnConnections(testbed, kCheckDirect, callers, limit, [&](storage::Connection& connection, int64_t i) {
    return CheckDirectly(connection, {{ids[i], ProductOf(i)}});
  });
}

// Batched by hand: kBatch of the callers' calls in each of `call`, on as many threads as the engine has.
absl::Status MeasureByHand(Testbed& testbed, const char* name, int callers, const Limit& limit,
                           const std::function<absl::Status(storage::Connection&, int64_t)>& call) {
  const auto threads = static_cast<int>(std::min(kBatchThreads, testbed.connections().size()));
  const auto load = [&] {
    Run run = RunDirect(testbed.connections(), threads, limit, call);
    run.calls *= static_cast<int64_t>(kBatch);
    return run;
  };
  return testbed.Measure(name, callers, load, Target::kDatabase);
}

absl::Status MeasureCheckBatches(Testbed& testbed, int callers, const Limit& limit, const Shuffled& ids) {
  return MeasureByHand(testbed, kCheckBatch, callers, limit, [&](storage::Connection& connection, int64_t i) {
    std::vector<model::RowKey> checks;
    for (int64_t j = 0; j < int64_t{kBatch}; ++j) {
      const int64_t number = i * int64_t{kBatch} + j;
      checks.emplace_back(ids[number], ProductOf(number));
    }
    return CheckDirectly(connection, checks);
  });
}

absl::Status MeasureDirect(Testbed& testbed, AssignRecorder& recorder, int callers, int count) {
  ASSIGN_OR_RETURN(const std::vector<Transaction> transactions, Record(testbed, recorder, count, 1));
  return MeasureOnConnections(testbed, kAssignDirect, callers, {.calls = count},
                              [&](storage::Connection& connection, int64_t i) {
                                return Send(connection, transactions[static_cast<size_t>(i)]);
                              });
}

absl::Status MeasureBlocks(Testbed& testbed, AssignRecorder& recorder, int callers, int count) {
  if (!testbed.side().is_mariadb()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Transaction> transactions, Record(testbed, recorder, count, 1));
  std::vector<Transaction> blocks;
  for (const Transaction& transaction : transactions) blocks.push_back({AsBlock(transaction)});
  return MeasureOnConnections(
      testbed, kAssignBlock, callers, {.calls = count},
      [&](storage::Connection& connection, int64_t i) { return Send(connection, blocks[static_cast<size_t>(i)]); });
}

absl::Status MeasureBatches(Testbed& testbed, AssignRecorder& recorder, int callers, int count) {
  const int whole = count / static_cast<int>(kBatch) * static_cast<int>(kBatch);
  ASSIGN_OR_RETURN(const std::vector<Transaction> transactions, Record(testbed, recorder, whole, kBatch));
  return MeasureByHand(testbed, kAssignBatch, callers, {.calls = static_cast<int64_t>(transactions.size())},
                       [&](storage::Connection& connection, int64_t i) {
                         return Send(connection, transactions[static_cast<size_t>(i)]);
                       });
}

// A fresh customer each round: what one has had grows with every assignment.
absl::Status MeasureOneCustomer(Testbed& testbed, int count) {
  ASSIGN_OR_RETURN(const Licensed licensed, MakeLicensed(testbed, 1));
  const Work work = AssignWork(testbed.service(), licensed.customers);
  return testbed.Measure(kAssignOne, kOneCustomerCallers,
                         [&] { return RunClosed(kOneCustomerCallers, {.calls = count}, work); });
}

}  // namespace

absl::Status MeasureReads(Testbed& testbed) {
  const Options& options = testbed.options();
  ASSIGN_OR_RETURN(const Licensed licensed, MakeLicensed(testbed, options.check_customers));
  ASSIGN_OR_RETURN(const std::vector<std::string> large, MakeLarge(testbed, std::min(64, options.check_customers)));
  struct Form {
    const char* name;
    Target target;
    Work work;
  };
  const std::vector<std::string>& ids = licensed.customers;
  const Form forms[] = {
      {kEcho, Target::kEcho, CheckWork(testbed.echo(), ids)},
      {kFloor, Target::kFloor, CheckWork(testbed.floor(), ids)},
      {kLoop, Target::kLoop, CheckWork(testbed.loop(), ids)},
      {kCheck, Target::kService, CheckWork(testbed.service(), ids)},
      {kCheckCached, Target::kService, CheckWork(testbed.service(), ids, kMaxStaleness)},
      {kGet, Target::kService, GetWork(testbed.service(), licensed.licenses)},
      {kList, Target::kService, ListWork(testbed.service(), large)},
  };
  const Limit limit{.time = absl::Seconds(options.seconds)};
  for (const Form& form : forms) RETURN_IF_ERROR(FirstError(RunClosed(options.judged(), limit, form.work)));  // warm up
  for (int round = 0; round < options.rounds; ++round) {
    for (const int callers : options.callers) {
      for (const Form& form : forms) {
        RETURN_IF_ERROR(testbed.Measure(
            form.name, callers, [&] { return RunClosed(callers, limit, form.work); }, form.target));
      }
      RETURN_IF_ERROR(MeasureCheckDirect(testbed, callers, limit, Shuffled(ids)));
    }
    RETURN_IF_ERROR(MeasureCheckBatches(testbed, options.judged(), limit, Shuffled(ids)));
  }
  return absl::OkStatus();
}

absl::Status MeasureWrites(Testbed& testbed) {
  const Options& options = testbed.options();
  AssignRecorder recorder(testbed.side());
  const int most = options.judged();
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
  ASSIGN_OR_RETURN(const Licensed licensed, MakeLicensed(testbed, 64));
  RETURN_IF_ERROR(FirstError(RunClosed(kCrowd, {.time = absl::Seconds(testbed.options().seconds)},
                                       CheckWork(testbed.service(), licensed.customers))));
  figures.loaded_mb = MemoryMb(testbed.service_pid(), "VmHWM");
  return figures;
}

}  // namespace lmp::bench
