#include "client/cli/session.h"

#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/render.h"
#include "client/cli/status_macros.h"

namespace lmp::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::string_view kUsagePayload = "lmp/usage";

// The message that has a field of this name: the request, or the resource in it, as `etag` in an update.
Message* OwnerOf(Message& request, const std::string& name) {
  const google::protobuf::Descriptor& type = *request.GetDescriptor();
  if (type.FindFieldByName(name) != nullptr) return &request;
  if (type.FindFieldByName("update_mask") == nullptr) return nullptr;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->message_type() != nullptr && field->message_type()->FindFieldByName(name) != nullptr) {
      return request.GetReflection()->MutableMessage(&request, field);
    }
  }
  return nullptr;
}

absl::Status SetString(Message& request, const std::string& field, const std::string& value) {
  if (value.empty()) return absl::OkStatus();
  Message* owner = OwnerOf(request, field);
  if (owner == nullptr) {
    return UsageError(absl::StrCat("--", absl::StrReplaceAll(field, {{"_", "-"}}), " has no meaning for this command"));
  }
  owner->GetReflection()->SetString(owner, owner->GetDescriptor()->FindFieldByName(field), value);
  return absl::OkStatus();
}

}  // namespace

absl::Status UsageError(absl::string_view message) { return AsUsageError(absl::InvalidArgumentError(message)); }

absl::Status AsUsageError(const absl::Status& status) {
  absl::Status result = status;
  result.SetPayload(kUsagePayload, absl::Cord());
  return result;
}

bool IsUsageError(const absl::Status& status) { return status.GetPayload(kUsagePayload).has_value(); }

absl::Status Session::ApplyChangeFlags(Message& request) const {
  RETURN_IF_ERROR(SetString(request, "request_id", invocation.global.request_id));
  RETURN_IF_ERROR(SetString(request, "etag", invocation.global.etag));
  if (!invocation.global.dry_run) return absl::OkStatus();
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("validate_only");
  if (field == nullptr) return UsageError("--dry-run has no meaning for this command: it changes nothing");
  request.GetReflection()->SetBool(&request, field, true);
  return absl::OkStatus();
}

absl::Status Session::Call(absl::string_view method, const Message& request, Message& response) {
  const size_t dot = method.rfind('.');
  return connection->Call(absl::StrCat("/", method.substr(0, dot), "/", method.substr(dot + 1)), request, response,
                          Options());
}

void Session::Write(const Message& response) const {
  if (invocation.global.dry_run) console.err << "(preview: nothing was saved)\n";
  if (info.replayed) console.err << "(replayed: this request was already done)\n";
  if (json()) {
    console.out << ToJson(response) << "\n";
  } else {
    RenderDetails(response, console.out);
  }
}

}  // namespace lmp::cli
