// grpc.reflection.v1 and v1alpha: what grpcurl and other tools ask a server to learn its RPCs.
//
// gRPC's own implementation is a synchronous service. A server that has one spreads its connections over the threads
// for synchronous calls, too, and each call of the others then changes threads twice more: a tenth of the cost of a
// CheckLicense (tests/benchmarks/README.md). These are of the callback API, as everything else here.
#ifndef LMP_SERVER_SERVICES_REFLECTION_H_
#define LMP_SERVER_SERVICES_REFLECTION_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

namespace lmp::server {

// The services, to be registered. They tell of all that is linked into this program, and list themselves beside
// `names`.
std::vector<std::unique_ptr<grpc::Service>> NewReflectionServices(std::vector<std::string> names);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_REFLECTION_H_
