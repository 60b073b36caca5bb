// A value that a newer version wrote: what is not understood is neither acted upon nor written back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lmp/v1/event.pb.h"
#include "storage/event_sequence.h"
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

// What lies behind it could never be read.
TEST_F(UnknownValueTest, AnEventOfItEndsNoListOfEvents) {
  ASSERT_OK(Run(UpdateNote("customer-2", "first")));
  ASSERT_OK(Run(UpdateNote("customer-2", "second")));
  ASSERT_OK(
      admin_->Execute("UPDATE events SET after_image = JSON_SET(after_image, '$.state', 'FROZEN') WHERE key1 = "
                      "'customer-2' AND revision = 2"));
  ASSERT_OK(admin_->Execute("BEGIN"));
  ASSERT_THAT(storage::SequenceEvents(*admin_, 1000), IsOk());
  ASSERT_OK(admin_->Execute("COMMIT"));
  const auto changed = [](const v1::ListEventsResponse& list) {
    std::vector<std::string> fields;
    for (const v1::Event& event : list.events()) {
      if (!event.has_change()) {
        fields.push_back("unknown");
      } else if (event.change().resource() == "customers/customer-2") {
        fields.push_back(event.change().fields(0).after());
      }
    }
    return fields;
  };
  v1::ListEventsRequest request;
  request.set_parent("-");
  const auto everywhere = Ask<v1::ListEventsResponse>(request);
  ASSERT_THAT(everywhere, IsOk());
  EXPECT_THAT(changed(*everywhere), ElementsAre(::testing::_, "unknown", "\"second\""));
  request.set_parent("customers/customer-2");
  const auto of_customer = Ask<v1::ListEventsResponse>(request);
  ASSERT_THAT(of_customer, IsOk());
  EXPECT_THAT(changed(*of_customer), ElementsAre(::testing::_, "unknown", "\"second\""));
}

}  // namespace
}  // namespace lmp::engine
