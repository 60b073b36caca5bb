#include "client/cli/request/stored_changes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/output/change_text.h"
#include "client/cli/output/field_text.h"
#include "lmp/licensing_client.h"

namespace lmp::cli {
namespace {

using google::protobuf::Message;

// The name of the resource whose history has the events: the customer in the name, or the resource itself.
std::string OwnerOf(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  return parts.size() > 2 && parts[0] == "customers" ? absl::StrCat(parts[0], "/", parts[1]) : name;
}

// The name of what was changed. It is in the request or, for a new resource, in the answer.
std::string ChangedName(const Message& request, const Message& response) {
  for (const char* path : {"parent", "customer", "name", "subscription.name"}) {
    if (HasPath(*request.GetDescriptor(), path)) {
      if (const std::string name = PathText(request, path); !name.empty()) return name;
    }
  }
  return HasPath(*response.GetDescriptor(), "name") ? PathText(response, "name") : "";
}

}  // namespace

void ShowStoredChanges(Session& session, const Message& request, const Message& response) {
  const bool is_shown = session.console.width > 0 && session.invocation.global.output == Output::kTable &&
                        !session.invocation.global.dry_run && !session.info.request_id.empty();
  const std::string name = is_shown ? ChangedName(request, response) : "";
  if (name.empty()) return;
  v1::ListEventsRequest list;
  list.set_parent(OwnerOf(name));
  list.set_filter(absl::StrCat("request_id = \"", session.info.request_id, "\""));
  client::CallOptions options;  // options of its own, so that session.info stays that of the change
  const auto events = client::LicensingClient(session.connection).ListEvents(list, options);
  if (!events.ok() || events->events().empty()) return;
  session.console.out << "\nchanged:\n";
  for (const v1::Event& event : events->events())
    RenderChange(event.change(), session.console.out, session.console.width);
  if (!events->next_page_token().empty()) session.console.out << "… and more: lmp event list " << OwnerOf(name) << "\n";
}

}  // namespace lmp::cli
