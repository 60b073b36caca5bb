#include "client/cli/assign/assign_preview.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/contract/field_value.h"
#include "client/cli/output/advisories.h"
#include "client/cli/output/change_text.h"
#include "client/cli/output/table.h"

namespace lmp::cli {
namespace {

std::string FateOf(const v1::License& license, const v1::AssignServicePlanResponse& response) {
  for (const v1::CrossgradeOutcome& outcome : response.crossgrade_outcomes()) {
    if (outcome.product() != license.product()) continue;
    if (outcome.resolution() == v1::Crossgrade::Resolution::NEW_LICENSE) {
      return absl::StrCat("new, beside ", outcome.license());
    }
    return absl::StrCat("transferred, had ", outcome.before().units(), " until ",
                        DateText(outcome.before().expiration_date()), outcome.shortened() ? " (SHORTENED)" : "");
  }
  return "new";
}

}  // namespace

bool ShortensTerm(const v1::AssignServicePlanResponse& response) {
  return std::any_of(response.crossgrade_outcomes().begin(), response.crossgrade_outcomes().end(),
                     [](const v1::CrossgradeOutcome& outcome) { return outcome.shortened(); });
}

void RenderAssignPreview(const v1::AssignServicePlanResponse& response, size_t width, std::ostream& out) {
  Table table({"PRODUCT", "UNITS", "UNIT", "START", "EXPIRES", "LICENSE"});
  for (const v1::License& license : response.subscription().licenses()) {
    table.Add({license.product(), absl::StrCat(license.units()), v1::Product::Unit_Name(license.unit()),
               DateText(license.start_date()), DateText(license.expiration_date()), FateOf(license, response)});
  }
  table.Write(out, "", width);
  for (const v1::Subscription& old : response.replaced_subscriptions()) {
    out << old.name() << " (" << Printable(old.display_name()) << ") becomes "
        << v1::Subscription::State_Name(old.state()) << "\n";
  }
  out << "\nChanges:\n";
  for (const v1::Change& change : response.changes()) RenderChange(change, out, width);
  RenderAdvisories(response, out);
}

}  // namespace lmp::cli
