#include "client/cli/request/spoken_names.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lmp/error.h"
#include "lmp/licensing_client.h"

namespace lmp::cli {
namespace {

constexpr char kRuns[] = " AND (state = ACTIVE OR state = SUSPENDED)";

std::vector<std::string> Subscriptions(Session& session, const std::string& parent, const std::string& filter) {
  v1::ListSubscriptionsRequest list;
  list.set_parent(parent);
  list.set_filter(filter);
  std::vector<std::string> names;
  const auto page = client::LicensingClient(session.connection).ListSubscriptions(list, session.Options());
  if (!page.ok()) return names;
  for (const v1::Subscription& subscription : page->subscriptions()) names.push_back(subscription.name());
  return names;
}

std::vector<std::string> Licenses(Session& session, const std::string& parent, const std::string& product) {
  v1::ListLicensesRequest list;
  list.set_parent(parent);
  list.set_filter(absl::StrCat("product = \"products/", product, "\" AND state != EXPIRED AND state != DISABLED"));
  std::vector<std::string> names;
  const auto page = client::LicensingClient(session.connection).ListLicenses(list, session.Options());
  if (!page.ok()) return names;
  for (const v1::License& license : page->licenses()) names.push_back(license.name());
  return names;
}

}  // namespace

absl::StatusOr<std::string> MeantBy(Session& session, const std::string& name, const absl::Status& not_found) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() != 4 || parts[0] != "customers") return not_found;
  const std::string parent = absl::StrCat(parts[0], "/", parts[1]);
  std::vector<std::string> meant;
  if (client::HasReason(not_found, v1::SUBSCRIPTION_NOT_FOUND)) {
    meant = Subscriptions(session, parent, absl::StrCat("service_plan = \"servicePlans/", parts[3], "\"", kRuns));
    if (meant.empty()) {
      meant = Subscriptions(session, parent, absl::StrCat("licenses.product = \"products/", parts[3], "\"", kRuns));
    }
  } else if (client::HasReason(not_found, v1::LICENSE_NOT_FOUND)) {
    meant = Licenses(session, parent, parts[3]);
  }
  if (meant.empty()) return not_found;
  if (meant.size() == 1) return meant.front();
  return UsageError(absl::StrCat(name, " may be any of these, name one: ", absl::StrJoin(meant, ", ")));
}

}  // namespace lmp::cli
