#include "tests/benchmarks/servers/echo_server.h"

#include "tests/benchmarks/servers/plain_server.h"

namespace lmp::bench {
namespace {

class EchoService final : public v1::LicensingService::CallbackService {
 public:
  grpc::ServerUnaryReactor* CheckLicense(grpc::CallbackServerContext* context, const v1::CheckLicenseRequest*,
                                         v1::CheckLicenseResponse* response) override {
    *response = answer_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const v1::CheckLicenseResponse answer_ = UsualAnswer();
};

}  // namespace

int RunEchoServer() {
  return Serve([](grpc::ServerBuilder&) { return Served{std::make_unique<EchoService>()}; });
}

}  // namespace lmp::bench
