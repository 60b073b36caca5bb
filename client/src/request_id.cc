#include "client/src/request_id.h"

#include "absl/strings/str_format.h"

namespace lmp::client {
namespace {

const google::protobuf::FieldDescriptor* RequestIdField(const google::protobuf::Message& request) {
  const google::protobuf::FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("request_id");
  const bool is_ours =
      field != nullptr && !field->is_repeated() && field->type() == google::protobuf::FieldDescriptor::TYPE_STRING;
  return is_ours ? field : nullptr;
}

}  // namespace

std::string Uuid(uint64_t high, uint64_t low) {
  high = (high & ~uint64_t{0xF000}) | 0x4000;                      // version 4
  low = (low & ~(uint64_t{0b11} << 62)) | (uint64_t{0b10} << 62);  // variant 1
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF, low >> 48,
                         low & 0xFFFF'FFFF'FFFF);
}

std::optional<std::string> RequestId(const google::protobuf::Message& request) {
  const google::protobuf::FieldDescriptor* field = RequestIdField(request);
  if (field == nullptr) return std::nullopt;
  return request.GetReflection()->GetString(request, field);
}

std::unique_ptr<google::protobuf::Message> WithRequestId(const google::protobuf::Message& request,
                                                         const std::string& request_id) {
  std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  copy->GetReflection()->SetString(copy.get(), RequestIdField(request), request_id);
  return copy;
}

}  // namespace lmp::client
