#include "client/cli/request/unary_command.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/history_commands.h"
#include "client/cli/output/batch_summary.h"
#include "client/cli/output/field_text.h"
#include "client/cli/output/render.h"
#include "client/cli/request/asked_change.h"
#include "client/cli/request/request.h"
#include "client/cli/request/rollout.h"
#include "client/cli/request/spoken_names.h"
#include "client/cli/request/stored_changes.h"
#include "client/cli/status_macros.h"
#include "client/cli/watch.h"
#include "client/cli/watch_licenses.h"
#include "lmp/error.h"
#include "lmp/licensing_client.h"

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

// Unless --page-size was given, asks for pages that are as large as allowed, but no larger than what is still wanted.
void SetPageSize(const Message& request, int64_t wanted, Message& page_request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("page_size");
  if (field == nullptr || request.GetReflection()->GetInt32(request, field) != 0) return;
  page_request.GetReflection()->SetInt32(&page_request, field,
                                         static_cast<int32_t>(std::min<int64_t>(wanted, kLargestPage)));
}

// Moves items out of a page until `limit` is reached.
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
  // All pages have one size, because a token fits only one size.
  SetPageSize(request, std::max<int64_t>(limit, 1), *page_request);
  MessageList items;
  std::string token;
  do {
    RETURN_IF_ERROR(session.Call(command.method, *page_request, *page));
    TakeItems(*page, items_field, limit, items);
    if (next == nullptr) break;
    token = page->GetReflection()->GetString(*page, next);
    page_request->GetReflection()->SetString(page_request.get(),
                                             page_request->GetDescriptor()->FindFieldByName("page_token"), token);
  } while (!token.empty() && std::ssize(items) < limit);
  session.WriteList(*items_field.message_type(), items);
  return absl::OkStatus();
}

// For a customer without a license, the server does not say whether the product exists: a typing mistake would look
// like a "no".
absl::Status FindProduct(Session& session, const Message& request, const Message& response) {
  const auto* asked = google::protobuf::DynamicCastToGenerated<v1::CheckLicenseRequest>(&request);
  const auto* answer = google::protobuf::DynamicCastToGenerated<v1::CheckLicenseResponse>(&response);
  if (asked == nullptr || answer == nullptr || answer->reason() != v1::CheckLicenseResponse::NO_LICENSE) {
    return absl::OkStatus();
  }
  v1::GetProductRequest get;
  get.set_name(asked->product());
  const absl::Status found = client::LicensingClient(session.connection).GetProduct(get, session.Options()).status();
  return client::HasReason(found, v1::PRODUCT_NOT_FOUND) ? found : absl::OkStatus();
}

absl::Status RunOnce(Session& session, const Message& request, Message& response) {
  if (MustAsk(session)) return RunAsked(session, request, response);
  RETURN_IF_ERROR(session.Call(session.invocation.command->method, request, response));
  RETURN_IF_ERROR(FindProduct(session, request, response));
  session.Write(response);
  ShowStoredChanges(session, request, response);
  return SummarizeBatch(request, response, session.console.err);
}

// Replaces the name that was not found by the one that was meant. Returns `not_found` if nothing else was meant.
absl::Status NameWhatWasMeant(Session& session, const absl::Status& not_found, Message& request) {
  for (const Positional& positional : session.invocation.command->positionals) {
    const std::string name = PathText(request, positional.field);
    if (std::count(name.begin(), name.end(), '/') != 3) continue;
    ASSIGN_OR_RETURN(const std::string meant, MeantBy(session, name, not_found));
    return SetField(FlagForPath(*request.GetDescriptor(), positional.field), {meant}, request);
  }
  return not_found;
}

}  // namespace

absl::Status RunUnaryCommand(Session& session) {
  const Command& command = *session.invocation.command;
  const std::unique_ptr<Message> request = New(*command.descriptor().input_type());
  RETURN_IF_ERROR(FillRequest(session, *request));
  if (command.method == kWatchMethod) return RunWatch(session, *request);
  if (command.method == kWatchLicensesMethod) return RunWatchLicenses(session, *request);
  if (command.method == kExportMethod) return RunExport(session, *request);
  if (command.method == kRolloutMethod) return RunRollout(session, *request);
  const std::unique_ptr<Message> response = New(*command.descriptor().output_type());
  if (const FieldDescriptor* items = ListedItems(*response->GetDescriptor())) return RunList(session, *request, *items);
  const absl::Status status = RunOnce(session, *request, *response);
  if (!absl::IsNotFound(status)) return status;
  RETURN_IF_ERROR(NameWhatWasMeant(session, status, *request));
  return RunOnce(session, *request, *response);
}

}  // namespace lmp::cli
