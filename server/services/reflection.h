// grpc.reflection.v1 and v1alpha: grpcurl and other tools ask them for a server's RPCs.
//
// gRPC's own implementation is a synchronous service. A server that has a synchronous service also spreads its
// connections over the threads for synchronous calls, and each other call then changes threads twice more: a tenth of
// the cost of a CheckLicense (tests/benchmarks/README.md). The services here use the callback API, as all our services
// do.
#ifndef LMP_SERVER_SERVICES_REFLECTION_H_
#define LMP_SERVER_SERVICES_REFLECTION_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

namespace lmp::server {

// Returns the services to register. They describe everything that is linked into this program, and list themselves
// besides `names`.
std::vector<std::unique_ptr<grpc::Service>> NewReflectionServices(std::vector<std::string> names);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_REFLECTION_H_
