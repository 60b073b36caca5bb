// What a load is made of, and closed-loop load: so many callers, each with one call under way at any time, through gRPC
// or straight to the database. open_loop.h has the other kind.
#ifndef LMP_TESTS_BENCHMARKS_LOAD_LOAD_H_
#define LMP_TESTS_BENCHMARKS_LOAD_LOAD_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lmp/v1/customer_service.grpc.pb.h"
#include "lmp/v1/licensing_service.grpc.pb.h"
#include "storage/mysql/connection.h"
#include "tests/benchmarks/report/stats.h"

namespace lmp::bench {

using Clock = std::chrono::steady_clock;

// Both services of one server, on one channel (and so one TCP connection).
struct Stub {
  std::unique_ptr<v1::LicensingService::Stub> licensing;
  std::unique_ptr<v1::CustomerService::Stub> customers;
};
using Stubs = std::vector<Stub>;
Stubs Connect(int port, int channels,
              const std::shared_ptr<grpc::ChannelCredentials>& credentials = grpc::InsecureChannelCredentials());

using Done = std::function<void(const grpc::Status&)>;
// Starts the number-th call of a load and returns; calls `done` once, on any thread. Callers spread over the channels
// by their `lane`. Called by many threads at once.
using Work = std::function<void(int64_t number, size_t lane, Done done)>;

using LicensingRpcs = v1::LicensingService::StubInterface::async_interface;
using CustomerRpcs = v1::CustomerService::StubInterface::async_interface;

template <class Rpcs>
Rpcs* RpcsOf(const Stub& stub) {
  if constexpr (std::is_same_v<Rpcs, CustomerRpcs>) {
    return stub.customers->async();
  } else {
    return stub.licensing->async();
  }
}

// `method` is a unary RPC of the callback API; `request(number)` makes a request. `authorization` is sent along, if
// there is any.
template <class Rpcs, class Request, class Response, class Maker>
Work Unary(const Stubs& stubs,
           void (Rpcs::*method)(grpc::ClientContext*, const Request*, Response*, std::function<void(grpc::Status)>),
           Maker request, const std::string& authorization = "") {
  return [&stubs, method, request = std::move(request), authorization](int64_t number, size_t lane, Done done) {
    struct Call {
      grpc::ClientContext context;
      Request request;
      Response response;
      Done done;
    };
    auto* const call = new Call;
    call->request = request(number);
    call->done = std::move(done);
    if (!authorization.empty()) call->context.AddMetadata("authorization", authorization);
    (RpcsOf<Rpcs>(stubs[lane % stubs.size()])->*method)(&call->context, &call->request, &call->response,
                                                        [call](const grpc::Status& status) {
                                                          const Done then = std::move(call->done);
                                                          delete call;
                                                          then(status);
                                                        });
  };
}

// A run ends at whichever comes first.
struct Limit {
  absl::Duration time = absl::InfiniteDuration();
  int64_t calls = INT64_MAX;
};

Run RunClosed(int callers, const Limit& limit, const Work& work);

using Connections = std::vector<std::unique_ptr<storage::Connection>>;

// One thread for each caller, each on a connection of its own; `call(connection, number)` does one piece of work.
Run RunDirect(const Connections& connections, int callers, const Limit& limit,
              const std::function<absl::Status(storage::Connection&, int64_t)>& call);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_LOAD_LOAD_H_
