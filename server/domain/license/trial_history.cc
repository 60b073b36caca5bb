#include "server/domain/license/trial_history.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/period.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

// True for the same product, and for another level of its family.
bool IsSameThing(const model::Catalog& catalog, const std::string& a, const std::string& b) {
  if (a == b) return true;
  const model::Product* one = Find(catalog.products, a);
  const model::Product* other = Find(catalog.products, b);
  return one != nullptr && other != nullptr && !one->family.empty() && one->family == other->family &&
         one->kind == other->kind;
}

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

absl::Status CheckTrial(const model::World& world, const std::string& customer_id,
                        const std::vector<std::string>& products, Date today) {
  absl::Status repeated = absl::OkStatus();
  Date latest = today;
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (license.closed && ClosedOn(license) < license.start_date) continue;
    const auto product = std::find_if(products.begin(), products.end(), [&](const std::string& id) {
      return IsSameThing(*world.catalog, id, license.product_id);
    });
    if (product == products.end()) continue;
    if (license.version == model::PlanVersion::kFull) {
      return TrialAfterFull(ProductName(*product), ProductName(license.product_id));
    }
    const Date available = AddMonths(license.start_date, kMonthsBetweenTrials);
    if (available <= latest) continue;
    latest = available;
    repeated = TrialRepeated(ProductName(*product), available);
  }
  return repeated;
}

}  // namespace lmp::domain
