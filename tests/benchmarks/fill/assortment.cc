#include "tests/benchmarks/fill/assortment.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace lmp::bench {
namespace {

model::Product MakeProduct(const std::string& id, model::ProductKind kind, model::ProductUnit unit,
                           std::vector<std::string> components = {}) {
  return {.product_id = id, .display_name = id, .kind = kind, .unit = unit, .components = std::move(components)};
}

}  // namespace

std::string ServiceId(int i) { return absl::StrFormat("cloud-service-%02d", i); }
std::string SoftwareId(int i) { return absl::StrFormat("endpoint-software-%02d", i); }
std::string SuiteId(int i) { return absl::StrFormat("protection-suite-%02d", i); }
std::string PlanId(const std::string& partner, const std::string& product) {
  return absl::StrCat(partner, "-", product);
}
std::vector<std::string> NewSuiteProducts() {
  return {"detection-of-email", "detection-of-endpoints", "detection-of-networks"};
}

model::ProductUnit UnitOf(const std::string& service_id) {
  return (service_id[service_id.size() - 2] + service_id.back()) % 3 == 2 ? model::ProductUnit::kMailbox
                                                                          : model::ProductUnit::kSeat;
}

std::vector<model::Product> AllProducts() {
  using model::ProductKind;
  using model::ProductUnit;
  std::vector<model::Product> products;
  for (int i = 0; i < kServices; ++i) {
    products.push_back(MakeProduct(ServiceId(i), ProductKind::kService, UnitOf(ServiceId(i))));
  }
  for (const std::string& id : NewSuiteProducts()) {
    products.push_back(MakeProduct(id, ProductKind::kService, ProductUnit::kSeat));
  }
  for (int i = 0; i < kSoftware; ++i)
    products.push_back(MakeProduct(SoftwareId(i), ProductKind::kSoftware, ProductUnit::kEndpoint));
  for (int i = 0; i < kSuites; ++i) {
    products.push_back(MakeProduct(SuiteId(i), ProductKind::kSuite, ProductUnit::kUnspecified,
                                   {ServiceId(3 * i), ServiceId(3 * i + 1), ServiceId(3 * i + 2)}));
  }
  products.push_back(MakeProduct(kNewSuite, ProductKind::kSuite, ProductUnit::kUnspecified, NewSuiteProducts()));
  return products;
}

model::ServicePlan MakePlan(const std::string& partner_id, const model::Product& product) {
  model::ServicePlan plan{.service_plan_id = PlanId(partner_id, product.product_id),
                          .partner_id = partner_id,
                          .display_name = absl::StrCat("Plan of ", product.product_id),
                          .product_id = product.product_id};
  const bool software = product.kind == model::ProductKind::kSoftware;
  plan.terms.initial_term_months = software ? kSoftwareTerm : kServiceTerm;
  plan.terms.auto_renewal = true;
  plan.terms.renewal_term_months = software ? kSoftwareTerm : kServiceTerm;
  plan.components = product.components;
  return plan;
}

}  // namespace lmp::bench
