#include "tests/benchmarks/echo_server.h"

#include <grpcpp/grpcpp.h>
#include <signal.h>

#include <iostream>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "lmp/v1/licensing_service.grpc.pb.h"

namespace lmp::bench {
namespace {

class EchoService final : public v1::LicensingService::CallbackService {
 public:
  EchoService() {
    answer_.set_usable(true);
    answer_.set_license("customers/bench-000000/licenses/01j00000000000000000000000");
    answer_.set_state(v1::License::ACTIVE);
    answer_.set_units(25);
    for (auto* date : {answer_.mutable_expiration_date(), answer_.mutable_grace_end_date()}) {
      date->set_year(2027);
      date->set_month(11);
      date->set_day(24);
    }
    answer_.mutable_read_time()->set_seconds(1'800'000'000);
    answer_.mutable_read_time()->set_nanos(123'456'789);
  }

  grpc::ServerUnaryReactor* CheckLicense(grpc::CallbackServerContext* context, const v1::CheckLicenseRequest*,
                                         v1::CheckLicenseResponse* response) override {
    *response = answer_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  v1::CheckLicenseResponse answer_;
};

}  // namespace

int RunEchoServer() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as in the service
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  EchoService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::cerr << "{\"port\":" << port << "}" << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace lmp::bench
