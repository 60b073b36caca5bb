#include "server/services/rpc_service.h"

#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
// For the method handlers that it includes, wherever this version of gRPC keeps them.
#include "lmp/v1/customer_service.grpc.pb.h"
#include "server/domain/refusal.h"
#include "server/services/request_bytes.h"
#include "server/services/streaming_call.h"
#include "server/wire/bounds.h"
#include "server/wire/fields.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

// INVALID_ARGUMENT, naming the field that has more than it may, or fields with invalid UTF-8, or if the bytes are not a
// message of this type.
absl::Status ReadRequest(const RequestBytes& bytes, const wire::Bounds& bounds, google::protobuf::Message* request) {
  RETURN_IF_ERROR(bytes.status());
  RETURN_IF_ERROR(bounds.Check(bytes.view()));
  if (request->ParseFromArray(bytes.view().data(), static_cast<int>(bytes.view().size()))) return absl::OkStatus();
  std::vector<domain::FieldViolation> violations;
  for (const std::string& field : wire::InvalidUtf8Fields(*request->GetDescriptor(), std::string(bytes.view()))) {
    violations.push_back({field, "is not valid UTF-8"});
  }
  RETURN_IF_ERROR(domain::InvalidFields(std::move(violations)));
  return absl::InvalidArgumentError(absl::StrCat("the request is not a ", request->GetDescriptor()->full_name()));
}

}  // namespace

RpcService::RpcService(const google::protobuf::ServiceDescriptor& service, const rpcs::Backend& backend,
                       Admission& admission, Gate& gate, const observe::CallObserver& observer,
                       size_t max_request_bytes)
    : service_(service.full_name()),
      backend_(backend),
      admission_(admission),
      gate_(gate),
      observer_(observer),
      max_request_bytes_(max_request_bytes) {
  for (int i = 0; i < service.method_count(); ++i) Add(*rpcs::FindRpc(service.method(i)->name()));
}

void RpcService::Add(const rpcs::Rpc& rpc) {
  const std::string& path = names_.emplace_back(absl::StrCat("/", service_, "/", rpc.name));
  const std::string& name = names_.emplace_back(path.substr(1));
  const SubjectFields& subject = subjects_.emplace_back(*rpc.request->GetDescriptor());
  if (rpc.stream) return AddStream(rpc, path, name, subject);
  const wire::Bounds& bounds = wire::Bounds::Of(*rpc.request->GetDescriptor());
  // protoc's own classes do the same for a method with raw bytes; here it is done in a loop.
  AddMethod(new grpc::internal::RpcServiceMethod(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodRawCallback(
      methods_++,
      new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
          [this, &rpc, &name, &bounds, &subject](grpc::CallbackServerContext* context, const grpc::ByteBuffer* buffer,
                                                 grpc::ByteBuffer* response) {
            auto* call = new Call(name, context, response, admission_, observer_);
            if (!call->status().ok()) {
              call->Answer(call->status());
              return call;
            }
            gate_.Enter(*context, name, rpc,
                        [this, &rpc, &bounds, &subject, buffer, call](absl::StatusOr<Gate::Caller> caller) {
                          if (!caller.ok()) return call->AnswerUnlogged(caller.status());
                          call->set_caller(*std::move(caller));
                          Serve(rpc, bounds, subject, *buffer, call);
                        });
            return call;
          }));
}

void RpcService::AddStream(const rpcs::Rpc& rpc, const std::string& path, const std::string& name,
                           const SubjectFields& subject) {
  const wire::Bounds& bounds = wire::Bounds::Of(*rpc.request->GetDescriptor());
  AddMethod(new grpc::internal::RpcServiceMethod(path.c_str(), grpc::internal::RpcMethod::SERVER_STREAMING, nullptr));
  MarkMethodRawCallback(
      methods_++,
      new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
          [this, &rpc, &name, &subject, &bounds](grpc::CallbackServerContext* context, const grpc::ByteBuffer* buffer) {
            std::unique_ptr<google::protobuf::Message> request(rpc.request->New());
            const absl::Status status = ReadRequest(RequestBytes(*buffer, max_request_bytes_), bounds, request.get());
            return StreamingCall::Start({rpc, name, subject, backend_, admission_, gate_, observer_}, context,
                                        std::move(request), status);
          }));
}

void RpcService::Serve(const rpcs::Rpc& rpc, const wire::Bounds& bounds, const SubjectFields& subject,
                       const grpc::ByteBuffer& buffer, Call* call) const {
  const std::unique_ptr<google::protobuf::Message> request(rpc.request->New());
  const RequestBytes bytes(buffer, max_request_bytes_);
  if (bytes.status().ok()) call->set_bytes(bytes.view().size());
  const absl::Status status = ReadRequest(bytes, bounds, request.get());
  call->set_subject(subject.Of(*request));
  if (!status.ok()) return call->Answer(status);
  rpcs::Serve(rpc, backend_, *request, call);
}

}  // namespace lmp::server
