// The calls that loads are made of, and the data they need.
#ifndef LMP_TESTS_BENCHMARKS_LOAD_WORKLOADS_H_
#define LMP_TESTS_BENCHMARKS_LOAD_WORKLOADS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/benchmarks/fill/catalog.h"
#include "tests/benchmarks/load/load.h"
#include "tests/benchmarks/servers/testbed.h"

namespace lmp::bench {

// Names of the measurements.
inline constexpr char kEcho[] = "gRPC echo";
inline constexpr char kFloor[] = "gRPC + one batched query";
inline constexpr char kLoop[] = "gRPC event loop + one batched query";
inline constexpr char kCheck[] = "CheckLicense";
inline constexpr char kCheckCached[] = "CheckLicense, max_staleness";
// On servers beside the service, for authentication alone.
inline constexpr char kCheckAnonymous[] = "CheckLicense, anonymous";
inline constexpr char kCheckKey[] = "CheckLicense, API key";
inline constexpr char kCheckToken[] = "CheckLicense, JWT";
inline constexpr char kCheckAnonymousTls[] = "CheckLicense, anonymous, TLS";
inline constexpr char kCheckCertificate[] = "CheckLicense, certificate, TLS";
inline constexpr char kCheckDirect[] = "check, direct";
inline constexpr char kCheckBatch[] = "check, direct, 32 in one";
inline constexpr char kGet[] = "GetLicense";
inline constexpr char kList[] = "ListLicenses";
inline constexpr char kAssign[] = "AssignServicePlan";
inline constexpr char kAssignDirect[] = "assign, direct";
inline constexpr char kAssignBlock[] = "assign, direct, one round trip";
inline constexpr char kAssignBatch[] = "assign, direct, 32 in one";
inline constexpr char kAssignOne[] = "AssignServicePlan, one customer";
inline constexpr char kMixed[] = "mixed load";

// Rarely reached within a bench, whose short runs would else begin with answers too old: what is measured is the steady
// state of a busy server, where nearly all are young enough.
inline constexpr absl::Duration kMaxStaleness = absl::Seconds(60);
inline constexpr int kPage = 50;  // entries of a page

absl::Status FirstError(const Run& run);

// In a fixed random order: neighbours in time are not neighbours in the table.
class Shuffled {
 public:
  explicit Shuffled(std::vector<std::string> items);
  const std::string& operator[](int64_t number) const { return items_[static_cast<size_t>(number) % items_.size()]; }

 private:
  std::vector<std::string> items_;
};

// One of a customer's three products, the same for calls that follow each other on other customers.
const char* ProductOf(int64_t number);

// Customers that have the plan, assigned by the service.
absl::StatusOr<Licensed> MakeLicensed(Testbed& testbed, int count);
// Customers with just a full page of licenses.
absl::StatusOr<std::vector<std::string>> MakeLarge(Testbed& testbed, int count);

// The number-th call is about the number-th of these, round and round. The stubs must outlive the work.
Work CheckWork(const Stubs& stubs, const std::vector<std::string>& customer_ids,
               std::optional<absl::Duration> max_staleness = std::nullopt, const std::string& authorization = "");
Work GetWork(const Stubs& stubs, const std::vector<std::string>& license_names);
Work ListWork(const Stubs& stubs, const std::vector<std::string>& customer_ids);
// In order; a customer's second turn is a crossgrade.
Work AssignWork(const Stubs& stubs, std::vector<std::string> customer_ids);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_LOAD_WORKLOADS_H_
