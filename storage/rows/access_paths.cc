#include "storage/rows/access_paths.h"

#include <algorithm>
#include <map>

namespace lmp::storage {
namespace {

using Paths = std::map<std::string, std::vector<AccessPath>, std::less<>>;

const Paths& AllPaths() {
  static const auto& paths = *new Paths{
      {"partners",
       {{"PRIMARY", {}, ""},
        {"partners_by_parent", {"parent_id"}, ""},
        {"partners_by_display_name", {}, "display_name"}}},
      {"products", {{"PRIMARY", {}, ""}, {"products_by_display_name", {}, "display_name"}}},
      {"service_plans",
       {{"PRIMARY", {}, ""},
        {"service_plans_by_partner", {"partner_id"}, ""},
        {"service_plans_by_product", {"product_id"}, ""},
        {"service_plans_by_display_name", {}, "display_name"},
        {"service_plans_by_partner_and_display_name", {"partner_id"}, "display_name"}}},
      {"customers",
       {{"PRIMARY", {}, ""},
        {"customers_by_external_id", {"external_id"}, ""},
        {"customers_by_display_name", {"display_name"}, ""},
        {"customers_by_partner", {"partner_id"}, ""},
        {"customers_by_display_name", {}, "display_name"},
        {"customers_by_partner_and_display_name", {"partner_id"}, "display_name"}}},
      {"subscriptions",
       {{"PRIMARY", {}, ""},
        {"PRIMARY", {"customer_id"}, ""},
        {"subscriptions_by_service_plan", {"service_plan_id"}, ""}}},
      {"licenses",
       {{"PRIMARY", {}, ""},
        {"PRIMARY", {"customer_id"}, ""},
        {"licenses_by_product", {"product_id"}, ""},
        {"licenses_by_expiration_date", {}, "expiration_date"},
        {"licenses_by_customer_and_expiration_date", {"customer_id"}, "expiration_date"}}},
      {"license_pools",
       {{"PRIMARY", {}, ""}, {"PRIMARY", {"partner_id"}, ""}, {"license_pools_by_product", {"product_id"}, ""}}},
      {"registration_keys",
       {{"PRIMARY", {}, ""},
        {"registration_keys_by_service_plan", {"service_plan_id"}, ""},
        {"registration_keys_by_partner", {"partner_id"}, ""},
        {"registration_keys_by_expire_date", {}, "expire_date"}}},
      {"api_keys", {{"PRIMARY", {}, ""}, {"api_keys_by_partner", {"partner_id"}, ""}}},
      {"scheduled_changes",
       {{"PRIMARY", {}, ""},
        {"PRIMARY", {"customer_id"}, ""},
        {"scheduled_changes_by_customer_and_effective_date", {"customer_id"}, "effective_date"},
        {"scheduled_changes_by_state_and_effective_date", {"state"}, "effective_date"},
        {"scheduled_changes_by_effective_date", {}, "effective_date"}}},
  };
  return paths;
}

bool Has(const std::vector<std::string>& columns, const std::string& column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

}  // namespace

const std::vector<AccessPath>& AccessPathsOf(absl::string_view table) {
  const auto paths = AllPaths().find(table);
  static const auto& none = *new std::vector<AccessPath>();
  return paths == AllPaths().end() ? none : paths->second;
}

const AccessPath* ChooseAccessPath(absl::string_view table, const std::vector<std::string>& equals,
                                   absl::string_view order_by) {
  const AccessPath* best = nullptr;
  for (const AccessPath& path : AccessPathsOf(table)) {
    if (path.order_by != order_by) continue;
    if (!std::all_of(path.equals.begin(), path.equals.end(),
                     [&](const std::string& column) { return Has(equals, column); })) {
      continue;
    }
    if (best == nullptr || path.equals.size() > best->equals.size()) best = &path;
  }
  return best;
}

}  // namespace lmp::storage
