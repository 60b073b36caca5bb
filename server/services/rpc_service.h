// A gRPC service made from the table of RPCs (server/rpcs/). It reads the bytes and has the RPC answer; it knows
// nothing else.
//
// Requests are parsed here rather than by gRPC, which answers malformed bytes and invalid UTF-8 with UNIMPLEMENTED and
// no hint; this service says which field is wrong. A response is sent as the very bytes that a replay would send.
#ifndef LMP_SERVER_SERVICES_RPC_SERVICE_H_
#define LMP_SERVER_SERVICES_RPC_SERVICE_H_

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include <deque>
#include <string>

#include "server/observe/call_observer.h"
#include "server/rpcs/rpc.h"
#include "server/services/admission.h"
#include "server/services/call.h"
#include "server/services/gate.h"
#include "server/services/subject.h"
#include "server/wire/bounds.h"

namespace lmp::server {

class RpcService final : public grpc::Service {
 public:
  // Serves all RPCs of the service, which must be in the table. `max_request_bytes` limits requests that were
  // compressed; gRPC itself limits the others. All arguments must outlive the service.
  RpcService(const google::protobuf::ServiceDescriptor& service, const rpcs::Backend& backend, Admission& admission,
             Gate& gate, const observe::CallObserver& observer, size_t max_request_bytes);

 private:
  void Add(const rpcs::Rpc& rpc);
  void AddStream(const rpcs::Rpc& rpc, const std::string& path, const std::string& name, const SubjectFields& subject);
  // Of a call that was let in.
  void Serve(const rpcs::Rpc& rpc, const wire::Bounds& bounds, const SubjectFields& subject,
             const grpc::ByteBuffer& buffer, Call* call) const;

  const std::string service_;
  const rpcs::Backend& backend_;
  Admission& admission_;
  Gate& gate_;
  const observe::CallObserver& observer_;
  const size_t max_request_bytes_;
  std::deque<std::string> names_;       // paths, each followed by the full name of its RPC; gRPC keeps pointers into it
  std::deque<SubjectFields> subjects_;  // likewise
  int methods_ = 0;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_RPC_SERVICE_H_
