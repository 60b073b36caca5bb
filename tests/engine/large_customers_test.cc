// Who loads several customers whole goes by how many rows they have, because one may have ten thousand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/rpcs/list_parts.h"
#include "storage/event_sequence.h"
#include "storage/history_snapshot.h"
#include "storage/license_checks.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

class LargeCustomersTest : public EngineTest {
 protected:
  // Gives the customer so many licenses as customer-1 has one, all of which have ended.
  void AddLicenses(const std::string& customer_id, int count) {
    const auto add = [&](model::World& world, const domain::Env&) {
      model::License license = Range(world.licenses, "customer-1").begin()->second;
      license.customer_id = customer_id;
      license.activation_code.reset();
      license.subscription_id.reset();
      license.closed = true;
      license.due_date.reset();
      for (int i = 0; i < count; ++i) {
        license.license_id = absl::StrCat("more-", i);
        world.licenses[KeyOf(license)] = license;
      }
      return absl::OkStatus();
    };
    EXPECT_THAT(Run(Custom({.customers = {"customer-1", customer_id}}, add)), IsOk());
  }
  // Writes to the first four customers in one batch of the engine.
  void WriteToAll(WriteEngine& engine, const std::string& note) {
    Hold hold(engine);
    std::vector<std::future<Outcome>> outcomes;
    for (int i = 1; i <= 4; ++i) outcomes.push_back(Start(engine, UpdateNote(absl::StrCat("customer-", i), note)));
    hold.Release();
    for (auto& outcome : outcomes) EXPECT_THAT(outcome.get(), IsOk());
  }
};

TEST_F(LargeCustomersTest, AListsPartsHaveSoManyRowsOrAreOfOneCustomer) {
  AddCustomers(5);
  for (const char* id : {"customer-1", "customer-2", "customer-4"}) EXPECT_OK(Run(AssignService(id)).status());
  AddLicenses("customer-3", 7);
  std::vector<model::Customer> rows;
  for (int i = 1; i <= 5; ++i) {
    rows.emplace_back().customer_id = absl::StrCat("customer-", i);
  }
  const auto sizes = [&](bool whole_customers) {
    std::vector<size_t> of_parts;
    auto parts = rpcs::Parts<model::Customer>::Of(*admin_, rows, whole_customers, /*at_once=*/4);
    EXPECT_OK(parts.status());
    for (auto part = parts->Next(); !part.empty(); part = parts->Next()) of_parts.push_back(part.size());
    EXPECT_EQ(parts->loaded(), whole_customers ? 2 + 2 + 7 + 2 : 0);
    return of_parts;
  };
  EXPECT_THAT(sizes(true), ElementsAre(2, 1, 2));
  EXPECT_THAT(sizes(false), ElementsAre(5));
}

TEST_F(LargeCustomersTest, SoAreThoseOfASnapshot) {
  AddCustomers(4);
  EXPECT_OK(Run(AssignService("customer-1")).status());
  AddLicenses("customer-2", 4000);
  AddLicenses("customer-3", 3000);
  EXPECT_OK(admin_->Execute("BEGIN"));
  EXPECT_OK(storage::SequenceEvents(*admin_, 1000).status());
  EXPECT_OK(admin_->Execute("COMMIT"));
  storage::SnapshotCursor cursor{.kind = storage::SnapshotCursor::Kind::kCustomers};
  std::vector<size_t> customers, rows;
  while (cursor.kind != storage::SnapshotCursor::Kind::kDone) {
    const auto part = storage::LoadSnapshotPart(*admin_, {}, model::Event(), cursor);
    EXPECT_OK(part.status());
    if (!part.ok()) break;
    rows.push_back(part->size());
    customers.push_back(static_cast<size_t>(std::count_if(
        part->begin(), part->end(), [](const auto& row) { return row.row_table == model::Customer::kTable; })));
  }
  EXPECT_THAT(customers, ElementsAre(2, 2));
  EXPECT_THAT(rows, ElementsAre(2 + 2 + 4000, 2 + 3000));
}

// The others of its batch neither wait for one who has very much nor make it more.
TEST_F(LargeCustomersTest, ABatchLoadsNoMoreThanOneTransactionMay) {
  AddCustomers(4);
  EXPECT_OK(Run(AssignService("customer-1")).status());
  AddLicenses("customer-2", 5'000);
  AddLicenses("customer-3", 10'500);  // alone more than what may be loaded with others
  const auto one = NewWriteEngine({.workers = 1});
  WriteToAll(*one, "one");
  EXPECT_EQ(one->stats().set_aside_total, 1) << "the largest one comes alone";
  AddLicenses("customer-1", 5'500);
  WriteToAll(*one, "two");
  EXPECT_GE(one->stats().set_aside_total, 3) << "two of them, and one maybe twice";
  EXPECT_THAT(Texts("SELECT note FROM customers"), ElementsAre("two", "two", "two", "two"));
  EXPECT_THAT(Violations(), IsEmpty());
}

// What is due to the others of its pools is stored before, as many rows at once as one transaction may take.
TEST_F(LargeCustomersTest, SoDoesWhoStoresWhatIsDueToOthers) {
  AddCustomers(5);
  AddPool(kService, 100);
  const auto take = [this](const std::string& id) { return Run(Assign(id, "cas-quarterly", {{kService, 1}})); };
  for (int i = 1; i <= 4; ++i) EXPECT_THAT(take(absl::StrCat("customer-", i)), IsOk());
  AddLicenses("customer-2", 6'000);
  AddLicenses("customer-3", 6'000);
  SetNow(absl::FromCivil(absl::CivilSecond(2026, 6, 15, 12), absl::UTCTimeZone()));
  const int64_t commits = ServerStatus("Com_commit");
  EXPECT_THAT(take("customer-5"), IsOk());
  EXPECT_GE(ServerStatus("Com_commit") - commits, 2);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM events WHERE kind = 'LICENSE_ENDED' AND row_table = 'licenses'"), 4);
  EXPECT_THAT(Violations(), IsEmpty());
}

// A thousand checks may be of customers that have very much.
TEST_F(LargeCustomersTest, ChecksReadSoManyLicensesOrAreRefused) {
  AddCustomers(2);
  for (const char* id : {"customer-1", "customer-2"}) EXPECT_OK(Run(AssignService(id)).status());
  const auto columns = Texts(
      "SELECT GROUP_CONCAT(column_name) FROM information_schema.columns WHERE table_schema = DATABASE() AND "
      "table_name = 'licenses' AND extra NOT LIKE '%GENERATED%' AND column_name NOT IN ('license_id', "
      "'activation_code', 'product_kind')");
  for (int64_t count = 1; count <= storage::kMaxLicensesOfChecks; count *= 2) {
    // Of another kind than the product, as there may be but one of a service.
    EXPECT_OK(admin_->Execute(absl::StrCat("INSERT INTO licenses (license_id, product_kind, ", columns.at(0),
                                           ") SELECT UUID(), 'SUITE', ", columns.at(0),
                                           " FROM licenses WHERE customer_id = 'customer-1'")));
  }
  v1::BatchCheckLicensesRequest request;
  const auto add = [&](const char* customer) {
    v1::CheckLicenseRequest* check = request.add_requests();
    check->set_customer(absl::StrCat("customers/", customer));
    check->set_product(domain::ProductName(kService));
  };
  add("customer-2");
  EXPECT_THAT(Ask<v1::BatchCheckLicensesResponse>(request), IsOk());
  add("customer-1");
  EXPECT_EQ(domain::RefusalOf(Ask<v1::BatchCheckLicensesResponse>(request).status()).reason,
            domain::reason::kAnswerTooLarge);
}

}  // namespace
}  // namespace lmp::engine
