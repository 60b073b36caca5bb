// How often loading what a batch of 32 CheckLicense calls needs asks for memory, the connector's share included: beside
// allocation_guard_test.cc, which has no connector. Exactly so often.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/license_checks.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

constexpr int kChecks = 32;
constexpr int kRuns = 5;
constexpr int64_t kExpected = 475;

using LoadingAllocationsTest = EngineTest;

TEST_F(LoadingAllocationsTest, OfThirtyTwoChecks) {
  std::vector<model::RowKey> keys;
  for (const std::string& customer : AddCustomers(kChecks)) {
    ASSERT_OK(Run(Assign(customer, kSuitePlan, kSuiteUnits)));
    keys.emplace_back(customer, kService);
  }
  std::vector<int64_t> counts;
  for (int run = 0; run < kRuns; ++run) {
    model::World world;
    testing::StartCounting();
    const absl::Status status = storage::LoadLicenseChecks(*admin_, keys, world);
    counts.push_back(testing::Forgive(testing::StopCounting(), kExpected, testing::kPercentOff));
    ASSERT_OK(status);
    ASSERT_EQ(world.licenses.size(), keys.size());
  }
  counts.erase(counts.begin());  // prepares the statement
  EXPECT_THAT(counts, ::testing::Each(kExpected))
      << "fewer: write the lower number down. more: find out who allocates (testing::StartTracing, as in "
         "allocation_guard_test.cc)";
}

}  // namespace
}  // namespace lmp::engine
