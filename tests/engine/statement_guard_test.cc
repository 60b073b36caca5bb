// What each hot call costs the database: exactly so many statements, BEGIN and COMMIT included. Who adds a round trip
// sees it here; who saves one writes the lower number down.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/license/license_verbs.h"
#include "server/domain/lookup.h"
#include "server/domain/subscription/verbs.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using testing::IsOk;

class StatementGuardTest : public EngineTest {
 protected:
  StatementGuardTest() {
    AddCustomers(100);
    for (int i = 1; i <= 40; ++i) EXPECT_THAT(Run(AssignService(absl::StrCat("customer-", i))), IsOk());
  }

  // Statements that reach the server while `call` runs for the third time: by then all are prepared and the catalog is
  // known.
  int64_t Statements(const std::function<void()>& call) {
    call();
    call();
    const int64_t first = ServerStatus("Questions");
    const int64_t asking = ServerStatus("Questions") - first;
    const int64_t before = ServerStatus("Questions");
    call();
    return ServerStatus("Questions") - before - asking;
  }

  // Several queries that wait together.
  void AskTogether(const std::vector<Query>& queries) {
    const auto engine = NewReadEngine({.workers = 1, .max_batch = 64});
    std::vector<std::future<absl::StatusOr<std::string>>> answers;
    for (const Query& query : queries) answers.push_back(Start(*engine, query));
    for (auto& answer : answers) EXPECT_THAT(answer.get(), IsOk());
  }
  Query Check(const std::string& customer) {
    v1::CheckLicenseRequest request;
    request.set_customer(domain::CustomerName(customer));
    request.set_product(domain::ProductName(kService));
    return QueryOf(request);
  }
  static Query GetCustomersLicenses(const std::string& customer) {
    return {.footprint = {.customers = {customer}},
            .answer = [](const model::World& world, const domain::Env&) -> absl::StatusOr<std::string> {
              EXPECT_EQ(world.licenses.size(), 1U);
              return std::string();
            }};
  }
  void List(const google::protobuf::Message& request) { AskTogether({QueryOf(request)}); }
  std::string NextCustomer() { return absl::StrCat("customer-", next_customer_++); }

  int next_customer_ = 41;
};

TEST_F(StatementGuardTest, Reads) {
  EXPECT_EQ(Statements([&] { AskTogether({Check("customer-1")}); }), 1);
  // Snapshot begun and ended (3), the catalog's version, the customer, its subscriptions, its licenses.
  EXPECT_EQ(Statements([&] { AskTogether({GetCustomersLicenses("customer-1")}); }), 7);
  v1::ListLicensesRequest licenses;
  licenses.set_parent("customers/-");
  licenses.set_page_size(10);
  EXPECT_EQ(Statements([&] { List(licenses); }), 7);
  licenses.set_filter("product = products/cloud-app-security AND state = ACTIVE");
  EXPECT_EQ(Statements([&] { List(licenses); }), 7);
  licenses.set_parent("customers/customer-1");
  EXPECT_EQ(Statements([&] { List(licenses); }), 9);  // is there such a customer?
  v1::ListSubscriptionsRequest subscriptions;
  subscriptions.set_parent("customers/-");
  EXPECT_EQ(Statements([&] { List(subscriptions); }), 7);
  EXPECT_EQ(Statements([&] { List(v1::ListCustomersRequest()); }), 4);
}

// One look for each batch that draws on pools: who has something due and comes first. None if it draws on none.
TEST_F(StatementGuardTest, WhatDrawsOnPools) {
  AddPool(kService, 1'000'000);
  EXPECT_EQ(Statements([&] { EXPECT_THAT(Run(Assign(NextCustomer(), kSuitePlan, kSuiteUnits)), IsOk()); }), 14);
  EXPECT_EQ(Statements([&] { EXPECT_THAT(Run(UpdateNote("customer-1", server::NewUuid())), IsOk()); }), 12);
  // Snapshot begun and ended (3), the catalog's version, the pool, the look.
  EXPECT_EQ(
      Statements([&] {
        AskTogether({Query{.footprint = {.pools = {{kPartner, kService}}},
                           .answer = [](const model::World& world, const domain::Env&) -> absl::StatusOr<std::string> {
                             EXPECT_EQ(world.pools.size(), 1U);
                             return std::string();
                           }}});
      }),
      6);
}

TEST_F(StatementGuardTest, Writes) {
  EXPECT_EQ(Statements([&] { EXPECT_THAT(Run(Assign(NextCustomer(), kSuitePlan, kSuiteUnits)), IsOk()); }), 12);
  EXPECT_EQ(Statements([&] { EXPECT_THAT(Run(UpdateNote("customer-1", server::NewUuid())), IsOk()); }), 11);
  EXPECT_EQ(Statements([&] {
              EXPECT_THAT(Run(Assign(NextCustomer(), kSuitePlan, kSuiteUnits, domain::CrossgradeMode::kReject,
                                     Mode::kValidateOnly)),
                          IsOk());
            }),
            7);
}

}  // namespace
}  // namespace lmp::engine
