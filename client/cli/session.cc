#include "client/cli/session.h"

#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/output/csv.h"
#include "client/cli/output/render.h"
#include "client/cli/status_macros.h"
#include "google/protobuf/util/field_mask_util.h"

namespace lmp::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::string_view kUsagePayload = "lmp/usage";

// The message that has a field of this name: the request, or the resource in it, as with `etag` in an update.
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

bool HasChanges(const Message& response) {
  const FieldDescriptor* changes = response.GetDescriptor()->FindFieldByName("changes");
  return changes != nullptr && response.GetReflection()->FieldSize(response, changes) > 0;
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
  RETURN_IF_ERROR(SetString(request, "preview_token", invocation.global.preview_token));
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

google::protobuf::FieldMask Session::ReadMask() const {
  google::protobuf::FieldMask mask;
  for (const auto& [flag, values] : invocation.flags) {
    if (flag.path == "read_mask") google::protobuf::util::FieldMaskUtil::FromString(values.front(), &mask);
  }
  return mask.paths_size() == 1 && mask.paths(0) == "*" ? google::protobuf::FieldMask() : mask;
}

void Session::Write(const Message& response) const {
  if (invocation.global.dry_run) console.err << "(preview: nothing was saved)\n";
  if (info.replayed) console.err << "(replayed: this request was already done)\n";
  switch (invocation.global.output) {
    case Output::kJson:
      console.out << ToJson(response, ReadMask()) << "\n";
      return;
    case Output::kCsv: {
      MessageList one;
      one.emplace_back(response.New())->CopyFrom(response);
      return WriteCsv(*response.GetDescriptor(), one, ReadMask(), console.out);
    }
    case Output::kTable:
      RenderDetails(response, {.width = console.width, .mask = ReadMask()}, console.out);
      if (invocation.global.dry_run && !HasChanges(response)) console.out << "\nchanges: none\n";
  }
}

std::string Session::FilterHint() const {
  for (const auto& [flag, values] : invocation.flags) {
    if (flag.path != "filter") continue;
    static const std::regex kShort(R"re((product|service_plan|partner|customer)\s*[=:]\s*"?([a-z0-9-]+)"?(\s|\)|$))re");
    std::smatch match;
    if (!std::regex_search(values.front(), match, kShort)) continue;
    const std::string collection = match[1] == "service_plan" ? "servicePlans" : match[1].str() + "s";
    return absl::StrCat("hint: a filter wants whole names: ", match[1].str(), " = ", collection, "/", match[2].str(),
                        "\n");
  }
  return "";
}

void Session::WriteList(const google::protobuf::Descriptor& type, const MessageList& items) const {
  switch (invocation.global.output) {
    case Output::kJson:
      console.out << ToJson(items, ReadMask()) << "\n";
      return;
    case Output::kCsv:
      return WriteCsv(type, items, ReadMask(), console.out);
    case Output::kTable:
      if (items.empty()) {
        console.err << "(none)\n" << FilterHint();
        return;
      }
      RenderList(type, items, {.width = console.width, .mask = ReadMask()}, console.out);
  }
}

}  // namespace lmp::cli
