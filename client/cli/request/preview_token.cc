#include "client/cli/request/preview_token.h"

#include "lmp/error.h"

namespace lmp::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kField[] = "preview_token";

}  // namespace

std::string PreviewTokenOf(const Message& preview) {
  const FieldDescriptor* field = preview.GetDescriptor()->FindFieldByName(kField);
  return field == nullptr ? "" : preview.GetReflection()->GetString(preview, field);
}

void SetPreviewToken(Message& request, const std::string& token) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(kField);
  if (field != nullptr) request.GetReflection()->SetString(&request, field, token);
}

bool IsPreviewChanged(const absl::Status& status) { return client::HasReason(status, v1::PREVIEW_CHANGED); }

}  // namespace lmp::cli
