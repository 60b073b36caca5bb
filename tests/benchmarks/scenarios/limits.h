// What much of one thing costs the others: a midnight at which much is due, a customer that has much, a catalog that
// changes all the time, a row that somebody has locked. Each on a service with a database of its own, without a worker,
// so that nothing is stored between the rounds.
#ifndef LMP_TESTS_BENCHMARKS_SCENARIOS_LIMITS_H_
#define LMP_TESTS_BENCHMARKS_SCENARIOS_LIMITS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/benchmarks/report/results.h"
#include "tests/benchmarks/servers/testbed.h"

namespace lmp::bench {

// A service like that of the bench, with further arguments, for a scenario that would disturb others.
absl::StatusOr<std::unique_ptr<Testbed>> StartApart(const Options& options, const std::vector<std::string>& arguments);

// B11: a page of a list while Options::due_customers customers have a renewal, or a scheduled change that draws on a
// pool, due today and not stored, beside the page on which nothing is due. Last, the first write of such a day.
absl::StatusOr<std::vector<Verdict>> MeasureMidnight(const Options& options);

// B12: CheckLicense and AssignServicePlan of a customer with Options::large_licenses licenses of many products, and of
// one with Options::large_of_product of one product.
absl::StatusOr<std::vector<Verdict>> MeasureLargeCustomer(const Options& options);

// B15: AssignServicePlan beside 100 new plans a second, and without.
absl::StatusOr<std::vector<Verdict>> MeasureNewPlans(const Options& options);

// B16: p99 of UpdateCustomer beside a customer, and beside a pool of another partner, that another session has locked
// and that calls wait for.
absl::StatusOr<std::vector<Verdict>> MeasureLocks(const Options& options);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SCENARIOS_LIMITS_H_
