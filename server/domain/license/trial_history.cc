#include "server/domain/license/trial_history.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/period.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

absl::Status TrialAfterFull(const std::string& product, const std::string& had) {
  const std::string level = product == had ? "" : absl::StrCat(", as ", had);
  return Precondition(
      reason::kTrialAfterFull, product,
      absl::StrCat("the customer has had the full version of ", product, level, ": no trial after that"));
}

absl::Status TrialRepeated(const std::string& product, Date available) {
  const std::string day = absl::FormatCivilTime(available);
  return Precondition(reason::kTrialRepeated, product,
                      absl::StrCat("the customer has had a trial of ", product, " within ", kMonthsBetweenTrials,
                                   " months: the next can be assigned on ", day),
                      {{"available_date", day}});
}

}  // namespace

absl::Status CheckTrial(const model::Catalog& catalog, const Licenses& licenses,
                        const std::vector<std::string>& products, Date today) {
  std::map<std::string, std::string> wanted;  // by what it is: the first of the products
  for (const std::string& product : products) wanted.try_emplace(ThingOf(catalog, product), product);
  absl::Status repeated = absl::OkStatus();
  Date latest = today;
  for (const model::License* license : licenses) {
    if (license->closed && ClosedOn(*license) < license->start_date) continue;
    const auto product = wanted.find(ThingOf(catalog, license->product_id));
    if (product == wanted.end()) continue;
    if (license->version == model::PlanVersion::kFull) {
      return TrialAfterFull(ProductName(product->second), ProductName(license->product_id));
    }
    const Date available = AddMonths(license->start_date, kMonthsBetweenTrials);
    if (available <= latest) continue;
    latest = available;
    repeated = TrialRepeated(ProductName(product->second), available);
  }
  return repeated;
}

}  // namespace lmp::domain
