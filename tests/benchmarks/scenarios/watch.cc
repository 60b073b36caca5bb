#include "tests/benchmarks/scenarios/watch.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "lmp/license_cache.h"
#include "server/domain/lookup.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/load/open_loop.h"
#include "tests/benchmarks/load/workloads.h"
#include "tests/benchmarks/report/tally.h"

namespace lmp::bench {
namespace {

constexpr int64_t kChecksAtOnce = 1000;  // the clock is read once for so many
constexpr absl::Duration kReady = absl::Seconds(30);
constexpr absl::Duration kNumbered = absl::Seconds(60);

Verdict AtMost(std::string work, double limit, const char* unit, const std::vector<double>& values) {
  const Spread spread = SpreadOf(values);
  return {.id = "B8",
          .work = std::move(work),
          .target = absl::StrFormat("<= %.4g %s", limit, unit),
          .measured = absl::StrFormat("%.3g %s", spread.median, unit),
          .ratio = spread,
          .met = spread.median <= limit};
}

// One thread that asks about customer after customer, all of their products.
Run RunCache(const client::LicenseCache& cache, const std::vector<std::string>& customers, absl::Duration time) {
  std::vector<std::pair<std::string, std::string>> names;
  const Shuffled pick(customers);
  for (int64_t i = 0; i < std::ssize(customers) * 21; ++i)
    names.emplace_back(domain::CustomerName(pick[i]), domain::ProductName(ProductOf(i)));
  Tally tally;
  Histogram latencies;
  const Clock::time_point end = tally.start() + absl::ToChronoNanoseconds(time);
  size_t next = 0;
  while (Clock::now() < end) {
    const Clock::time_point start = Clock::now();
    for (int64_t i = 0; i < kChecksAtOnce; ++i) {
      const auto& [customer, product] = names[next];
      next = next + 1 == names.size() ? 0 : next + 1;
      const auto answer = cache.Check(customer, product);
      if (!answer.ok() || answer->from_server || !answer->response->usable()) tally.Fail("the cache has no answer");
    }
    // Of each call, by the microsecond: the rate says the rest.
    const int64_t micros = MicrosSince(start) / kChecksAtOnce;
    for (int64_t i = 0; i < kChecksAtOnce; ++i) latencies.Record(micros);
  }
  return tally.Finish(std::move(latencies));
}

// Reads one stream, and how old each event is when it comes.
class Watcher final {
 public:
  Watcher(const Stub& stub, Histogram& ages, std::atomic<int64_t>& received)
      : stream_(stub.licensing->WatchEvents(&context_, {})), thread_([this, &ages, &received] {
          v1::WatchEventsResponse message;
          while (stream_->Read(&message)) {
            const int64_t now = absl::ToUnixMicros(absl::Now());
            for (const v1::Event& event : message.events()) {
              ages.Record(now - (event.event_time().seconds() * 1'000'000 + event.event_time().nanos() / 1000));
            }
            received += message.events_size();
            ready_ = true;
          }
        }) {}
  ~Watcher() {
    context_.TryCancel();
    thread_.join();
    stream_->Finish();
  }
  bool ready() const { return ready_; }

 private:
  grpc::ClientContext context_;
  std::atomic<bool> ready_ = false;
  const std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>> stream_;
  std::thread thread_;
};

// A change of a customer: one transaction if it comes alone, and one event.
Work ChangeWork(const Stubs& stubs, std::vector<std::string> customers) {
  return Unary(stubs, &CustomerRpcs::UpdateCustomer, [ids = std::move(customers)](int64_t number) {
    v1::UpdateCustomerRequest request;
    request.mutable_customer()->set_name(domain::CustomerName(ids[static_cast<size_t>(number) % ids.size()]));
    request.mutable_customer()->set_note(absl::StrCat("change ", number));
    return request;
  });
}

absl::Status AwaitNumbers(storage::Connection& connection) {
  for (const absl::Time end = absl::Now() + kNumbered; absl::Now() < end; absl::SleepFor(absl::Milliseconds(20))) {
    ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT COUNT(*) FROM events WHERE sequence = 0", {}));
    if (rows->Next() && rows->Int64(0) == 0) return absl::OkStatus();
  }
  return absl::InternalError("the history does not get its order");
}

struct Delivery {
  double p50_ms = 0, p99_ms = 0, achieved = 0;
};

absl::StatusOr<Delivery> Deliver(Testbed& testbed, const WatchLoad& load, const std::vector<std::string>& customers) {
  Histogram ages;
  std::atomic<int64_t> received = 0;
  std::vector<std::unique_ptr<Watcher>> watchers;
  const Stubs& stubs = testbed.service();
  for (int i = 0; i < load.watchers; ++i)
    watchers.push_back(std::make_unique<Watcher>(stubs[static_cast<size_t>(i) % stubs.size()], ages, received));
  const absl::Time end = absl::Now() + kReady;
  while (!std::all_of(watchers.begin(), watchers.end(), [](const auto& watcher) { return watcher->ready(); })) {
    if (absl::Now() > end) return absl::InternalError("the watchers have no first message");
    absl::SleepFor(absl::Milliseconds(5));
  }
  const OpenRun run =
      RunOpen({.rate = load.rate, .time = absl::Seconds(testbed.options().open_seconds)}, ChangeWork(stubs, customers));
  RETURN_IF_ERROR(FirstError(run.total));
  const int64_t wanted = run.total.calls * load.watchers;
  while (received < wanted && absl::Now() < end + kNumbered) absl::SleepFor(absl::Milliseconds(5));
  watchers.clear();
  if (received != wanted)
    return absl::InternalError(absl::StrCat("watchers got ", received.load(), " events of ", wanted));
  return Delivery{ages.Percentile(0.5) / 1000, ages.Percentile(0.99) / 1000,
                  static_cast<double>(run.total.calls) / run.total.seconds};
}

// The database purges and flushes what was written last for some seconds more.
constexpr absl::Duration kRest = absl::Seconds(10);

// Of a core, what server and database use together in this time, if nobody calls.
double IdlePercent(const Testbed& testbed, absl::Duration time) {
  const auto used = [&] { return UsageOf(testbed.service_pid()).cpu_us + UsageOf(testbed.database_pid()).cpu_us; };
  const double before = used();
  absl::SleepFor(time);
  return (used() - before) / absl::ToDoubleMicroseconds(time) * 100;
}

absl::StatusOr<double> WriteRate(Testbed& testbed, int count) {
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, testbed.customers().Make(count));
  const Work work = AssignWork(testbed.service(), ids);
  const Run run = RunClosed(testbed.options().judged(), {.calls = count}, work);
  RETURN_IF_ERROR(FirstError(run));
  return static_cast<double>(run.calls) / run.seconds;
}

// Whoever gives numbers waits for this lock.
absl::StatusOr<double> WriteRateWithoutNumbers(Testbed& testbed, int count) {
  storage::Connection& side = *testbed.connections().front();
  RETURN_IF_ERROR(side.Execute("BEGIN"));
  RETURN_IF_ERROR(side.Query("SELECT sequence FROM history_head WHERE id = 1 FOR UPDATE", {}).status());
  absl::StatusOr<double> rate = WriteRate(testbed, count);
  RETURN_IF_ERROR(side.Execute("ROLLBACK"));
  return rate;
}

}  // namespace

absl::StatusOr<std::vector<Verdict>> MeasureCache(Testbed& testbed) {
  const Options& options = testbed.options();
  ASSIGN_OR_RETURN(const Licensed licensed, MakeLicensed(testbed, options.check_customers));
  client::Options connection;
  connection.target = absl::StrCat("127.0.0.1:", testbed.service_port());
  const client::LicenseCache cache(client::MakeConnection(connection));
  if (!cache.WaitUntilReady(kReady)) return absl::InternalError("the license cache does not become ready");
  const absl::Duration time = absl::Seconds(options.seconds);
  const Work check = CheckWork(testbed.service(), licensed.customers);
  RunCache(cache, licensed.customers, time);  // each answer once
  for (int round = 0; round < options.rounds; ++round) {
    RETURN_IF_ERROR(testbed.Measure(kCheckCache, 1, [&] { return RunCache(cache, licensed.customers, time); }));
    RETURN_IF_ERROR(testbed.Measure(kCheck, 1, [&] { return RunClosed(1, {.time = time}, check); }));
  }
  const std::vector<double> ours = Field(testbed.measurements().at({kCheckCache, 1}), &Sample::rate);
  std::vector<double> theirs = Field(testbed.measurements().at({kCheck, 1}), &Sample::rate);
  theirs.erase(theirs.begin(), theirs.end() - static_cast<std::ptrdiff_t>(ours.size()));  // of these rounds
  std::vector<double> nanos;
  for (const double rate : ours) nanos.push_back(1e9 / rate);
  Verdict ratio{.id = "B8",
                .work = "LicenseCache, c=1 / CheckLicense, c=1",
                .target = ">= 100",
                .measured = absl::StrFormat("%.0f/s / %.0f/s", SpreadOf(ours).median, SpreadOf(theirs).median),
                .ratio = SpreadOf(Ratios(ours, theirs))};
  ratio.met = ratio.ratio.median >= 100;
  return std::vector<Verdict>{AtMost("an answer of LicenseCache", 200, "ns", nanos), std::move(ratio)};
}

absl::StatusOr<std::vector<Verdict>> MeasureWatch(Testbed& testbed, const WatchLoad& load) {
  const Options& options = testbed.options();
  ASSIGN_OR_RETURN(const std::vector<std::string> customers, testbed.customers().Make(options.check_customers));
  std::vector<double> p50, p99, idle, lost, achieved;
  RETURN_IF_ERROR(AwaitNumbers(testbed.side()));
  absl::SleepFor(kRest);
  for (int round = 0; round < options.rounds; ++round)
    idle.push_back(IdlePercent(testbed, absl::Seconds(options.open_seconds)));
  for (int round = 0; round < options.rounds; ++round) {
    RETURN_IF_ERROR(AwaitNumbers(testbed.side()));
    ASSIGN_OR_RETURN(const Delivery delivery, Deliver(testbed, load, customers));
    p50.push_back(delivery.p50_ms);
    p99.push_back(delivery.p99_ms);
    achieved.push_back(delivery.achieved);
    RETURN_IF_ERROR(AwaitNumbers(testbed.side()));
    ASSIGN_OR_RETURN(const double with, WriteRate(testbed, options.assigns));
    RETURN_IF_ERROR(AwaitNumbers(testbed.side()));
    ASSIGN_OR_RETURN(const double without, WriteRateWithoutNumbers(testbed, options.assigns));
    lost.push_back((1 - with / without) * 100);
  }
  const std::string work =
      absl::StrFormat("change to delivery, %.0f changes/s, %d watchers", SpreadOf(achieved).median, load.watchers);
  return std::vector<Verdict>{AtMost(work + ": median", 50, "ms", p50), AtMost(work + ": p99", 200, "ms", p99),
                              AtMost("server and database that nobody calls", 1, "% of a core", idle),
                              AtMost("writes with the sequencer, lost to those without", 5, "%", lost)};
}

}  // namespace lmp::bench
