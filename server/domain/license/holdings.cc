#include "server/domain/license/holdings.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/license/license_status.h"

namespace lmp::domain {
namespace {

bool ByName(const model::License* one, const model::License* other) { return one->license_id < other->license_id; }

}  // namespace

std::string ThingOf(const model::Catalog& catalog, const std::string& product_id) {
  const model::Product* product = Find(catalog.products, product_id);
  if (product == nullptr || product->family.empty()) return product_id;
  return absl::StrCat(static_cast<int>(product->kind), "/", product->family);  // an id has no slash
}

Licenses LicensesOf(const model::World& world, const std::string& customer_id) {
  Licenses licenses;
  for (const auto& [key, license] : Range(world.licenses, customer_id)) licenses.push_back(&license);
  return licenses;
}

Holdings::Holdings(const model::World& world, const std::string& customer_id) : catalog_(*world.catalog) {
  std::map<std::string, const model::License*> in_full, last_trial;  // by product, of those that have ended
  for (const model::License* license : LicensesOf(world, customer_id)) {
    if (!license->closed) {
      by_thing_[ThingOf(catalog_, license->product_id)].push_back(license);
    } else if (ClosedOn(*license) < license->start_date) {
      continue;  // was never had
    } else if (license->version == model::PlanVersion::kFull) {
      in_full.try_emplace(license->product_id, license);
    } else {
      const model::License*& last = last_trial[license->product_id];
      if (last == nullptr || license->start_date > last->start_date) last = license;
    }
  }
  for (const auto& ended : {in_full, last_trial}) {
    for (const auto& [product, license] : ended) by_thing_[ThingOf(catalog_, product)].push_back(license);
  }
}

Licenses Holdings::Of(const std::vector<std::string>& products) const {
  std::set<std::string> things;
  for (const std::string& product : products) things.insert(ThingOf(catalog_, product));
  Licenses licenses;
  for (const std::string& thing : things) {
    const auto found = by_thing_.find(thing);
    if (found != by_thing_.end()) licenses.insert(licenses.end(), found->second.begin(), found->second.end());
  }
  std::sort(licenses.begin(), licenses.end(), ByName);
  return licenses;
}

}  // namespace lmp::domain
