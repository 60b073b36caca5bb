// A poisoned command in a batch harms no neighbour, and nothing of it is stored.
#include <stdexcept>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/wire/status.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class PoisonTest : public EngineTest {
 protected:
  // Runs the mutation between two neighbours, in one batch, and returns how it was answered.
  absl::Status Poison(Mutation poison) {
    AddCustomers(3);
    const std::string request_id = poison.request_id;
    const auto engine = NewWriteEngine({.workers = 1});
    Hold hold(*engine);
    auto first = Start(*engine, UpdateNote("customer-1", "neighbour"));
    auto poisoned = Start(*engine, std::move(poison));
    auto last = Start(*engine, AssignService("customer-3"));
    hold.Release();
    EXPECT_OK(first.get());
    EXPECT_OK(last.get());
    const absl::Status status = poisoned.get().status();

    EXPECT_THAT(Texts("SELECT note FROM customers ORDER BY customer_id"), ElementsAre("neighbour", "", ""));
    EXPECT_THAT(Texts("SELECT customer_id FROM licenses"), ElementsAre("customer-3"));
    EXPECT_THAT(Texts("SELECT request_id FROM requests WHERE request_id = '" + request_id + "'"), IsEmpty());
    EXPECT_THAT(Texts("SELECT request_id FROM events WHERE request_id = '" + request_id + "'"), IsEmpty());
    EXPECT_THAT(Violations(), IsEmpty());
    return status;
  }

  // What the caller sees: that something went wrong, and nothing else.
  static void ExpectInternal(const absl::Status& status) {
    std::string reason;
    const grpc::Status shown = wire::ToGrpc(status, "log-1", &reason);
    EXPECT_EQ(shown.error_code(), grpc::StatusCode::INTERNAL) << status;
    EXPECT_EQ(reason, "INTERNAL_FAILURE");
    EXPECT_THAT(shown.error_message(), HasSubstr("log-1"));
    EXPECT_THAT(shown.error_message(), Not(HasSubstr("SQL")));
  }

  static const model::Footprint kSecond;
};

const model::Footprint PoisonTest::kSecond = {.customers = {"customer-2"}};

model::Customer& Second(model::World& world) { return *Find(world.customers, "customer-2"); }

TEST_F(PoisonTest, ADecisionThatThrows) {
  const absl::Status status = Poison(Custom(kSecond, [](model::World& world, const domain::Env&) -> absl::Status {
    Second(world).note = "poison";
    throw std::runtime_error("a bug");
  }));
  ExpectInternal(status);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Custom threw: a bug"));  // for our log
}

TEST_F(PoisonTest, AnAnswerThatThrows) {
  Mutation poison = Custom(kSecond, {});
  poison.decide = [](model::World& world, const domain::Env&) -> absl::StatusOr<ResponseWriter> {
    Second(world).note = "poison";
    return ResponseWriter([](const Decision&) -> std::string { throw std::runtime_error("a bug"); });
  };
  ExpectInternal(Poison(std::move(poison)));
}

TEST_F(PoisonTest, ARowThatBreaksACheckOfTheDatabase) {
  ExpectInternal(Poison(Custom(kSecond, [](model::World& world, const domain::Env&) {
    Second(world).state = model::CustomerState::kUnspecified;
    return absl::OkStatus();
  })));
}

TEST_F(PoisonTest, ARowThatRefersToOneThatIsNotThere) {
  // 9.7.4 does not check an UPDATE whose foreign key has an index with a NULL further on: customers_external_id.
  if (!admin_->is_mariadb()) GTEST_SKIP() << "Oracle's MySQL may overlook it";
  ExpectInternal(Poison(Custom(kSecond, [](model::World& world, const domain::Env&) {
    Second(world).partner_id = "no-such-partner";
    return absl::OkStatus();
  })));
}

TEST_F(PoisonTest, AValueThatDoesNotFitItsColumn) {
  ExpectInternal(Poison(Custom(kSecond, [](model::World& world, const domain::Env&) {
    Second(world).note = std::string(501, 'x');
    return absl::OkStatus();
  })));
}

TEST_F(PoisonTest, ADecisionThatBreaksAnInvariant) {
  const absl::Status status = Poison(Custom(kSecond, [](model::World& world, const domain::Env& env) {
    for (const char* id : {"one", "two"}) {
      model::License license;
      license.customer_id = "customer-2";
      license.license_id = id;
      license.product_id = kService;
      license.product_kind = model::ProductKind::kService;
      license.unit = model::ProductUnit::kUser;
      license.units = 1;
      license.start_date = env.today;
      license.expiration_date = license.grace_end_date = env.today + 30;
      world.licenses[KeyOf(license)] = license;
    }
    return absl::OkStatus();
  }));
  ExpectInternal(status);
  EXPECT_THAT(std::string(status.message()), HasSubstr("I1: "));
}

// As another program on the database would make it: found only when the row is written.
TEST_F(PoisonTest, AUniqueValueThatNobodyLookedUp) {
  model::Customer taken = SomeCustomer("has-it");
  taken.external_id = "erp-1";
  EXPECT_OK(Run(CreateCustomer(taken)));
  AddCustomers(3);
  const auto engine = NewWriteEngine({.workers = 1});
  Hold hold(*engine);
  auto poisoned = Start(*engine, Custom(kSecond, [](model::World& world, const domain::Env&) {
    Second(world).external_id = "erp-1";
    return absl::OkStatus();
  }));
  auto neighbour = Start(*engine, UpdateNote("customer-3", "neighbour"));
  hold.Release();
  EXPECT_THAT(poisoned.get(), testing::StatusIs(absl::StatusCode::kAborted));
  EXPECT_OK(neighbour.get());
  EXPECT_THAT(Violations(), IsEmpty());
}

}  // namespace
}  // namespace lmp::engine
