#include "tests/benchmarks/load.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace lmp::bench {

Stubs Connect(int port, int channels) {
  Stubs stubs;
  for (int i = 0; i < channels; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // else all channels share one connection
    stubs.push_back(v1::LicensingService::NewStub(grpc::CreateCustomChannel(
        absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials(), arguments)));
  }
  return stubs;
}

std::optional<int64_t> Pace::Next() {
  if (limit_.time != absl::InfiniteDuration() && absl::Now() - start_ >= limit_.time) return std::nullopt;
  const int64_t number = next_.fetch_add(1, std::memory_order_relaxed);
  return number < limit_.calls ? std::optional<int64_t>(number) : std::nullopt;
}

void Pace::Fail(const std::string& error) {
  errors_.fetch_add(1, std::memory_order_relaxed);
  absl::MutexLock lock(&mutex_);
  if (first_error_.empty()) first_error_ = error;
}

Run Pace::Finish(std::vector<std::vector<uint32_t>> latencies) const {
  Run run{.errors = errors_.load(), .seconds = absl::ToDoubleSeconds(absl::Now() - start_)};
  for (const auto& part : latencies) run.latencies_us.insert(run.latencies_us.end(), part.begin(), part.end());
  run.calls = static_cast<int64_t>(run.latencies_us.size());
  absl::MutexLock lock(&mutex_);
  run.first_error = first_error_;
  return run;
}

Run RunDirect(const Connections& connections, int callers, const Limit& limit,
              const std::function<absl::Status(storage::Connection&, int64_t)>& call) {
  Pace pace(limit);
  std::vector<std::vector<uint32_t>> latencies(static_cast<size_t>(callers));
  std::vector<std::thread> threads;
  for (size_t i = 0; i < latencies.size(); ++i) {
    threads.emplace_back([&, i] {
      while (const std::optional<int64_t> number = pace.Next()) {
        const absl::Time start = absl::Now();
        const absl::Status status = call(*connections[i], *number);
        latencies[i].push_back(static_cast<uint32_t>(absl::ToInt64Microseconds(absl::Now() - start)));
        if (!status.ok()) pace.Fail(std::string(status.message()));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return pace.Finish(std::move(latencies));
}

}  // namespace lmp::bench
