#include "tests/benchmarks/servers/plain_server.h"

#include <signal.h>

#include <iostream>

namespace lmp::bench {

v1::CheckLicenseResponse UsualAnswer() {
  v1::CheckLicenseResponse answer;
  answer.set_usable(true);
  answer.set_license("customers/bench-000000/licenses/01j00000000000000000000000");
  answer.set_state(v1::License::ACTIVE);
  answer.set_units(25);
  for (auto* date : {answer.mutable_expiration_date(), answer.mutable_grace_end_date()}) {
    date->set_year(2027);
    date->set_month(11);
    date->set_day(24);
  }
  answer.mutable_read_time()->set_seconds(1'800'000'000);
  answer.mutable_read_time()->set_nanos(123'456'789);
  return answer;
}

int Serve(const std::function<Served(grpc::ServerBuilder& builder)>& make) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  grpc::ServerBuilder builder;
  const Served served = make(builder);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(served.service.get());
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  served.started();
  std::cerr << "{\"message\":\"serving\",\"port\":" << port << "}" << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace lmp::bench
