// The bench's data: a partner, a suite of three services and one of fifty, each with a plan, and as many customers as
// are asked for. Written straight into the tables with the service's own storage code.
#ifndef LMP_TESTS_BENCHMARKS_FILL_CATALOG_H_
#define LMP_TESTS_BENCHMARKS_FILL_CATALOG_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lmp/v1/licensing_service.pb.h"
#include "storage/model/change_set.h"
#include "storage/mysql/connection.h"

namespace lmp::bench {

inline constexpr char kPartner[] = "bench-msp";
inline constexpr char kPlan[] = "bench-suite-annual";
inline constexpr const char* kProducts[] = {"bench-cloud-app-security", "bench-endpoint-security",
                                            "bench-hosted-email"};
inline constexpr int kUnits = 25;
inline constexpr int kLargePlanLicenses = 50;

absl::Status CreateCatalog(storage::Connection& connection);

// Rows as CreateCatalog makes them, and how they are saved: in one transaction.
model::Product NewProduct(const std::string& id, model::ProductKind kind);
// A plan of kPartner for a product, of a year that renews.
model::ServicePlan NewPlan(const std::string& id, const model::Product& product);
model::Stamp NewStamp();
absl::Status Save(storage::Connection& connection, const model::ChangeSet& changes);

// Makes customers that have nothing yet.
class CustomerMaker {
 public:
  explicit CustomerMaker(storage::Connection& connection) : connection_(connection) {}
  // Their ids.
  absl::StatusOr<std::vector<std::string>> Make(int count);

 private:
  storage::Connection& connection_;
  int made_ = 0;
};

// kUnits of each of a plan's products for a customer, whatever it has.
v1::AssignServicePlanRequest AssignPlanRequest(const std::string& customer_id, const std::string& plan_id,
                                               const std::vector<std::string>& products);
// The plan for a customer; the second one for the same customer is a crossgrade of all three licenses.
v1::AssignServicePlanRequest AssignRequest(const std::string& customer_id);
// The plan of kLargePlanLicenses products.
v1::AssignServicePlanRequest AssignLargeRequest(const std::string& customer_id);
// Without `max_staleness`: strictly fresh.
v1::CheckLicenseRequest CheckRequest(const std::string& customer_id, const std::string& product_id,
                                     std::optional<absl::Duration> max_staleness = std::nullopt);

// Customers that have the plan, and the names of what they got with it.
struct Licensed {
  std::vector<std::string> customers;      // ids
  std::vector<std::string> licenses;       // three for each
  std::vector<std::string> subscriptions;  // one for each
};
// Reads what these customers, made by one Make(), have.
absl::StatusOr<Licensed> FindLicensed(storage::Connection& connection, std::vector<std::string> customer_ids);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FILL_CATALOG_H_
