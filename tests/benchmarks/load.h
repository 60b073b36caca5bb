// Closed-loop load: so many callers, each with one call under way at any time, through gRPC or straight to the
// database.
#ifndef LMP_TESTS_BENCHMARKS_LOAD_H_
#define LMP_TESTS_BENCHMARKS_LOAD_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lmp/v1/licensing_service.grpc.pb.h"
#include "storage/connection.h"
#include "tests/benchmarks/stats.h"

namespace lmp::bench {

// A run ends at whichever comes first.
struct Limit {
  absl::Duration time = absl::InfiniteDuration();
  int64_t calls = INT64_MAX;
};

// Stubs to one server, each on a channel (and so a TCP connection) of its own.
using Stubs = std::vector<std::unique_ptr<v1::LicensingService::Stub>>;
Stubs Connect(int port, int channels);

// What the callers of a run share.
class Pace {
 public:
  explicit Pace(const Limit& limit) : limit_(limit), start_(absl::Now()) {}
  // The number of the next call, or none if the run is over.
  std::optional<int64_t> Next();
  void Fail(const std::string& error);
  absl::Time start() const { return start_; }
  // Adds up what the callers saw.
  Run Finish(std::vector<std::vector<uint32_t>> latencies) const;

 private:
  const Limit limit_;
  const absl::Time start_;
  std::atomic<int64_t> next_{0};
  std::atomic<int64_t> errors_{0};
  mutable absl::Mutex mutex_;
  std::string first_error_ ABSL_GUARDED_BY(mutex_);
};

using AsyncStub = v1::LicensingService::StubInterface::async_interface;

// `method` is a unary RPC of the callback API; `request(i)` makes the i-th request.
template <class Request, class Response>
Run RunUnary(const Stubs& stubs, int callers, const Limit& limit,
             void (AsyncStub::*method)(grpc::ClientContext*, const Request*, Response*,
                                       std::function<void(grpc::Status)>),
             const std::function<Request(int64_t)>& request) {
  struct Caller {
    AsyncStub* stub;
    std::optional<grpc::ClientContext> context;
    Request request;
    Response response;
    absl::Time start;
    std::vector<uint32_t> latencies_us;
    std::function<void()> call;
  };
  Pace pace(limit);
  std::vector<Caller> all(static_cast<size_t>(callers));
  absl::BlockingCounter running(callers);
  for (size_t i = 0; i < all.size(); ++i) {
    Caller& caller = all[i];
    caller.stub = stubs[i % stubs.size()]->async();
    caller.latencies_us.reserve(1 << 12);
    caller.call = [&] {
      const std::optional<int64_t> number = pace.Next();
      if (!number.has_value()) {
        running.DecrementCount();
        return;
      }
      caller.request = request(*number);
      caller.context.emplace();
      caller.start = absl::Now();
      (caller.stub->*method)(&*caller.context, &caller.request, &caller.response, [&](const grpc::Status& status) {
        caller.latencies_us.push_back(static_cast<uint32_t>(absl::ToInt64Microseconds(absl::Now() - caller.start)));
        if (!status.ok()) pace.Fail(status.error_message());
        caller.call();
      });
    };
  }
  for (Caller& caller : all) caller.call();
  running.Wait();
  std::vector<std::vector<uint32_t>> latencies;
  for (Caller& caller : all) latencies.push_back(std::move(caller.latencies_us));
  return pace.Finish(std::move(latencies));
}

using Connections = std::vector<std::unique_ptr<storage::Connection>>;

// One thread for each caller, each on a connection of its own; `call(connection, i)` does the i-th piece of work.
Run RunDirect(const Connections& connections, int callers, const Limit& limit,
              const std::function<absl::Status(storage::Connection&, int64_t)>& call);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_LOAD_H_
