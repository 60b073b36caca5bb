// One size of growth.h: a server on a filled database of its own, and the calls that are measured.
#ifndef LMP_TESTS_BENCHMARKS_SCENARIOS_GROWTH_SITE_H_
#define LMP_TESTS_BENCHMARKS_SCENARIOS_GROWTH_SITE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lmp/v1/customer_service.grpc.pb.h"
#include "lmp/v1/licensing_service.grpc.pb.h"
#include "storage/mysql/connection.h"
#include "tests/benchmarks/fill/fill.h"
#include "tests/benchmarks/fill/fill_database.h"
#include "tests/benchmarks/fill/population.h"
#include "tests/benchmarks/servers/process.h"

namespace lmp::bench {

struct GrowthOptions;

class GrowthSite final {
 public:
  // Fills a database and starts a server on it. Errors: those of the server and of the fill.
  static absl::StatusOr<std::unique_ptr<GrowthSite>> Open(const GrowthOptions& options, int64_t licenses);
  ~GrowthSite();

  // A kind of call; `call(i)` does the i-th.
  struct Work {
    std::string name;
    std::function<absl::Status(int64_t i)> call;
  };
  const std::vector<Work>& works() const { return works_; }

  int64_t licenses() const { return licenses_; }
  const FillReport& fill() const { return fill_; }
  // Bytes of data and of indexes of a table, and its rows (estimated by the database).
  struct TableSize {
    std::string table;
    double rows = 0;
    double data = 0;
    double indexes = 0;
  };
  absl::StatusOr<std::vector<TableSize>> Sizes() const;
  // Pages read from disk so far: whether the caches are warm.
  int64_t PagesRead() const;

 private:
  explicit GrowthSite(int64_t licenses) : licenses_(licenses) {}
  absl::Status Fill();
  absl::Status Start(const GrowthOptions& options);
  absl::Status ChooseTargets();
  absl::Status AddLists();
  int64_t Status(const std::string& name) const;

  const int64_t licenses_;
  std::unique_ptr<FillDatabase> database_;
  ServerProcess lmp_;
  std::unique_ptr<storage::Connection> side_;
  std::unique_ptr<v1::LicensingService::Stub> licensing_;
  std::unique_ptr<v1::CustomerService::Stub> customers_;
  FillReport fill_;
  std::unique_ptr<Population> population_;
  std::vector<Member> readers_, writers_;  // customers with one license, spread over all
  std::vector<Work> works_;
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SCENARIOS_GROWTH_SITE_H_
