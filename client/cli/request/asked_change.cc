#include "client/cli/request/asked_change.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "client/cli/output/batch_summary.h"
#include "client/cli/output/render.h"
#include "client/cli/prompter.h"
#include "client/cli/request/preview_token.h"
#include "client/cli/status_macros.h"

namespace lmp::cli {
namespace {

using google::protobuf::Message;

constexpr std::array<std::pair<absl::string_view, absl::string_view>, 8> kAsked = {{
    {"api-key", "revoke"},
    {"customer", "erase"},
    {"partner", "cancel"},
    {"product", "end-life"},
    {"subscription", "cancel"},
    {"subscription", "cancel-all"},
    {"subscription", "renew-all"},
    {"license", "delete"},
}};

bool IsForced(const Invocation& invocation) {
  return std::any_of(invocation.flags.begin(), invocation.flags.end(),
                     [](const auto& flag) { return flag.first.name == "force" && flag.second.front() != "false"; });
}

void SetBool(Message& request, const std::string& field, bool value) {
  request.GetReflection()->SetBool(&request, request.GetDescriptor()->FindFieldByName(field), value);
}

// A preview has no request_id, because the stored answer of a repeated request is not what would happen.
std::unique_ptr<Message> PreviewOf(const Message& request) {
  std::unique_ptr<Message> preview(request.New());
  preview->CopyFrom(request);
  SetBool(*preview, "validate_only", true);
  SetPreviewToken(*preview, "");
  preview->GetReflection()->ClearField(preview.get(), preview->GetDescriptor()->FindFieldByName("request_id"));
  return preview;
}

}  // namespace

bool MustAsk(const Session& session) {
  const GlobalFlags& flags = session.invocation.global;
  if (!session.console.interactive || flags.yes || flags.dry_run) return false;
  const Command& command = *session.invocation.command;
  if (command.group == "customer" && command.verb == "delete") return IsForced(session.invocation);
  return std::find(kAsked.begin(), kAsked.end(), std::make_pair(command.group, command.verb)) != kAsked.end();
}

absl::Status RunAsked(Session& session, const Message& request, Message& response) {
  // If a program reads the output, only the answer goes there.
  const bool is_read_by_people = session.console.width > 0 && session.invocation.global.output == Output::kTable;
  Prompter prompter(session.console.in, is_read_by_people ? session.console.out : session.console.err);
  const std::unique_ptr<Message> change(request.New());
  change->CopyFrom(request);
  for (;;) {
    RETURN_IF_ERROR(session.Call(session.invocation.command->method, *PreviewOf(request), response));
    prompter.out() << "This would be done:\n";
    RenderDetails(response, {.width = session.console.width}, prompter.out());
    RETURN_IF_ERROR(SummarizeBatch(request, response, prompter.out()));
    const absl::StatusOr<bool> yes = prompter.Confirm("\nGo on? [y/N]");
    if (!yes.ok() || !*yes) {
      prompter.out() << "Nothing was changed.\n";
      return absl::OkStatus();
    }
    SetPreviewToken(*change, PreviewTokenOf(response));
    const absl::Status status = session.Call(session.invocation.command->method, *change, response);
    if (!IsPreviewChanged(status)) {
      RETURN_IF_ERROR(status);
      session.Write(response);
      return SummarizeBatch(request, response, session.console.err);
    }
    prompter.out() << "\nThis changed since the preview. ";
  }
}

}  // namespace lmp::cli
