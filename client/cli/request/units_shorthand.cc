#include "client/cli/request/units_shorthand.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/contract/number.h"
#include "client/cli/request/spoken_names.h"
#include "client/cli/status_macros.h"
#include "lmp/licensing_client.h"
#include "lmp/names.h"

namespace lmp::cli {
namespace {

using google::protobuf::DynamicCastToGenerated;
using google::protobuf::Message;

absl::StatusOr<std::set<std::string>> OfSubscription(Session& session, const std::string& name) {
  v1::GetSubscriptionRequest get;
  get.set_name(name);
  const client::LicensingClient licensing(session.connection);
  absl::StatusOr<v1::Subscription> found = licensing.GetSubscription(get, session.Options());
  if (absl::IsNotFound(found.status())) {
    ASSIGN_OR_RETURN(*get.mutable_name(), MeantBy(session, name, found.status()));
    found = licensing.GetSubscription(get, session.Options());
  }
  ASSIGN_OR_RETURN(const v1::Subscription subscription, found);
  std::set<std::string> products;
  for (const v1::License& license : subscription.licenses()) products.insert(license.product());
  return products;
}

absl::StatusOr<std::set<std::string>> OfPlan(Session& session, const std::string& name) {
  v1::GetServicePlanRequest get;
  get.set_name(name);
  ASSIGN_OR_RETURN(const v1::ServicePlan plan,
                   client::LicensingClient(session.connection).GetServicePlan(get, session.Options()));
  return std::set<std::string>(plan.components().begin(), plan.components().end());
}

absl::StatusOr<std::set<std::string>> OfKey(Session& session, const std::string& name) {
  v1::GetRegistrationKeyRequest get;
  get.set_name(name);
  ASSIGN_OR_RETURN(const v1::RegistrationKey key,
                   client::LicensingClient(session.connection).GetRegistrationKey(get, session.Options()));
  return OfPlan(session, key.service_plan());
}

std::set<std::string> OfFlag(const Invocation& invocation) {
  for (const auto& [flag, values] : invocation.flags) {
    if (flag.path == "product") return {client::ProductName(values.front())};
  }
  return {};
}

absl::StatusOr<std::set<std::string>> Products(Session& session, const Message& request) {
  if (const auto* update = DynamicCastToGenerated<v1::UpdateSubscriptionRequest>(&request)) {
    return OfSubscription(session, update->subscription().name());
  }
  if (const auto* apply = DynamicCastToGenerated<v1::ApplyPlanUpdatesRequest>(&request)) {
    return OfSubscription(session, apply->name());
  }
  if (const auto* key = DynamicCastToGenerated<v1::CreateRegistrationKeyRequest>(&request)) {
    return OfPlan(session, key->registration_key().service_plan());
  }
  if (const auto* update = DynamicCastToGenerated<v1::UpdateRegistrationKeyRequest>(&request)) {
    return OfKey(session, update->registration_key().name());
  }
  return OfFlag(session.invocation);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> WithProducts(Session& session, const Message& request,
                                                      const std::vector<std::string>& values) {
  std::vector<std::string> pairs;
  std::set<std::string> named;
  std::vector<std::string> alone;
  for (const std::string& value : values) {
    (absl::StrContains(value, '=') ? pairs : alone).push_back(value);
    named.insert(client::ProductName(value.substr(0, value.find('='))));
  }
  if (alone.empty()) return pairs;
  if (alone.size() > 1) return UsageError(absl::StrCat("--units ", alone[1], ": N for all products is given twice"));
  if (const absl::Status status = ParseNumber(alone[0]).status(); !status.ok()) {
    return UsageError(absl::StrCat("--units ", alone[0], ": ", status.message()));
  }
  ASSIGN_OR_RETURN(const std::set<std::string> products, Products(session, request));
  if (products.empty()) {
    return UsageError(absl::StrCat("--units ", alone[0], ": must be PRODUCT=N, or N beside --product"));
  }
  for (const std::string& product : products) {
    if (named.count(product) == 0) pairs.push_back(absl::StrCat(product, "=", alone[0]));
  }
  return pairs;
}

}  // namespace lmp::cli
