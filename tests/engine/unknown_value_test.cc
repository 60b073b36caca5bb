// A value that a newer version wrote: what is not understood is neither acted upon nor written back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "storage/rows/images.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

class UnknownValueTest : public EngineTest {
 protected:
  UnknownValueTest() {
    AddCustomers(2);
    if (!admin_->is_mariadb()) return;
    EXPECT_OK(admin_->Execute("SET SESSION check_constraint_checks = 0"));
    EXPECT_OK(admin_->Execute("UPDATE customers SET state = 'FROZEN' WHERE customer_id = 'customer-1'"));
  }
  void SetUp() override {
    if (!admin_->is_mariadb()) GTEST_SKIP() << "its constraints can't be passed by";
  }
};

TEST_F(UnknownValueTest, AWriterSaysWhereItIsAndItsBatchGoesOn) {
  const auto engine = NewWriteEngine({.workers = 1});
  Hold hold(*engine);
  auto unknown = Start(*engine, UpdateNote("customer-1", "lost"));
  auto neighbor = Start(*engine, UpdateNote("customer-2", "kept"));
  hold.Release();
  EXPECT_THAT(neighbor.get(), IsOk());
  const absl::Status status = unknown.get().status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("customers customer-1 : \"FROZEN\""));
  EXPECT_THAT(Texts("SELECT CONCAT(state, ' ', note) FROM customers ORDER BY customer_id"),
              ElementsAre("FROZEN ", "ENABLED kept"));
}

TEST_F(UnknownValueTest, SoDoesAReader) {
  const auto reads = NewReadEngine({.workers = 1});
  const auto state = Start(*reads, {.footprint = {.customers = {"customer-1"}},
                                    .answer =
                                        [](const model::World& world, const domain::Env&) {
                                          return std::string(model::NameOf(Find(world.customers, "customer-1")->state));
                                        }})
                         .get();
  EXPECT_THAT(state, StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(UnknownValueTest, AndSoDoesAnImageOfThePast) {
  EXPECT_THAT(storage::RowOf<model::Customer>(R"({"customer_id":"customer-1","state":"FROZEN"})"),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace lmp::engine
