#include "tests/benchmarks/load/load.h"

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "tests/benchmarks/report/tally.h"

namespace lmp::bench {
namespace {

// Deals out the calls of a run.
class Pace final {
 public:
  Pace(const Limit& limit, Clock::time_point start) : calls_(limit.calls) {
    if (limit.time != absl::InfiniteDuration()) end_ = start + absl::ToChronoNanoseconds(limit.time);
  }
  // The number of the next call, or none if the run is over.
  std::optional<int64_t> Next() {
    if (end_.has_value() && Clock::now() >= *end_) return std::nullopt;
    const int64_t number = next_.fetch_add(1, std::memory_order_relaxed);
    return number < calls_ ? std::optional<int64_t>(number) : std::nullopt;
  }

 private:
  const int64_t calls_;
  std::optional<Clock::time_point> end_;
  std::atomic<int64_t> next_{0};
};

}  // namespace

Stubs Connect(int port, int channels, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  Stubs stubs;
  for (int i = 0; i < channels; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // else all channels share one connection
    arguments.SetSslTargetNameOverride("localhost");          // the name in certificates made for tests
    const auto channel = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port), credentials, arguments);
    stubs.push_back({v1::LicensingService::NewStub(channel), v1::CustomerService::NewStub(channel)});
  }
  return stubs;
}

Run RunClosed(int callers, const Limit& limit, const Work& work) {
  Tally tally;
  Pace pace(limit, tally.start());
  Histogram latencies;
  absl::BlockingCounter running(callers);
  std::vector<std::function<void()>> next(static_cast<size_t>(callers));
  for (size_t lane = 0; lane < next.size(); ++lane) {
    next[lane] = [&, lane] {
      const std::optional<int64_t> number = pace.Next();
      if (!number.has_value()) {
        running.DecrementCount();
        return;
      }
      work(*number, lane, [&, lane, start = Clock::now()](const grpc::Status& status) {
        latencies.Record(MicrosSince(start));
        if (!status.ok()) tally.Fail(status.error_message());
        next[lane]();
      });
    };
  }
  for (const auto& call : next) call();
  running.Wait();
  return tally.Finish(std::move(latencies));
}

Run RunDirect(const Connections& connections, int callers, const Limit& limit,
              const std::function<absl::Status(storage::Connection&, int64_t)>& call) {
  Tally tally;
  Pace pace(limit, tally.start());
  Histogram latencies;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < static_cast<size_t>(callers); ++i) {
    threads.emplace_back([&, i] {
      while (const std::optional<int64_t> number = pace.Next()) {
        const Clock::time_point start = Clock::now();
        const absl::Status status = call(*connections[i], *number);
        latencies.Record(MicrosSince(start));
        if (!status.ok()) tally.Fail(std::string(status.message()));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return tally.Finish(std::move(latencies));
}

}  // namespace lmp::bench
