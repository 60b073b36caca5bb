// What the bench's own servers share: a port of their own choice, and the answer they give.
#ifndef LMP_TESTS_BENCHMARKS_SERVERS_PLAIN_SERVER_H_
#define LMP_TESTS_BENCHMARKS_SERVERS_PLAIN_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>

#include "lmp/v1/licensing_service.grpc.pb.h"

namespace lmp::bench {

// As long as the service's usual one.
v1::CheckLicenseResponse UsualAnswer();

struct Served {
  std::unique_ptr<grpc::Service> service;
  std::function<void()> started = [] {};  // called when it can take calls
};

// Makes a service and serves it until SIGTERM; logs {"port":…} when ready. There must be no thread yet, or the signal
// could hit it. Returns an exit code.
int Serve(const std::function<Served(grpc::ServerBuilder& builder)>& make);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SERVERS_PLAIN_SERVER_H_
