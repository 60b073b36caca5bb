#include "server/services/rpc_service.h"

#include <exception>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/refusal.h"
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
                          call->Answer(Call::ShuttingDown());
                        }
                        return call;
                      }));
}

absl::Status RpcService::ReadRequest(const grpc::ByteBuffer& bytes, google::protobuf::Message* request) {
  grpc::ByteBuffer unread = bytes;  // shares the bytes
  {
    grpc::ProtoBufferReader reader(&unread);
    if (reader.status().ok() && request->ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  }
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) return absl::InvalidArgumentError("the request could not be read");
  std::string text;
  for (const grpc::Slice& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  std::vector<domain::FieldViolation> violations;
  for (const std::string& field : wire::InvalidUtf8Fields(*request->GetDescriptor(), text)) {
    violations.push_back({field, "is not valid UTF-8"});
  }
  RETURN_IF_ERROR(domain::InvalidFields(std::move(violations)));
  return absl::InvalidArgumentError(absl::StrCat("the request is not a ", request->GetDescriptor()->full_name()));
}

}  // namespace lmp::server
