#include "client/cli/assign/assign.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/assign/assign_dialog.h"
#include "client/cli/contract/field_value.h"
#include "client/cli/contract/number.h"
#include "client/cli/request/id_endings.h"
#include "client/cli/request/stored_changes.h"
#include "client/cli/status_macros.h"
#include "lmp/licensing_client.h"
#include "lmp/names.h"

namespace lmp::cli {
namespace {

using Resolution = v1::Crossgrade::Resolution;

constexpr char kNoDialog[] =
    "give CUSTOMER and PLAN, and --units PRODUCT=N (or N for all) unless the plan is NFR: "
    "lmp assign CUSTOMER PLAN --units N [--start DATE] [--crossgrade auto|PRODUCT=transfer|PRODUCT=new]. "
    "On a terminal, `lmp assign` alone asks step by step.";

// Splits "PRODUCT=VALUE" in two; the first part is empty if there is no "=".
std::pair<std::string, std::string> SplitProduct(const std::string& text) {
  const size_t equals = text.rfind('=');
  if (equals == std::string::npos) return {"", text};
  return {client::ProductName(text.substr(0, equals)), text.substr(equals + 1)};
}

struct Units {
  std::map<std::string, int32_t> by_product;
  std::optional<int32_t> others;
};

absl::StatusOr<Units> ParseUnits(const std::vector<std::string>& texts) {
  Units units;
  for (const std::string& text : texts) {
    const auto [product, number] = SplitProduct(text);
    if (product.empty() && absl::StrContains(text, '=')) {
      return UsageError(absl::StrCat("--units ", text, ": must be PRODUCT=N, or N for all products not named"));
    }
    const absl::StatusOr<int32_t> n = ParseNumber(number);
    if (!n.ok()) return UsageError(absl::StrCat("--units ", text, ": ", n.status().message()));
    const bool is_new =
        product.empty() ? !std::exchange(units.others, *n) : units.by_product.emplace(product, *n).second;
    if (!is_new) return UsageError(absl::StrCat("--units ", text, ": units for the same product are given twice"));
  }
  return units;
}

absl::Status SetUnits(Session& session, v1::AssignServicePlanRequest& request) {
  ASSIGN_OR_RETURN(Units units, ParseUnits(session.invocation.assign.units));
  if (units.others.has_value()) {
    v1::GetServicePlanRequest get;
    get.set_name(request.service_plan());
    ASSIGN_OR_RETURN(const v1::ServicePlan plan,
                     client::LicensingClient(session.connection).GetServicePlan(get, session.Options()));
    for (const std::string& product : plan.components()) units.by_product.emplace(product, *units.others);
  }
  for (const auto& [product, n] : units.by_product) {
    v1::LicenseUnits* added = request.add_units();
    added->set_product(product);
    added->set_units(n);
  }
  return absl::OkStatus();
}

absl::Status SetCrossgrade(const AssignArguments& arguments, v1::AssignServicePlanRequest& request) {
  if (arguments.keep_latest) request.mutable_crossgrade()->set_expiration(v1::Crossgrade::KEEP_LATEST);
  if (arguments.crossgrade.empty()) return absl::OkStatus();
  v1::Crossgrade& crossgrade = *request.mutable_crossgrade();
  const bool is_automatic = absl::EqualsIgnoreCase(arguments.crossgrade.front(), "auto");
  if (is_automatic && arguments.crossgrade.size() == 1) {
    crossgrade.set_mode(v1::Crossgrade::AUTOMATIC);
    return absl::OkStatus();
  }
  crossgrade.set_mode(v1::Crossgrade::EXPLICIT);
  for (const std::string& text : arguments.crossgrade) {
    const auto [product, choice] = SplitProduct(text);
    const bool is_transfer = absl::EqualsIgnoreCase(choice, "transfer");
    if (product.empty() || (!is_transfer && !absl::EqualsIgnoreCase(choice, "new"))) {
      return UsageError(absl::StrCat("--crossgrade ", text,
                                     ": must be auto alone, or PRODUCT=transfer or PRODUCT=new for each product"));
    }
    Resolution& resolution = *crossgrade.add_resolutions();
    resolution.set_product(product);
    resolution.set_choice(is_transfer ? Resolution::TRANSFER : Resolution::NEW_LICENSE);
  }
  return absl::OkStatus();
}

absl::StatusOr<google::type::Date> ParseFlagDate(absl::string_view flag, const std::string& text) {
  absl::StatusOr<google::type::Date> date = ParseDate(text);
  if (date.ok()) return date;
  return absl::InvalidArgumentError(absl::StrCat(flag, " ", text, ": ", date.status().message()));
}

absl::Status SetDates(const AssignArguments& arguments, v1::AssignServicePlanRequest& request) {
  if (!arguments.start.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_start_date(), ParseFlagDate("--start", arguments.start));
  }
  if (!arguments.align_date.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_align()->mutable_expiration_date(),
                     ParseFlagDate("--align-date", arguments.align_date));
  }
  if (!arguments.align_subscription.empty()) {
    const std::string customer_id = request.parent().substr(request.parent().rfind('/') + 1);
    const bool is_id = !absl::StrContains(arguments.align_subscription, '/');
    request.mutable_align()->set_subscription(client::FullName(
        "customers/*/subscriptions/*",
        is_id ? absl::StrCat(customer_id, "/", arguments.align_subscription) : arguments.align_subscription));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SendAssignment(Session& session, v1::AssignServicePlanRequest request) {
  RETURN_IF_ERROR(session.ApplyChangeFlags(request));
  ASSIGN_OR_RETURN(const v1::AssignServicePlanResponse response,
                   client::LicensingClient(session.connection).AssignServicePlan(request, session.Options()));
  session.Write(response);
  ShowStoredChanges(session, request, response);
  return absl::OkStatus();
}

absl::Status RunAssign(Session& session) {
  const AssignArguments& arguments = session.invocation.assign;
  // On a terminal the tool asks for whatever is missing, unless flags already say what is wanted.
  const bool can_ask = session.console.interactive && !arguments.has_flags() && !session.invocation.global.yes;
  if (can_ask) return RunAssignDialog(session);
  if (arguments.plan.empty()) return UsageError(kNoDialog);
  v1::AssignServicePlanRequest request;
  request.set_parent(client::CustomerName(arguments.customer));
  request.set_service_plan(client::ServicePlanName(arguments.plan));
  if (absl::Status status = SetCrossgrade(arguments, request); !status.ok()) return status;
  if (absl::Status status = SetDates(arguments, request); !status.ok()) return AsUsageError(status);
  if (!request.align().subscription().empty()) {
    ASSIGN_OR_RETURN(*request.mutable_align()->mutable_subscription(),
                     WithWholeId(session, request.align().subscription()));
  }
  RETURN_IF_ERROR(SetUnits(session, request));
  return SendAssignment(session, std::move(request));
}

}  // namespace lmp::cli
