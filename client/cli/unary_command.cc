#include "client/cli/unary_command.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/render.h"
#include "client/cli/rollout.h"
#include "client/cli/status_macros.h"
#include "google/protobuf/field_mask.pb.h"
#include "lmp/names.h"

namespace lmp::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int32_t kLargestPage = 1000;

std::unique_ptr<Message> New(const Descriptor& type) {
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

std::string Completed(const Positional& positional, const std::string& given) {
  if (given.empty()) return std::string(positional.fallback);
  if (!positional.pattern.empty()) return client::FullName(positional.pattern, given);
  return given.substr(given.rfind('/') + 1);  // a bare id is wanted: npos + 1 is 0
}

absl::Status SetPositionals(const Invocation& invocation, Message& request) {
  for (size_t i = 0; i < invocation.positionals.size(); ++i) {
    const Positional& positional = invocation.command->positionals[i];
    const std::string value = Completed(positional, invocation.positionals[i]);
    if (value.empty()) continue;
    RETURN_IF_ERROR(SetField(FlagForPath(*request.GetDescriptor(), positional.field), {value}, request));
  }
  return absl::OkStatus();
}

absl::Status SetFlags(const Invocation& invocation, Message& request) {
  Message* body = &request;
  if (!invocation.command->body.empty()) {
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(std::string(invocation.command->body));
    body = request.GetReflection()->MutableMessage(&request, field);
  }
  const FieldDescriptor* mask_field = request.GetDescriptor()->FindFieldByName("update_mask");
  google::protobuf::FieldMask mask;
  for (const auto& [flag, values] : invocation.flags) {
    const bool beside = flag.fields.front()->containing_type() == request.GetDescriptor();  // of the request itself
    RETURN_IF_ERROR(SetField(flag, values, beside ? request : *body));
    if (!beside) mask.add_paths(flag.path);
  }
  if (mask_field == nullptr) return absl::OkStatus();
  if (invocation.flags.empty()) return UsageError("nothing to change: give at least one field's flag");
  request.GetReflection()->MutableMessage(&request, mask_field)->CopyFrom(mask);
  return absl::OkStatus();
}

absl::Status FillRequest(const Session& session, Message& request) {
  RETURN_IF_ERROR(SetPositionals(session.invocation, request));
  RETURN_IF_ERROR(SetFlags(session.invocation, request));
  return session.ApplyChangeFlags(request);
}

// Asks for pages as large as allowed, and no larger than what is still wanted, unless --page-size was given.
void SetPageSize(const Message& request, int64_t wanted, Message& page_request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("page_size");
  if (field == nullptr || request.GetReflection()->GetInt32(request, field) != 0) return;
  page_request.GetReflection()->SetInt32(&page_request, field,
                                         static_cast<int32_t>(std::min<int64_t>(wanted, kLargestPage)));
}

// Moves items out of a page, as far as wanted.
void TakeItems(Message& page, const FieldDescriptor& field, int64_t limit, MessageList& items) {
  const Reflection& reflection = *page.GetReflection();
  for (int i = 0; i < reflection.FieldSize(page, &field) && std::ssize(items) < limit; ++i) {
    items.emplace_back(reflection.GetRepeatedMessage(page, &field, i).New());
    items.back()->GetReflection()->Swap(items.back().get(), reflection.MutableRepeatedMessage(&page, &field, i));
  }
}

absl::Status RunList(Session& session, const Message& request, const FieldDescriptor& items_field) {
  const Command& command = *session.invocation.command;
  const int64_t limit = session.invocation.limit.value_or(std::numeric_limits<int64_t>::max());
  const std::unique_ptr<Message> page_request(request.New());
  page_request->CopyFrom(request);
  const std::unique_ptr<Message> page = New(*command.descriptor().output_type());
  const FieldDescriptor* next = page->GetDescriptor()->FindFieldByName("next_page_token");
  SetPageSize(request, std::max<int64_t>(limit, 1), *page_request);  // of all pages: a token fits one size only
  MessageList items;
  std::string token;
  do {
    RETURN_IF_ERROR(session.Call(command.method, *page_request, *page));
    TakeItems(*page, items_field, limit, items);
    if (next == nullptr) break;
    token = page->GetReflection()->GetString(*page, next);
    page_request->GetReflection()->SetString(
        page_request.get(), page_request->GetDescriptor()->FindFieldByName("page_token"), token);
  } while (!token.empty() && std::ssize(items) < limit);
  if (session.json()) {
    session.console.out << ToJson(items) << "\n";
  } else {
    RenderList(*items_field.message_type(), items, session.console.out);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunUnaryCommand(Session& session) {
  const Command& command = *session.invocation.command;
  const std::unique_ptr<Message> request = New(*command.descriptor().input_type());
  if (absl::Status status = FillRequest(session, *request); !status.ok()) return AsUsageError(status);
  if (command.method == kRolloutMethod) return RunRollout(session, *request);
  const std::unique_ptr<Message> response = New(*command.descriptor().output_type());
  if (const FieldDescriptor* items = ListedItems(*response->GetDescriptor())) return RunList(session, *request, *items);
  RETURN_IF_ERROR(session.Call(command.method, *request, *response));
  session.Write(*response);
  return absl::OkStatus();
}

}  // namespace lmp::cli
