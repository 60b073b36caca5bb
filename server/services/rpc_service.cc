#include "server/services/rpc_service.h"

#include <exception>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/refusal.h"
#include "server/services/request_bytes.h"
#include "server/wire/fields.h"

namespace lmp::server {

std::vector<std::string> RpcService::MethodNames() const {
  std::vector<std::string> methods;
  for (size_t i = 1; i < names_.size(); i += 2) methods.push_back(names_[i]);
  return methods;
}

void RpcService::AddRaw(const char* method, RawHandler handle) {
  const std::string& path = names_.emplace_back(absl::StrCat("/", service_, "/", method));
  const std::string& name = names_.emplace_back(path.substr(1));
  // What protoc's own classes do for a method with raw bytes; here it is done in a loop.
  AddMethod(new grpc::internal::RpcServiceMethod(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodRawCallback(
      methods_++, new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                      [handle = std::move(handle), &name](grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
                        auto* call = new Call(name, context, response);
                        if (call->admitted()) {
                          handle(call, *request);
                        } else {
                          call->Answer(Call::NotAdmitted());
                        }
                        return call;
                      }));
}

absl::Status RpcService::ReadRequest(Call* call, const grpc::ByteBuffer& buffer, const wire::Bounds& bounds,
                                     google::protobuf::Message* request) const {
  const RequestBytes bytes(buffer, engines_.max_request_bytes);
  RETURN_IF_ERROR(bytes.status());
  call->set_bytes(bytes.view().size());
  RETURN_IF_ERROR(bounds.Check(bytes.view()));
  if (request->ParseFromArray(bytes.view().data(), static_cast<int>(bytes.view().size()))) return absl::OkStatus();
  std::vector<domain::FieldViolation> violations;
  for (const std::string& field : wire::InvalidUtf8Fields(*request->GetDescriptor(), std::string(bytes.view()))) {
    violations.push_back({field, "is not valid UTF-8"});
  }
  RETURN_IF_ERROR(domain::InvalidFields(std::move(violations)));
  return absl::InvalidArgumentError(absl::StrCat("the request is not a ", request->GetDescriptor()->full_name()));
}

}  // namespace lmp::server
