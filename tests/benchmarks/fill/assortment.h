// What there is to buy in the made-up world: services, suites of three of them, software; and each reseller's plans.
#ifndef LMP_TESTS_BENCHMARKS_FILL_ASSORTMENT_H_
#define LMP_TESTS_BENCHMARKS_FILL_ASSORTMENT_H_

#include <string>
#include <vector>

#include "storage/model/product.h"
#include "storage/model/service_plan.h"

namespace lmp::bench {

inline constexpr int kServices = 20;  // the first 15 in suites of three
inline constexpr int kSuites = 5;
inline constexpr int kSoftware = 6;
inline constexpr int kServiceTerm = 12, kSoftwareTerm = 36;  // months
inline constexpr char kNewSuite[] = "detection-suite";       // which no customer has yet

std::string ServiceId(int i);
std::string SoftwareId(int i);
std::string SuiteId(int i);
std::string PlanId(const std::string& partner, const std::string& product);
std::vector<std::string> NewSuiteProducts();

// From the id's two digits.
model::ProductUnit UnitOf(const std::string& service_id);
std::vector<model::Product> AllProducts();
model::ServicePlan MakePlan(const std::string& partner_id, const model::Product& product);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FILL_ASSORTMENT_H_
