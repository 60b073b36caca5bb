#include "client/cli/request/id_endings.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/cli/status_macros.h"
#include "lmp/licensing_client.h"

namespace lmp::cli {
namespace {

// Returns "bcck81" for "…bcck81" and "..bcck81"; empty if the text is not the end of an id.
std::string EndOf(absl::string_view id) {
  if (absl::ConsumePrefix(&id, "…")) return std::string(id);
  if (!absl::StartsWith(id, "..")) return "";
  while (absl::ConsumePrefix(&id, ".")) {
  }
  return std::string(id);
}

template <typename Items>
absl::StatusOr<std::string> TheOnly(const Items& items, const std::string& name) {
  if (items.empty()) return absl::NotFoundError(absl::StrCat("there is nothing that ends as ", name));
  if (items.size() == 1) return items.Get(0).name();
  return UsageError(absl::StrCat("there are several that end as ", name, ": give more of it"));
}

template <typename Request>
Request ListOf(const std::string& parent, const std::string& end) {
  Request request;
  request.set_parent(parent);
  request.set_filter(absl::StrCat("name = \"*", end, "\""));
  request.set_page_size(1000);
  return request;
}

}  // namespace

absl::StatusOr<std::string> WithWholeId(Session& session, const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  const std::string end = EndOf(parts.back());
  if (end.empty() || parts.size() != 4) return name;
  const std::string customer = absl::StrCat(parts[0], "/", parts[1]);
  const client::LicensingClient licensing(session.connection);
  if (parts[2] == "licenses") {
    const auto request = ListOf<v1::ListLicensesRequest>(customer, end);
    ASSIGN_OR_RETURN(const auto found, licensing.ListLicenses(request, session.Options()));
    return TheOnly(found.licenses(), name);
  }
  if (parts[2] == "subscriptions") {
    const auto request = ListOf<v1::ListSubscriptionsRequest>(customer, end);
    ASSIGN_OR_RETURN(const auto found, licensing.ListSubscriptions(request, session.Options()));
    return TheOnly(found.subscriptions(), name);
  }
  if (parts[2] != "scheduledChanges") return name;
  const auto request = ListOf<v1::ListScheduledChangesRequest>(absl::StrCat(customer, "/subscriptions/-"), end);
  ASSIGN_OR_RETURN(const auto found, licensing.ListScheduledChanges(request, session.Options()));
  return TheOnly(found.scheduled_changes(), name);
}

}  // namespace lmp::cli
